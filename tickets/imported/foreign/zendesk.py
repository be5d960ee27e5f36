"""Zendesk's records as its API and its JSON export give them: comments apart or within their ticket."""

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

NAME = "zendesk"
_STATUS = {name: name for name in ("new", "open", "pending", "hold", "solved", "closed")}
_PRIORITY = {"low": Priority.LOW, "high": Priority.HIGH, "urgent": Priority.URGENT}
_KIND = {"question": "information", "incident": "assistance", "problem": "assistance"}
_CHANNELS = {
    "email": "email", "web": "web", "api": "api", "voice": "phone", "phone": "phone", "chat": "chat", "sms": "sms",
    "native_messaging": "chat", "messaging": "chat", "mobile_sdk": "chat",
}  # fmt: skip


def kind_of(one: Record) -> str:
    """What a record is; '' when it is none of Zendesk's."""
    if "author_id" in one and "public" in one and ("body" in one or "html_body" in one):
        return "message"
    if "subject" in one and "status" in one and ("requester_id" in one or isinstance(one.get("requester"), dict)):
        return "ticket"
    if "name" in one and "domain_names" in one:
        return "organization"
    if "name" in one and "role" in one and "email" in one:
        return "user"
    return "group" if "name" in one and "is_public" in one else ""


def group_of(one: Record, names: Names) -> str:
    """The group of a ticket by its name, else by its id."""
    return word(_in(one, "group").get("name")) or names("group", one.get("group_id")) or word(one.get("group_id"))


def organization(one: Record) -> dict[str, str]:
    """As a row of organisations says it."""
    return {"name": word(one.get("name")), "domains": ";".join(word(name) for name in some(one.get("domain_names")))}


def person(one: Record, names: Names) -> Person:
    organization_ = word(_in(one, "organization").get("name")) or names("organization", one.get("organization_id"))
    return Person(
        origin=word(one.get("id")),
        name=word(one.get("name")),
        email=word(one.get("email"), 320).lower(),
        is_agent=word(one.get("role")) in ("agent", "admin"),
        phones=[phone] if (phone := word(one.get("phone"))) else [],
        organization=organization_,
        locale=word(one.get("locale"), 10),
        note="\n".join(part for name in ("details", "notes") if (part := bodies(one.get(name), "")[0])),
    )


def request(one: Record, names: Names) -> Request:
    """A ticket. Raises Refused."""
    status = _STATUS.get(word(one.get("status")))
    if status is None:
        raise Refused("bad_foreign_status", one.get("status"))
    created = sure(one.get("created_at"))
    ended = _in(one, "metric_set").get("solved_at") or (
        one.get("updated_at") if status in ("solved", "closed") else None
    )
    channel = _CHANNELS.get(word(_in(one, "via").get("channel")), "web")
    found = Request(
        origin=word(one.get("id")),
        subject=word(one.get("raw_subject")) or word(one.get("subject")),
        status=status,
        priority=_PRIORITY.get(word(one.get("priority")), Priority.NORMAL),
        created_at=created,
        group=group_of(one, names),
        requester=word(one.get("requester_id")) or word(_in(one, "requester").get("id")),
        assignee=word(one.get("assignee_id")) or word(_in(one, "assignee").get("id")),
        channel=channel,
        kind=_KIND.get(word(one.get("type"))),
        solved_at=moment(ended, needed=False),
        tags=[word(tag, 50).lower() for tag in some(one.get("tags")) if word(tag)],
    )
    for field in ("requester", "assignee", "submitter"):
        if told := _in(one, field):
            known = person({**told, "role": told.get("role") or ("agent" if field == "assignee" else "")}, names)
            found.people.setdefault(known.origin, known)
    found.lines = [line(comment) for comment in records(one.get("comments"))]
    if not found.lines and (body := bodies(one.get("description"), "")[0]):
        # Its first comment, where none are told
        found.lines = [Line("", body, created, found.requester, is_public=True, channel=channel)]
    return found


def ticket_of(one: Record) -> str:
    """The ticket of a comment: an answer of the API names it in its address alone."""
    return word(one.get("ticket_id"))


def line(one: Record) -> Line:
    """A comment. Raises Refused."""
    body, html = bodies(one.get("plain_body") or one.get("body"), one.get("html_body"))
    return Line(
        origin=word(one.get("id")),
        body=body,
        html=html,
        at=sure(one.get("created_at")),
        author=word(one.get("author_id")),
        is_public=one.get("public") is True,
        channel=_CHANNELS.get(word(_in(one, "via").get("channel")), "web"),
        files=[_file(file) for file in records(one.get("attachments"))],
    )


def _file(one: Record) -> File:
    size: Any = one.get("size")
    name = word(one.get("file_name")) or "file"
    return File(name, int(size) if str(size).isdigit() and len(str(size)) < 16 else 0)


def _in(one: Record, name: str) -> Record:
    found = one.get(name)
    return found if isinstance(found, dict) else {}
