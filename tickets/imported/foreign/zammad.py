"""Zammad's records as its REST API gives them, with ids alone or with names beside them (`expand=true`)."""

from typing import Any

from tickets.imported.foreign.shapes import (
    File,
    Line,
    Names,
    Person,
    Record,
    Refused,
    Request,
    bodies,
    moment,
    records,
    some,
    sure,
    word,
)
from tickets.models.ticket import Priority

NAME = "zammad"
# Of a new installation; a file that holds `ticket_states` and `ticket_priorities` says them itself
_STATES = {"1": "new", "2": "open", "3": "pending reminder", "4": "closed", "5": "merged"}
_PRIORITIES = {"1": "1 low", "2": "2 normal", "3": "3 high"}
_STATUS = {
    "new": "new", "open": "open", "pending reminder": "pending", "pending close": "pending", "closed": "closed",
    "merged": "closed",
}  # fmt: skip
_TYPES = {"1": "email", "2": "sms", "3": "chat", "4": "fax", "5": "phone", "11": "web"}
_CHANNELS = {"email": "email", "sms": "sms", "chat": "chat", "fax": "fax", "phone": "phone", "web": "web"}
_SENDERS = {"1": "agent", "2": "customer", "3": "system"}


def kind_of(one: Record) -> str:
    """What a record is; '' when it is none of Zammad's."""
    if "ticket_id" in one and "body" in one and ("content_type" in one or "sender_id" in one or "internal" in one):
        return "message"
    if "title" in one and ("group_id" in one or "group" in one) and ("customer_id" in one or "customer" in one):
        return "ticket"
    if "login" in one or ("firstname" in one and "lastname" in one):
        return "user"
    if "name" in one and "domain_assignment" in one:
        return "organization"
    if "name" in one and ("follow_up_possible" in one or "assignment_timeout" in one or "email_address_id" in one):
        return "group"
    if "name" in one and "state_type_id" in one:
        return "state"
    return "priority" if "name" in one and ("ui_color" in one or "ui_icon" in one) else ""


def group_of(one: Record, names: Names) -> str:
    """The group of a ticket by its name, else by its id."""
    return word(one.get("group")) or names("group", one.get("group_id")) or word(one.get("group_id"))


def organization(one: Record) -> dict[str, str]:
    """As a row of organisations says it."""
    return {"name": word(one.get("name")), "domains": word(one.get("domain"))}


def person(one: Record, names: Names) -> Person:
    roles = {word(role).lower() for role in some(one.get("roles"))} or {
        {"1": "admin", "2": "agent"}.get(word(role), "customer") for role in some(one.get("role_ids"))
    }
    name = " ".join(part for part in (word(one.get("firstname")), word(one.get("lastname"))) if part)
    return Person(
        origin=word(one.get("id")),
        name=name,
        email=word(one.get("email"), 320).lower(),
        is_agent=bool(roles & {"agent", "admin"}),
        phones=[phone for field in ("phone", "mobile") if (phone := word(one.get(field)))],
        organization=word(one.get("organization")) or names("organization", one.get("organization_id")),
        note=bodies("", one.get("note"))[0],
    )


def request(one: Record, names: Names) -> Request:
    """A ticket. Raises Refused."""
    state = word(one.get("state")) or names("state", one.get("state_id")) or _STATES.get(word(one.get("state_id")), "")
    if state not in _STATUS:
        raise Refused("bad_foreign_status", state or one.get("state_id"))
    number = word(one.get("priority_id"))
    priority = word(one.get("priority")) or names("priority", number) or _PRIORITIES.get(number, "2 normal")
    type_ = word(one.get("create_article_type")) or _TYPES.get(word(one.get("create_article_type_id")), "")
    closed = moment(one.get("close_at"), needed=False)
    found = Request(
        origin=word(one.get("id")),
        subject=word(one.get("title")),
        status=_STATUS[state],
        priority={"1": Priority.LOW, "3": Priority.HIGH, "4": Priority.URGENT}.get(priority[:1], Priority.NORMAL),
        created_at=sure(one.get("created_at")),
        group=group_of(one, names),
        requester=word(one.get("customer_id")),
        assignee=word(one.get("owner_id")) if word(one.get("owner_id")) != "1" else "",
        channel=_CHANNELS.get(type_, ""),
        solved_at=closed,
        closed_at=closed,
        tags=[word(tag, 50).lower() for tag in some(one.get("tags")) if word(tag)],
    )
    for field, number_ in (("customer", found.requester), ("owner", found.assignee)):
        email = word(one.get(field), 320).lower()
        if "@" in email and number_:
            found.people[number_] = Person(number_, "", email, is_agent=field == "owner")
    found.lines = [line(article) for article in records(one.get("articles"))]
    return found


def ticket_of(one: Record) -> str:
    """The ticket of an article."""
    return word(one.get("ticket_id"))


def line(one: Record) -> Line:
    """An article. Raises Refused."""
    sender = word(one.get("sender")).lower() or _SENDERS.get(word(one.get("sender_id")), "")
    type_ = word(one.get("type")).lower() or _TYPES.get(word(one.get("type_id")), "")
    is_html = word(one.get("content_type")).startswith("text/html")
    body, html = bodies("", one.get("body")) if is_html else bodies(one.get("body"), "")
    return Line(
        origin=word(one.get("id")),
        body=body,
        html=html,
        at=sure(one.get("created_at")),
        author=word(one.get("origin_by_id")) or word(one.get("created_by_id")),
        is_public=one.get("internal") is not True,
        channel=_CHANNELS.get(type_, "web"),
        author_name=word(one.get("from")),
        is_agent={"agent": True, "customer": False}.get(sender),
        files=[_file(file) for file in records(one.get("attachments"))],
    )


def _file(one: Record) -> File:
    size: Any = one.get("size")
    data: Any = one.get("data")
    return File(
        name=word(one.get("filename")) or "file",
        size=int(size) if str(size).isdigit() and len(str(size)) < 16 else 0,
        data=data if isinstance(data, str) else "",
    )
