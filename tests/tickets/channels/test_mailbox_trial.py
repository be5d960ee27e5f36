""" "Test the connection" against real servers: each way in which a set-up can be wrong is told apart, and nothing is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpdesk.people.models import User
from tests import servers
from tests.certificates import DAY, Authority, Pair
from tests.conftest import Api
from tests.servers import Imap, SmtpSink
from tickets.models import Mailbox, Queue

pytestmark = pytest.mark.django_db
URL = "/api/v1/mailboxes/test/"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def good(authority: Authority) -> Pair:
    return authority.issue("good", "localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def secure_imap(good: Pair) -> Iterator[Imap]:
    with servers.dovecot(tls=good) as server:
        yield server


@pytest.fixture
def trusted(settings: Any, authority: Authority) -> None:
    settings.MAIL_NETWORKS, settings.MAIL_CA_FILE = ["127.0.0.0/8"], str(authority.file)


def steps(answer: Any) -> list[tuple[str, str, bool, str]]:
    assert answer.status_code == 200, answer.content
    return [(step["of"], step["step"], step["ok"], step["code"]) for step in answer.json()["steps"]]


def imap_of(server: Imap, **changed: Any) -> dict[str, Any]:
    given = {
        "host": "localhost",
        "port": server.tls_port,
        "security": "ssl",
        "user": server.user,
        "secret": server.password,
    }
    return {"imap": {**given, **changed}}


def smtp_of(sink: SmtpSink, **changed: Any) -> dict[str, Any]:
    given = {"host": "localhost", "port": sink.port, "security": "ssl", "user": sink.user, "secret": sink.password}
    return {"address": "support@acme.example", "smtp": {**given, **changed}}


IN = [("smtp", "installation", True, "")]


def test_a_good_imap_server_passes_every_step(trusted: None, api: Api, ada: User, secure_imap: Imap) -> None:
    answer = api(ada).post(URL, imap_of(secure_imap), format="json")
    passed = [("imap", step, True, "") for step in ("name", "connect", "tls", "login", "folder", "done_folder")]
    assert steps(answer) == [*passed, *IN]
    assert answer.json()["ok"] is True
    by_starttls = imap_of(secure_imap, port=secure_imap.port, security="starttls")
    assert steps(api(ada).post(URL, by_starttls, format="json")) == [*passed, *IN]
    assert Mailbox.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "step", "code"),
    [
        ({"secret": "wrong"}, "login", "login_refused"),
        ({"user": ""}, "login", "login_missing"),
        ({"folder": "Nowhere"}, "folder", "folder_missing"),
        ({"host": "nowhere.invalid"}, "name", "name_not_found"),
        ({"port": 1}, "connect", "refused"),
        ({"host": "169.254.169.254"}, "name", "private_address"),
        ({"host": "10.1.2.3"}, "name", "private_address"),
        ({"host": "[::ffff:169.254.169.254]"}, "name", "private_address"),
    ],
)
def test_what_is_wrong_with_imap_is_named(
    trusted: None, api: Api, ada: User, secure_imap: Imap, changed: dict[str, Any], step: str, code: str
) -> None:
    answer = api(ada).post(URL, imap_of(secure_imap, **changed), format="json")
    assert steps(answer)[-2:] == [("imap", step, False, code), *IN] or steps(answer)[0] == ("imap", step, False, code)
    failed = next(entry for entry in answer.json()["steps"] if not entry["ok"])
    assert (failed["step"], failed["code"]) == (step, code)
    french = api(ada).post(URL, imap_of(secure_imap, **changed), format="json", headers={"accept-language": "fr"})
    words = next(entry["text"] for entry in french.json()["steps"] if not entry["ok"])
    assert words not in ("", failed["text"])


def test_certificates_that_prove_nothing_are_refused_before_a_password_is_sent(
    settings: Any, api: Api, ada: User, authority: Authority, secure_imap: Imap, tmp_path: Path
) -> None:
    settings.MAIL_NETWORKS = ["127.0.0.0/8"]
    answer = api(ada).post(URL, imap_of(secure_imap), format="json")
    assert steps(answer)[1] == ("imap", "tls", False, "certificate_untrusted")
    settings.MAIL_CA_FILE = str(authority.file)
    expired = authority.issue("expired", "localhost", ends=-DAY)
    with servers.dovecot(tls=expired) as server:
        answer = api(ada).post(URL, imap_of(server), format="json")
        assert steps(answer)[1] == ("imap", "tls", False, "certificate_expired")
        answer = api(ada).post(URL, imap_of(server, port=server.port, security="starttls"), format="json")
        assert steps(answer)[2] == ("imap", "tls", False, "certificate_expired")
    with servers.dovecot(tls=authority.issue("elsewhere", "mail.example")) as server:
        answer = api(ada).post(URL, imap_of(server), format="json")
        assert steps(answer)[1] == ("imap", "tls", False, "certificate_wrong_name")


def test_a_server_that_offers_no_encryption_or_is_no_mail_server_is_said_so(
    trusted: None, api: Api, ada: User, imap: Imap
) -> None:
    plain = {"host": "localhost", "port": imap.port, "user": imap.user, "secret": imap.password}
    answer = api(ada).post(URL, {"imap": {**plain, "security": "starttls"}}, format="json")
    assert steps(answer)[-2] == ("imap", "tls", False, "no_starttls")
    answer = api(ada).post(URL, {"imap": {**plain, "security": "ssl"}}, format="json")
    assert steps(answer)[-2] == ("imap", "tls", False, "tls_failed")
    with servers.smtp() as sink:
        answer = api(ada).post(URL, {"imap": {**plain, "port": sink.port, "security": "none"}}, format="json")
    assert [entry for entry in steps(answer) if not entry[2]] == [("imap", "connect", False, "not_a_mail_server")]


def test_a_good_smtp_server_passes_and_gets_no_mail_unless_asked(
    trusted: None, api: Api, ada: User, good: Pair
) -> None:
    passed = [("smtp", step, True, "") for step in ("name", "connect", "tls", "login", "sender")]
    with servers.smtp(tls=good, user="support", password="smtp-secret") as sink:
        assert steps(api(ada).post(URL, smtp_of(sink), format="json")) == passed
        assert sink.messages == []
        answer = api(ada).post(URL, {**smtp_of(sink), "send_to": "ada@acme.example"}, format="json")
        assert steps(answer) == [*passed, ("smtp", "sent", True, "")]
        assert sink.recipients == [["ada@acme.example"]]
    with servers.smtp(starttls=good, user="support", password="smtp-secret") as sink:
        assert steps(api(ada).post(URL, smtp_of(sink, security="starttls"), format="json")) == passed


def test_what_is_wrong_with_smtp_is_named(trusted: None, settings: Any, api: Api, ada: User, good: Pair) -> None:
    def last(given: dict[str, Any]) -> tuple[str, str, bool, str]:
        return steps(api(ada).post(URL, given, format="json"))[-1]

    with servers.smtp(tls=good, user="support", password="smtp-secret") as sink:
        assert last(smtp_of(sink, secret="wrong")) == ("smtp", "login", False, "login_refused")
        assert last(smtp_of(sink, host="127.0.0.2")) == ("smtp", "connect", False, "refused")
        sink.refuse_from = "550 5.1.8 not one of ours"
        assert last(smtp_of(sink)) == ("smtp", "sender", False, "sender_refused")
        settings.MAIL_CA_FILE = ""
        assert last(smtp_of(sink)) == ("smtp", "tls", False, "certificate_untrusted")
        settings.MAIL_NETWORKS = []
        assert last(smtp_of(sink)) == ("smtp", "name", False, "private_address")
        assert sink.messages == []
    with servers.smtp() as sink:
        settings.MAIL_NETWORKS = ["127.0.0.0/8"]
        assert last(smtp_of(sink, security="starttls", user="x", secret="y")) == ("smtp", "tls", False, "no_starttls")


def test_a_stored_secret_goes_to_no_other_server(
    trusted: None, api: Api, ada: User, billing: Queue, secure_imap: Imap
) -> None:
    made = (
        api(ada)
        .post(
            "/api/v1/mailboxes/",
            {"address": "support@acme.example", "queue": "billing", **imap_of(secure_imap)},
            format="json",
        )
        .json()
    )
    given = imap_of(secure_imap, secret="")
    answer = api(ada).post(URL, {"id": made["id"], **given}, format="json")
    assert answer.json()["ok"] is True
    given["imap"]["host"] = "127.0.0.1"
    answer = api(ada).post(URL, {"id": made["id"], **given}, format="json")
    assert steps(answer)[3] == ("imap", "login", False, "login_missing")


@pytest.mark.parametrize("name", ["alice", "bob", "rita"])
def test_only_administrators_may_try(name: str, api: Api, request: pytest.FixtureRequest) -> None:
    answer = api(request.getfixturevalue(name)).post(URL, {"imap": {"host": "localhost"}}, format="json")
    assert answer.status_code == 403
