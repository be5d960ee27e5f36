"""What is broken, too big, forged or sent twice gets a clear answer from the running server, and leaves nothing half done."""

import http.client
import json
import os
import re
import urllib.parse
import uuid
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.e2e import letters, people, talk
from tests.e2e.product import HOME, Site

MAILS = HOME / "tests" / "mail"
SUPPORT = "support@marlotte-finch.example"
TICKET = {"subject": "A lamp", "body": "It is broken.", "requester": {"name": "Ann", "email": "ann@reader.example"}}


def _ask(
    site: Site, method: str, path: str, body: bytes | None = None, kind: str = "application/json", **headers: str
) -> tuple[int, str, Any]:
    """A call with exactly these bytes; returns status, content type and content."""
    address = urllib.parse.urlsplit(site.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    given = {"Authorization": f"Token {talk.token(site, 'alice')}", "Content-Type": kind, **headers}
    try:
        connection.request(method, f"/api/v1/{path}", body, {name: value for name, value in given.items() if value})
        answer = connection.getresponse()
        content = answer.read()
        found = answer.headers.get_content_type()
        return answer.status, found, json.loads(content) if found.endswith("json") else content
    finally:
        connection.close()


def _refused(answer: tuple[int, str, Any], status: int, field: str | None = None) -> dict[str, Any]:
    assert answer[:2] == (status, "application/problem+json"), answer
    problem: dict[str, Any] = answer[2]
    assert set(problem) >= {"code", "title", "detail", "fields"}
    assert problem["code"]
    assert problem["title"]
    if field:
        assert field in problem["fields"], problem
        assert all(problem["fields"][field])
    return problem


def _tickets(site: Site) -> int:
    """The highest ticket number: unchanged means that nothing was made."""
    newest = talk.call("GET", f"{site.url}/api/v1/tickets/?ordering=-created", token=talk.token(site, "admin"))
    return int(newest.content["results"][0]["id"])


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        pytest.param(b"{", 400, None, id="bad JSON"),
        pytest.param(b"", 400, "subject", id="nothing"),
        pytest.param(b"[]", 400, None, id="a list"),
        pytest.param(b'"words"', 400, None, id="a string"),
        pytest.param(b'{"subject": "\xff\xfe"}', 400, None, id="broken UTF-8"),
        pytest.param(json.dumps(TICKET | {"queue": "nowhere"}).encode(), 400, "queue", id="unknown queue"),
        pytest.param(json.dumps(TICKET | {"subject": ""}).encode(), 400, "subject", id="empty subject"),
        pytest.param(json.dumps(TICKET | {"body": "  \n "}).encode(), 400, "body", id="empty body"),
        pytest.param(json.dumps(TICKET | {"body": "x" * 100_001}).encode(), 400, "body", id="oversized body"),
        pytest.param(json.dumps(TICKET | {"subject": "x" * 5_000}).encode(), 400, "subject", id="oversized subject"),
        pytest.param(json.dumps(TICKET | {"requester": {}}).encode(), 400, "requester", id="nobody"),
        pytest.param(json.dumps(TICKET | {"requester": "Ann"}).encode(), 400, "requester", id="a bare name"),
        pytest.param(
            json.dumps(TICKET | {"requester": {"email": "not an address"}}).encode(), 400, "requester", id="no address"
        ),
        pytest.param(json.dumps(TICKET | {"kind": "riddle"}).encode(), 400, "kind", id="unknown kind"),
        pytest.param(json.dumps(TICKET | {"priority": 9}).encode(), 400, "priority", id="unknown priority"),
        pytest.param(json.dumps(TICKET | {"origin_id": "again"}).encode(), 400, "origin_id", id="origin_id no UUID"),
    ],
)
def test_a_bad_ticket_is_refused_by_field_and_nothing_is_stored(
    body: bytes, status: int, field: str | None, site: Site
) -> None:
    before = _tickets(site)
    _refused(_ask(site, "POST", "tickets/", body), status, field)
    assert _tickets(site) == before


