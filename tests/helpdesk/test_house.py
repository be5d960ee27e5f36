"""The house itself: health, metrics, errors, headers, admin, and the checks of a production deployment."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from helpdesk import invariants
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock
from helpdesk.people.models import User
from tests.factories import make_ticket
from tests.law import files
from tickets.models import Queue, Ticket


def test_it_lives_and_says_when_it_is_not_ready(client: Client, db: None) -> None:
    assert client.get("/healthz").content == b"ok"
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "problems": {}})
    with clock.pretend(clock.now() - timedelta(hours=1)):
        outbox.enqueue(call_command)
    late = client.get("/readyz")
    assert late.status_code == 503
    assert list(late.json()["problems"]) == ["jobs"]


def test_metrics_are_for_the_machine_itself_or_for_the_token(client: Client, settings: object) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
    settings.METRICS_TOKEN = "t"  # type: ignore[attr-defined]
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"authorization": "Bearer t"}).status_code == 200


def test_every_page_carries_the_secure_headers(client: Client, db: None) -> None:
    page = client.get("/desk/")
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src-attr")[0]
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["X-Frame-Options"] == "DENY"
    assert page["Referrer-Policy"] == "same-origin"


def test_unknown_addresses_answer_in_kind(client: Client, db: None) -> None:
    page = client.get("/fr/nowhere/", headers={"accept-language": "fr"})
    assert page.status_code == 404
    assert "Page introuvable" in page.content.decode()
    answer = client.get("/api/v1/nowhere/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "404"


def test_signing_in_by_password_gives_a_new_session_and_bad_passwords_are_limited(client: Client, db: None) -> None:
    User.objects.create_user("eve@x.example", "correct horse battery", name="Eve")
    url = "/_allauth/browser/v1/auth/login"

    def sign_in(password: str) -> int:
        body = json.dumps({"email": "eve@x.example", "password": password})
        return client.post(url, body, content_type="application/json").status_code

    assert sign_in("wrong") == 400
    assert client.get("/api/v1/me/").status_code == 401
    before = client.session.session_key
    assert sign_in("correct horse battery") == 200
    assert client.session.session_key != before
    assert client.get("/api/v1/me/").json()["email"] == "eve@x.example"
    client.delete("/_allauth/browser/v1/auth/session")
    assert client.get("/api/v1/me/").status_code == 401
    statuses = [sign_in("wrong") for _try in range(12)]
    assert 429 in statuses or statuses[-1] == 400
    assert sign_in("correct horse battery") != 200


def test_nobody_signs_up(client: Client, db: None) -> None:
    body = json.dumps({"email": "new@x.example", "password": "correct horse battery"})
    answered = client.post("/_allauth/browser/v1/auth/signup", body, content_type="application/json")
    assert answered.status_code == 403
    assert not User.objects.exists()


def test_a_deactivated_user_is_out_at_once(client: Client, alice: User) -> None:
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me/").status_code == 200
    alice.is_active = False
    alice.save()
    assert client.get("/api/v1/me/").status_code == 401


def test_the_admin_is_for_administrators(client: Client, ada: User, alice: User) -> None:
    assert client.get("/admin/").status_code == 302
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/", follow=False).status_code == 302
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("", "people/user/", "tickets/queue/", "jobs/job/", "events/event/"):
        assert client.get(f"/admin/{path}").status_code == 200, path


def test_invariants_hold_and_tell_when_they_do_not(billing: Queue, technical: Queue) -> None:
    ticket = make_ticket(queue=billing)
    assert {name: rows for name, rows in invariants.violations().items() if rows} == {}
    Ticket.objects.filter(pk=ticket.pk).update(last_seq=5)
    assert invariants.violations()["seq_is_gapless"] == [f"ticket {ticket.pk}: 1 messages, highest seq 1"]
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "--json", stdout=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    assert ended.value.code == 1


def test_the_deployment_checks_are_clean_with_production_settings(tmp_path: object) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
        "GUICHET_VAR": str(tmp_path),
        "DATABASE_URL": "postgres://guichet@127.0.0.1/guichet",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "SECRET_KEY": "k7" * 40 + "!aZ9",
        "PUBLIC_URL": "https://desk.example",
    }
    ran = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=files.HOME,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr


def test_production_refuses_to_start_without_a_key(tmp_path: object) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk.settings", "GUICHET_VAR": str(tmp_path)}
    environment |= {"DATABASE_URL": "postgres://x@127.0.0.1/x", "SECRET_KEY": ""}
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=files.HOME, env=environment, capture_output=True, text=True
    )
    assert ran.returncode != 0
    assert "Set SECRET_KEY" in ran.stderr


def test_jobs_can_be_tried_again_from_the_admin(client: Client, ada: User) -> None:
    job = outbox.enqueue(call_command)
    assert job is not None
    Job.objects.filter(pk=job.pk).update(failed_at=clock.now(), attempts=8)
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/admin/jobs/job/", {"action": "retry", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert (job.failed_at, job.attempts) == (None, 0)
