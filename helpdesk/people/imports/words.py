"""What is wrong with a row or a file, and what to do about it, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from helpdesk.people.imports import files


def fault(stored: Mapping[str, Any]) -> str:
    """A stored fault of a row in words."""
    words = {
        "bad_email": _("“%(value)s” is no e-mail address. Write it like name@example.com, or leave the cell empty."),
        "bad_phone": _("“%(value)s” is no phone number. Write it with its country code, like +33 1 23 45 67 89."),
        "bad_locale": _("“%(value)s” is no language. Write its code, like fr or en."),
        "bad_domain": _("“%(value)s” is no domain name. Write it like example.com."),
        "too_long": _("The text is longer than %(limit)s characters. Shorten it."),
        "mangled": _(
            "A spreadsheet has shortened this number: “%(value)s”. Format the column as text and save the file again."
        ),
        "no_key": _("Nothing here tells who this is. Give an external id, an e-mail address or a phone number."),
        "no_name": _("An organisation needs a name."),
        "name_taken": _("“%(value)s” is the name of another organisation already. Give the same external id to both."),
        "no_id": _("An interaction needs an external id: by it, it is found again."),
        "no_customer": _("No customer has this external id, address or number. Import the customers first."),
        "no_date": _("Give the date on which it happened."),
        "bad_date": _("“%(value)s” is no date. Write it like 2026-01-31 09:30 or 31/01/2026."),
        "bad_kind": _(
            "“%(value)s” is no kind. Write request, email, call, chat, visit, order, letter, fax, sms or other."
        ),
        "no_ticket_id": _("A request needs an external id of at most 100 characters: by it, it is found again."),
        "no_queue": _("There is no queue “%(value)s”. Write the name of one, or leave the cell empty."),
        "no_agent": _("No agent has the address “%(value)s”. Leave the cell empty: then it is nobody’s."),
        "no_subject": _("Give a subject or the text of the first message."),
        "no_requester": _("Say who asked: an external id, an e-mail address, a phone number or at least a name."),
        "bad_status": _("“%(value)s” is no status. Write new, open, pending, hold, solved or closed."),
        "bad_priority": _("“%(value)s” is no priority. Write low, normal, high or urgent."),
        "bad_ticket_kind": _("“%(value)s” is no kind. Write information, complaint or assistance."),
        "bad_channel": _("“%(value)s” is no channel. Write web, email, phone, chat, letter, sms, fax or shop."),
        "not_past": _("“%(value)s” is no moment of the past. Is the date written day first?"),
        "before_start": _("It cannot be solved before it was made."),
        "gone_here": _("This request was made here and is no longer there. Give it another external id."),
        "lives_here": _("This request was made here: change it at the desk, not by a file."),
        "worked_on": _("Somebody has worked on this request here: a file no longer changes it."),
        "ticket_used": _("Kept: somebody has worked on this request here."),
        "unknown_record": _("This record is no organisation, user, ticket or message of this product: it is left out."),
        "record_twice": _("This record stands in the file twice; the first one is taken."),
        "agent_unknown": _("No agent here has this address: what was his becomes nobody’s."),
        "no_requester_there": _("Whoever asked is no record of the file. Export the users too."),
        "no_messages": _("No message of this ticket is in the file. Export the messages too."),
        "too_many_messages": _("This ticket has more than 2,000 messages."),
        "no_ticket_there": _("The ticket of this message is not in the file, or is not taken."),
        "bad_foreign_status": _("This state has no counterpart here."),
        "twice": _("The same one is in row %(row)s already. Keep only one of the two rows."),
        "unexpected": _(
            "This row could not be taken in. Import the file again; if it stays so, tell your administrator."
        ),
        "in_use": _("Kept: there are requests or chats of this customer by now."),
        "merged": _("Kept: this customer was merged with another one since."),
        "changed_since": _("Kept as it is: somebody changed it since."),
        "org_in_use": _("Kept: customers belong to this organisation by now."),
        "gone": _("There is nothing left to take back."),
    }
    return words.get(str(stored["code"]), str(stored["code"])) % {"value": "", "limit": "", "row": "", **stored}


def problem(code: str) -> str:
    """Why a file could not be read, or an import not ended."""
    words = {
        "empty": _("The file is empty."),
        "no_rows": _("The file has a header but no rows below it."),
        "no_table": _("This is no table we can read. Save it as CSV or as an Excel workbook (.xlsx)."),
        "old_excel": _("This is a workbook of an old Excel (.xls). Open it and save it as .xlsx or CSV."),
        "too_wide": _("The table has more than %(columns)s columns. Is the separator right?"),
        "too_large": _("Unpacked, this workbook is too large. Save it as CSV, or split it."),
        "too_many": _("The file has more than %(rows)s rows. Split it."),
        "broken": _("The table breaks off in the middle: a quotation mark is opened and not closed."),
        "encoding": _("This encoding is not known."),
        "no_export": _(
            "No records of Zammad or Zendesk are in this file. Send their own JSON, one file or a ZIP of several."
        ),
        "two_products": _("This file holds records of Zammad and of Zendesk. Send them apart."),
        "broken_json": _("The JSON breaks off in the middle or is malformed."),
        "broken_zip": _("This ZIP cannot be unpacked. Is it encrypted or cut off?"),
        "too_deep": _("The JSON is nested deeper than any export is."),
        "record_too_large": _("A single record of the JSON is larger than 8 MB."),
        "too_large_json": _("Unpacked, this ZIP is larger than 150 MB or holds more than 2,000 files. Split it."),
        "lost": _("The file is no longer stored. Send it again."),
        "unexpected": _("Something went wrong on our side. What was taken in until then can be taken back."),
    }
    limits = {"columns": files.MAX_COLUMNS, "rows": settings.IMPORT_MAX_ROWS}
    return words.get(code, code) % limits