def test_refusals_speak_the_callers_language(site: Site) -> None:
    wrong = json.dumps(TICKET | {"queue": "nulle-part"}).encode()
    english = _refused(_ask(site, "POST", "tickets/", wrong, **{"Accept-Language": "en"}), 400, "queue")
    french = _refused(_ask(site, "POST", "tickets/", wrong, **{"Accept-Language": "fr"}), 400, "queue")
    assert english["fields"]["queue"] == ["Unknown queue: nulle-part"]
    assert french["fields"]["queue"] != english["fields"]["queue"]
    assert "nulle-part" in french["fields"]["queue"][0]


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("", 401), ("Token wrong", 401), ("Token \xff", 401), ("Session wrong", 401), ("Bearer x y z", 401)],
)
def test_a_wrong_token_opens_nothing(authorization: str, status: int, site: Site) -> None:
    _refused(_ask(site, "GET", "tickets/", Authorization=authorization), status)


def test_the_same_call_twice_is_one_ticket_and_other_content_under_its_id_a_conflict(site: Site) -> None:
    before, body = _tickets(site), TICKET | {"origin_id": str(uuid.uuid4())}
    first = _ask(site, "POST", "tickets/", json.dumps(body).encode())
    again = _ask(site, "POST", "tickets/", json.dumps(body).encode())
    assert (first[0], again[0]) == (201, 200)
    assert first[2]["id"] == again[2]["id"]
    _refused(_ask(site, "POST", "tickets/", json.dumps(body | {"body": "Another."}).encode()), 409)
    made = talk.call("GET", f"{site.url}/api/v1/tickets/?ordering=-created", token=talk.token(site, "admin"))
    assert [row["id"] for row in made.content["results"] if row["id"] > before] == [first[2]["id"]]


def test_a_file_of_30_mb_is_refused_and_no_byte_of_it_stays(site: Site) -> None:
    stored = _files(site)
    name = uuid.uuid4().hex
    body = (
        f'--{name}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    ).encode()
    body += os.urandom(1024) * 30 * 1024 + f"\r\n--{name}--\r\n".encode()
    status, kind, content = _ask(site, "POST", "attachments/", body, f"multipart/form-data; boundary={name}")
    assert status in (400, 413), content
    if site.url == site.webs[0]:
        _refused((status, kind, content), status, "file")
    assert _files(site) == stored


def test_a_form_in_broken_utf_8_comes_back_with_its_words(site: Site) -> None:
    """The customer's form: what could not be read is marked, what was typed is still there, nothing is stored."""
    before = _tickets(site)
    address = urllib.parse.urlsplit(site.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    connection.request("GET", "/en/contact/request/")
    page = connection.getresponse()
    token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', page.read())
    assert token
    cookie = page.headers["Set-Cookie"].split(";")[0]
    body = b"csrfmiddlewaretoken=" + token[1] + b"&subject=My+lamp&body=It+is+%FF%FE+broken&email=ann%40reader.example"
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Referer": f"{site.url}/"}
    connection.request("POST", "/en/contact/request/", body, headers)
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    assert answer.status == 400
    assert "My lamp" in content
    assert "It is \ufffd\ufffd broken" in content
    assert 'aria-invalid="true"' in content
    assert _tickets(site) == before


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("no_headers.eml", {"ticket", "quarantined"}),
        ("unknown_charset.eml", {"ticket"}),
        ("hostile_charset.eml", {"ticket"}),
        ("malformed_message_id.eml", {"ticket"}),
        ("wrong_utf8.eml", {"ticket"}),
        ("broken_multipart.eml", {"ticket"}),
        ("latin1_undeclared.eml", {"ticket"}),
    ],
)
def test_a_broken_mail_becomes_a_ticket_or_waits_with_its_reason(name: str, outcomes: set[str], site: Site) -> None:
    told = letters.pipe(site, (MAILS / name).read_bytes(), SUPPORT)
    assert told["outcome"] in outcomes | {"duplicate"}, told
    if told["outcome"] == "quarantined":
        assert told["reason"]
        held = talk.call("GET", f"{site.url}/api/v1/quarantine/", token=talk.token(site, "admin"))
        assert told["reason"] in [row["reason"] for row in held.content["results"]]
    else:
        found = talk.call("GET", f"{site.url}/api/v1/tickets/?q={told['ticket']}", token=talk.token(site, "admin"))
        row = next(row for row in found.content["results"] if row["number"] == told["ticket"])
        said = talk.call(
            "GET", f"{site.url}/api/v1/tickets/{row['id']}/messages/", token=talk.token(site, "admin")
        ).content["results"]
        assert said[0]["body"].strip()


