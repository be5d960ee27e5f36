"""The secrets a visitor's browser holds: a token that speaks for the session, a handle that opens it anew later."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from chat.models import Key, Session
from helpdesk.lib import clock, signing

TOKEN_LIFE = timedelta(hours=24)
MOVE_LIFE = timedelta(minutes=30)
# A handle that was used stays good a little: its answer may have been lost, or a second tab opens at the same moment.
GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pair:
    """What is shown once, to this browser only."""

    token: str
    resume: str


def issue(session: Session) -> Pair:
    """A fresh token and a fresh handle; only their hashes are stored."""
    pair = Pair(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    moment = clock.now()
    resume_until = moment + timedelta(days=settings.CHAT_RESUME_DAYS)
    Key.objects.bulk_create(
        [
            _key(session, Key.Purpose.TOKEN, pair.token, moment + TOKEN_LIFE),
            _key(session, Key.Purpose.RESUME, pair.resume, resume_until),
        ]
    )
    return pair


def _key(session: Session, purpose: str, secret: str, until: datetime) -> Key:
    return Key(session=session, purpose=purpose, digest=signing.digest(secret), expires_at=until)


def session_of(token: str) -> Session | None:
    """The session a token speaks for; using it keeps it alive. None when it is unknown or has run out."""
    key = _find(Key.Purpose.TOKEN, token)
    if key is None:
        return None
    moment = clock.now()
    if key.expires_at - moment < TOKEN_LIFE / 2:
        Key.objects.filter(pk=key.pk).update(expires_at=moment + TOKEN_LIFE)
    return key.session


def sessions_of(tokens: Collection[str]) -> dict[str, Session]:
    """`session_of` for many."""
    digests = {signing.digest(token): token for token in tokens if token}
    keys = _valid(Key.objects.filter(purpose=Key.Purpose.TOKEN, digest__in=digests))
    rows = list(keys.select_related("session__customer", "session__ticket"))
    moment = clock.now()
    if old := [key.pk for key in rows if key.expires_at - moment < TOKEN_LIFE / 2]:
        Key.objects.filter(pk__in=old).update(expires_at=moment + TOKEN_LIFE)
    return {digests[key.digest]: key.session for key in rows}


def redeem(handle: str) -> Session | None:
    """The session a resume handle opens. The handle is retired: the caller issues the next one."""
    key = _find(Key.Purpose.RESUME, handle)
    if key is None:
        return None
    retired = clock.now() + GRACE
    Key.objects.filter(pk=key.pk, expires_at__gt=retired).update(expires_at=retired)
    return key.session


def lend(session: Session) -> str:
    """A code that opens the session once, elsewhere, within half an hour; the caller mails it and keeps nothing."""
    code = secrets.token_urlsafe(32)
    _key(session, Key.Purpose.MOVE, code, clock.now() + MOVE_LIFE).save(force_insert=True)
    return code


def use(code: str) -> Session | None:
    """The session of a lent code, which is used up by this: of two who come at once one gets it."""
    key = _find(Key.Purpose.MOVE, code)
    if key is None or not Key.objects.filter(pk=key.pk).delete()[0]:
        return None
    return key.session


def drop(session: Session, secrets_: Iterable[str]) -> None:
    """These secrets of a session are worth nothing any more; other browsers keep theirs."""
    digests = [signing.digest(secret) for secret in secrets_ if secret]
    Key.objects.filter(session=session, digest__in=digests).delete()


def _find(purpose: str, secret: str) -> Key | None:
    if not secret:
        return None
    keys = _valid(Key.objects.filter(purpose=purpose, digest=signing.digest(secret)))
    return keys.select_related("session__site", "session__customer", "session__ticket", "session__queue").first()


def _valid(keys: QuerySet[Key]) -> QuerySet[Key]:
    live = keys.filter(expires_at__gt=clock.now())
    return live.filter(session__customer__erased_at__isnull=True, session__site__is_active=True)


def revoke(session: Session) -> None:
    """Every browser that held this session has forgotten it."""
    Key.objects.filter(session=session).delete()


def hand_over(session: Session, to: Session) -> None:
    """The browsers of `session` go on with `to`."""
    Key.objects.filter(session=session).update(session=to)


def sweep() -> int:
    """Remove what has run out."""
    return Key.objects.filter(expires_at__lt=clock.now()).delete()[0]
