"""Look at the installation and say what to do."""

import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from helpdesk.jobs.models import Job
from tickets.models import Mailbox, Queue


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(pending)} migrations are not applied: run `python manage.py migrate`" if pending else ""


def layer() -> str:
    cache.set("doctor", 1, timeout=5)
    if cache.get("doctor") != 1:
        return "the cache forgets what it is told: check REDIS_URL"
    if settings.DATABASE_URL and not settings.REDIS_URL:
        return "DATABASE_URL is set without REDIS_URL: with more than one process, screens would miss news"
    return ""


def mail() -> str:
    if not settings.EMAIL_HOST:
        return ""
    server = get_connection()
    try:
        server.open()
        server.close()
    except OSError as error:
        return f"the SMTP server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} does not answer: {error}"
    return ""


def search() -> str:
    tables = set(connection.introspection.table_names())
    if connection.vendor == "sqlite" and not any(
        name.startswith("search_") or "_search" in name or "fts" in name for name in tables
    ):
        return "the search index is missing: run `python manage.py migrate`"
    return ""


def storage() -> str:
    probe = settings.VAR / ".doctor"
    try:
        probe.write_text("ok")
        probe.unlink()
    except OSError as error:
        return f"{settings.VAR} cannot be written: {error}"
    return ""


def frontend() -> str:
    return "" if (settings.FRONTEND_DIST / "manifest.json").exists() else "the frontend is not built: run `make setup`"


def queues() -> str:
    return (
        ""
        if Queue.objects.filter(is_default=True).exists()
        else "no queue takes what no rule places: mark one as default"
    )


def jobs() -> str:
    failed = Job.objects.failed().count()
    return f"{failed} jobs gave up; look at them in /admin/jobs/job/ and retry" if failed else ""


CHECKS: tuple[Callable[[], str], ...] = (database, layer, mail, search, storage, frontend, queues, jobs)


class Command(BaseCommand):
    help = "Check database, layer, mail, search and storage, and say what to do."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = 0
        for check in CHECKS:
            try:
                advice = check()
            except Exception as error:
                advice = f"{type(error).__name__}: {error}"
            problems += bool(advice)
            self.stdout.write(f"{'!!' if advice else 'ok'} {check.__name__:10} {advice}")
        if not settings.EMAIL_HOST:
            self.stdout.write(f"   mail goes to files in {settings.OUTBOX_ROOT} until SMTP_HOST is set")
        self.stdout.write(f"   {Mailbox.objects.filter(is_active=True).count()} mailboxes")
        if problems:
            sys.exit(1)