def test_nothing_and_an_empty_mail_are_kept_with_a_reason(site: Site) -> None:
    for raw in (b"", b"\r\n", b"\x00\xff" * 50):
        told = letters.pipe(site, raw + os.urandom(4).hex().encode() if raw else raw, SUPPORT)
        assert told["outcome"] in {"ticket", "quarantined", "duplicate"}, told


def test_the_same_mail_twice_is_one_message(site: Site) -> None:
    raw = letters.write("Ann <ann@reader.example>", SUPPORT, "Twice", "The very same.")
    one, two = letters.pipe(site, raw, SUPPORT), letters.pipe(site, raw, SUPPORT)
    assert (one["outcome"], two["outcome"]) == ("ticket", "duplicate")
    assert (two["ticket"], two["seq"]) == (one["ticket"], 1)


def test_a_mail_with_30_mb_keeps_its_words_and_says_what_is_missing(site: Site) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <ann@reader.example>", SUPPORT, "A film of the lamp"
    message["Message-ID"] = f"<{uuid.uuid4()}@mailer.example>"
    message.set_content("See how it flickers.")
    message.add_attachment(os.urandom(1024) * 22 * 1024, maintype="video", subtype="mp4", filename="film.mp4")
    raw = message.as_bytes()
    assert len(raw) > 30_000_000
    told = letters.pipe(site, raw, SUPPORT)
    assert told["outcome"] in {"ticket", "quarantined"}, told
    if told["outcome"] == "quarantined":
        assert told["reason"]


def test_wrong_calls_of_receive_mail_answer_as_mail_servers_expect(site: Site) -> None:
    assert site.manage("receive_mail", text=b"Subject: x\n\nx").returncode == 64
    assert (
        site.manage("receive_mail", "--mailbox", "nobody@elsewhere.example", text=b"Subject: x\n\nx").returncode == 67
    )


@pytest.mark.parametrize("frame", ["{", "[]", "null", '"hello"', "{}", '{"type": 7}', '{"type": "surprise"}', "\x00"])
def test_a_frame_that_is_none_gets_one_error_and_the_line_stays(frame: str, site: Site) -> None:
    with talk.visitor(site, talk.start_chat(site)) as visitor:
        visitor._connection.send(frame)
        assert visitor.wait(type="error")["code"]
        assert visitor.say("Still here.")["seq"] == 1


def test_who_sends_nothing_but_rubbish_is_shown_the_door(site: Site) -> None:
    with talk.agent(site, "alice") as agent:
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(500):
                agent._connection.send("{")
            while True:
                agent._connection.recv(timeout=10)
        assert closed.value.rcvd
        assert closed.value.rcvd.code in (4400, 4429)


def test_after_all_that_everything_that_must_hold_holds(site: Site) -> None:
    people.check(site)
    assert '"status": 500' not in site.log.read_text()
    assert "Internal Server Error" not in site.log.read_text()


def _files(site: Site) -> list[str]:
    return sorted(str(path) for path in Path(site.var / "files").rglob("*") if path.is_file())
