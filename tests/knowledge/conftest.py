"""A small shelf: four public articles of two subjects in both languages, one for agents, one draft, one archived.

CANARY stands in everything that the public may not see.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from helpdesk.lib.search import vocabulary
from helpdesk.people.models import User
from knowledge import publishing
from knowledge.models import Article, Category

CANARY = "zanzibar"


@dataclass(frozen=True)
class Shelf:
    """The articles by name."""

    refund_fr: Article
    refund_en: Article
    kettle_fr: Article
    kettle_en: Article
    agents: Article
    draft: Article
    archived: Article

    @property
    def hidden(self) -> list[Article]:
        return [self.agents, self.draft, self.archived]


@pytest.fixture(autouse=True)
def _fresh_vocabulary() -> Iterator[None]:
    vocabulary.forget()
    yield
    vocabulary.forget()


@pytest.fixture
def section(db: None) -> Category:
    return publishing.add_section(
        "returns", name_en="Returns & refunds", name_fr="Retours et remboursements", position=1
    )


@pytest.fixture
def shelf(section: Category, bob: User) -> Shelf:
    home = publishing.add_section("home", name_en="Kitchen", name_fr="Cuisine", position=2)
    refund_fr = _published(
        section,
        bob,
        "fr",
        "Quand serai-je remboursé ?",
        "**Comptez 5 jours ouvrés.**\n\n## Par carte\n\nLe remboursement arrive sur la carte qui a payé.\n\n"
        "## Plus de dix jours ?\n\nÉcrivez-nous avec le numéro de commande.",
    )
    refund_en = _published(
        section,
        bob,
        "en",
        "When will I get my refund?",
        "**Allow 5 working days.**\n\n## By card\n\nThe refund goes to the card that paid.\n\n"
        "## More than ten days?\n\nWrite to us with the order number.",
        like=refund_fr,
    )
    kettle_fr = _published(home, bob, "fr", "Détartrer la bouilloire", "Versez du vinaigre et laissez agir une heure.")
    kettle_en = _published(
        home, bob, "en", "Descale the kettle", "Pour vinegar and leave it for an hour.", like=kettle_fr
    )
    agents = _published(
        section, bob, "fr", f"Accorder un remboursement {CANARY}", f"Jusqu'à 150 euros, {CANARY}.", audience="agents"
    )
    draft = publishing.create(
        section, language="fr", title=f"Brouillon de remboursement {CANARY}", body=f"Texte {CANARY}.", by=bob
    )
    archived = publishing.archive(
        _published(section, bob, "fr", f"Ancien remboursement {CANARY}", f"Texte {CANARY}."), by=bob
    )
    return Shelf(refund_fr, refund_en, kettle_fr, kettle_en, agents, draft, archived)


def _published(
    category: Category,
    by: User,
    language: str,
    title: str,
    body: str,
    *,
    like: Article | None = None,
    audience: str = "public",
) -> Article:
    article = publishing.create(
        category,
        language=language,
        title=title,
        body=body,
        summary=f"{title} : en bref." if language == "fr" else f"{title} In short.",
        audience=audience,
        group=like.group if like else None,
        by=by,
    )
    return publishing.publish(article, by=by)
