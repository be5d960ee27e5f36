"""What the host site may say of its visitor, and what it may not (S28)."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest

from chat import identity, sessions
from chat.models import Session, Site
from chat.sessions import Visit
from helpdesk.lib import clock, errors, sealed
from helpdesk.people import customers
from helpdesk.people.models import Customer
from tests.chat.conftest import SECRET
from tickets.models import Queue

pytestmark = pytest.mark.django_db


def token(key: str = SECRET, *, life: float = 600, algorithm: str = "HS256", **claims: Any) -> str:
    now = clock.now().timestamp()
    stated = {"aud": "shop", "sub": "user-7", "email": "dana@example.com", "name": "Dana", "exp": int(now + life)}
    return jwt.encode({**stated, **claims}, key, algorithm=algorithm)


def without(*names: str) -> str:
    claims = {"aud": "shop", "sub": "user-7", "exp": int(clock.now().timestamp() + 600)}
    return jwt.encode({k: v for k, v in claims.items() if k not in names}, SECRET, algorithm="HS256")


def unsigned() -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"aud": "shop", "sub": "user-7", "exp": int(clock.now().timestamp() + 600)}
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def test_a_valid_token_leads_to_the_owner_of_its_address(shop: Site, dana: Customer) -> None:
    opened = sessions.open(shop, Visit(identity=token()))
    assert opened.session.customer == dana


def test_a_valid_token_proves_the_address_of_somebody_new(shop: Site) -> None:
    opened = sessions.open(shop, Visit(identity=token(email="new@example.com")))
    assert customers.proved_email(opened.session.customer) == "new@example.com"
    assert opened.session.customer.is_visitor is False


def test_the_same_subject_without_an_address_is_the_same_customer(shop: Site) -> None:
    first = sessions.open(shop, Visit(identity=token(email="")))
    again = sessions.open(shop, Visit(identity=token(email="")))
    other = sessions.open(shop, Visit(identity=token(email="", sub="user-8")))
    assert first.session.customer == again.session.customer != other.session.customer


@pytest.mark.parametrize(
    "make",
    [
        unsigned,
        lambda: token("another-site's-secret-of-more-than-32-bytes"),
        lambda: token(aud="blog"),
        lambda: token(life=-1),
        lambda: token(life=2 * 3600),
        lambda: token(iat=int(clock.now().timestamp()) - 4000),
        lambda: token("x" * 64, algorithm="HS512"),
        lambda: token(SECRET * 2, algorithm="HS512"),
        lambda: without("exp"),
        lambda: without("aud"),
        lambda: without("sub"),
        lambda: token(sub="", email="nobody"),
        lambda: token(sub=7),
        lambda: token()[:-4] + "AAAA",
        lambda: "a.b.c",
        lambda: "é",
    ],
    ids=[
        "alg none", "other key", "other site", "expired", "too long", "issued too long before", "other algorithm",
        "other algorithm and key", "no exp", "no aud", "no subject", "no address", "subject is a number", "forged",
        "no token", "no ascii",
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_opens_nothing(shop: Site, make: Any) -> None:
    with pytest.raises(errors.NotAllowed) as refused:
        sessions.open(shop, Visit(identity=make()))
    assert refused.value.code == "identity"
    assert (Session.objects.count(), Customer.objects.count()) == (0, 0)


def test_a_site_without_a_secret_vouches_for_nobody(shop: Site) -> None:
    shop.identity_secret = ""
    shop.save(update_fields=["identity_secret"])
    with pytest.raises(errors.NotAllowed):
        identity.read(shop, token())


def test_a_token_replayed_on_another_site_is_refused(shop: Site, billing: Queue) -> None:
    blog = Site.objects.create(key="blog", name="Blog", queue=billing, identity_secret=sealed.seal(SECRET))
    with pytest.raises(errors.NotAllowed):
        sessions.open(blog, Visit(identity=token()))


def test_another_person_in_the_same_browser_gets_his_own_conversation(shop: Site) -> None:
    """The handle of the first one must not show his words to the second, nor merge the two."""
    first = sessions.open(shop, Visit(identity=token(sub="a", email="a@example.com")))
    sessions.say(first.session, "My secret", origin_id="1")
    second = sessions.open(shop, Visit(identity=token(sub="b", email="b@example.com"), resume=first.keys.resume))
    assert second.session != first.session
    assert second.session.ticket is None
    assert Customer.objects.filter(merged_into__isnull=False).count() == 0


def test_who_is_vouched_for_finds_his_conversation_without_a_handle(shop: Site) -> None:
    first = sessions.open(shop, Visit(identity=token()))
    said = sessions.say(first.session, "Hello", origin_id="1")
    back = sessions.open(shop, Visit(identity=token()))
    assert back.session == said.session
    assert back.session.ticket == said.message.ticket
    assert said.message.ticket.reply_address == "dana@example.com"


def test_an_old_claim_of_a_time_does_not_matter(shop: Site) -> None:
    opened = sessions.open(shop, Visit(identity=token(iat=int((clock.now() - timedelta(minutes=5)).timestamp()))))
    assert opened.session.pk
