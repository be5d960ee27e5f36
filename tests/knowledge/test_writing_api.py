"""The authors' API: who may do what, what is refused, what lists cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.lib import clock
from helpdesk.people.models import Team, User
from knowledge import drafting, feedback, finding, publishing
from knowledge.models import Article, ArticleDraft, Category, Feedback, SearchMiss, Subscriber, Subscription
from tests.conftest import Api
from tests.knowledge.conftest import Shelf

BASE = "/api/v1/knowledge"


def _one(article: Article, rest: str = "") -> str:
    return f"{BASE}/articles/{article.pk}/{rest}"


def _text(article: Article, **changes: Any) -> dict[str, Any]:
    return {"title": article.title, "summary": article.summary, "body": article.body, "number": 0, **changes}


def test_from_an_idea_to_the_readers(api: Api, section: Category, alice: User, bob: User) -> None:
    writer, reviewer = api(alice), api(bob)
    made = writer.post(
        f"{BASE}/articles/", {"section": "returns", "language": "fr", "title": "Colis", "body": "Au dépôt."}
    )
    assert made.status_code == 201
    assert {key: made.json()[key] for key in ("status", "state", "draft", "behind", "section", "audience")} == {
        "status": "draft",
        "state": "",
        "draft": None,
        "behind": False,
        "section": "returns",
        "audience": "public",
    }
    article = Article.objects.get()
    written = writer.put(_one(article, "draft/"), _text(article, body="Au dépôt, 15 jours."))
    assert (written.status_code, written.json()["draft"]["number"]) == (200, 1)
    assert writer.post(_one(article, "submit/"), {"number": 1}).json()["state"] == "review"
    assert [row["id"] for row in reviewer.get(f"{BASE}/work/").json()["review"]] == [article.pk]
    returned = reviewer.post(_one(article, "return/"), {"number": 1, "note": "Quel dépôt ?"})
    assert (returned.json()["state"], returned.json()["draft"]["note"]) == ("open", "Quel dépôt ?")
    writer.put(_one(article, "draft/"), _text(article, body="Au dépôt de Lille.", number=1))
    live = reviewer.post(_one(article, "approve/"), {"number": 2})
    assert (live.json()["status"], live.json()["body"], live.json()["draft"]) == (
        "published",
        "Au dépôt de Lille.",
        None,
    )
    versions = writer.get(_one(article, "versions/")).json()["results"]
    assert [(one["author"], one["approved_by"]) for one in versions] == [("Alice Martin", "Bob Durand")]


def test_writers_do_not_publish_place_or_take_down(api: Api, shelf: Shelf, alice: User) -> None:
    writer = api(alice)
    drafting.write(shelf.kettle_fr, number=0, title="Autre", summary="", body="Autre.", by=alice)
    for rest, body in (
        ("approve/", {"number": 1}),
        ("return/", {"number": 1, "note": "x"}),
        ("archive/", {}),
        ("confirm/", {}),
    ):
        assert writer.post(_one(shelf.kettle_fr, rest), body).status_code == 403, rest
    assert writer.patch(_one(shelf.kettle_fr), {"audience": "agents"}).status_code == 403
    shelf.kettle_fr.refresh_from_db()
    assert (shelf.kettle_fr.status, shelf.kettle_fr.audience, shelf.kettle_fr.title) == (
        "published",
        "public",
        "Détartrer la bouilloire",
    )
    assert ArticleDraft.objects.get().state == "open"
    assert writer.patch(_one(shelf.draft), {"audience": "agents"}).json()["audience"] == "agents"


def test_a_writer_does_not_open_what_was_approved_for_a_narrower_audience(
    api: Api, shelf: Shelf, alice: User, bob: User
) -> None:
    drafting.write(shelf.draft, number=0, title="x", summary="", body="x", by=alice)
    drafting.approve(shelf.draft, number=1, by=bob, publish_at=clock.now() + timedelta(days=1))
    assert api(alice).patch(_one(shelf.draft), {"audience": "agents"}).status_code == 403
    shelf.draft.refresh_from_db()
    assert shelf.draft.audience == "public"


@pytest.mark.parametrize("who", [None, "rita"])
def test_readers_have_no_business_here(api: Api, shelf: Shelf, who: str | None, request: pytest.FixtureRequest) -> None:
    client = api(request.getfixturevalue(who) if who else None)
    version = shelf.kettle_fr.versions.get().pk
    before = list(Article.objects.order_by("pk").values())
    calls = [("get", f"{BASE}/{rest}") for rest in ("articles/", "work/", "choices/")]
    calls += [("post", f"{BASE}/{rest}") for rest in ("articles/", "preview/")]
    calls += [("get", _one(shelf.kettle_fr, rest)) for rest in ("", "versions/", f"versions/{version}/")]
    steps = ("submit/", "return/", "approve/", "archive/", "confirm/", "settle/", f"versions/{version}/restore/")
    calls += [("post", _one(shelf.kettle_fr, rest)) for rest in steps]
    calls += [("patch", _one(shelf.kettle_fr)), ("put", _one(shelf.kettle_fr, "draft/"))]
    calls += [("delete", _one(shelf.kettle_fr, "draft/?number=0")), ("delete", f"{BASE}/misses/1/")]
    codes = {getattr(client, method)(address).status_code for method, address in calls}
    assert codes == {403 if who else 401}
    assert list(Article.objects.order_by("pk").values()) == before
    assert ArticleDraft.objects.count() == 0


def test_what_is_for_other_teams_does_not_exist(api: Api, section: Category, bob: User, charlie: User) -> None:
    team = Team.objects.create(name="Legal", slug="legal")
    bob.teams.add(team)
    article = publishing.create(
        section, language="fr", title="Procès lapislazuli", body="x", audience="teams", teams=[team], by=bob
    )
    publishing.publish(article, by=bob)
    Feedback.objects.create(article=article, helpful=False, text="lapislazuli", created_at=clock.now())
    version = article.versions.get().pk
    client = api(charlie)
    for rest in ("", "versions/", f"versions/{version}/"):
        assert client.get(_one(article, rest)).status_code == 404
    for rest in ("submit/", "settle/", f"versions/{version}/restore/"):
        assert client.post(_one(article, rest), {"number": 0}).status_code == 404
    assert client.put(_one(article, "draft/"), _text(article)).status_code == 404
    assert (
        client.post(
            f"{BASE}/articles/",
            {"section": "returns", "language": "en", "title": "x", "body": "x", "translates": article.pk},
        ).status_code
        == 404
    )
    for door in ("articles/", "articles/?q=lapislazuli", "work/"):
        assert "lapislazuli" not in client.get(f"{BASE}/{door}").content.decode()
    assert (Article.objects.count(), ArticleDraft.objects.count(), Feedback.objects.get().settled_at) == (1, 0, None)
    assert api(bob).get(_one(article)).json()["teams"] == ["legal"]


def test_two_writers_do_not_overwrite_each_other(api: Api, shelf: Shelf, alice: User, bob: User) -> None:
    assert api(alice).put(_one(shelf.kettle_fr, "draft/"), _text(shelf.kettle_fr, body="Citron.")).status_code == 200
    refused = api(bob).put(_one(shelf.kettle_fr, "draft/"), _text(shelf.kettle_fr, body="Sel."))
    assert (refused.status_code, refused.json()["by"]) == (409, "Alice Martin")
    assert ArticleDraft.objects.get().body == "Citron."


def test_a_version_is_shown_with_what_differs_today_and_brought_back(
    api: Api, shelf: Shelf, alice: User, bob: User
) -> None:
    publishing.update(shelf.kettle_en, by=bob, body="Pour lemon and leave it for an hour.")
    first = shelf.kettle_en.versions.earliest("pk")
    shown = api(alice).get(_one(shelf.kettle_en, f"versions/{first.pk}/")).json()
    assert shown["differences"][-1]["parts"] == [
        {"kind": "same", "text": "Pour "},
        {"kind": "gone", "text": "vinegar"},
        {"kind": "new", "text": "lemon"},
        {"kind": "same", "text": " and leave it for an hour."},
    ]
    back = api(alice).post(_one(shelf.kettle_en, f"versions/{first.pk}/restore/"), {"number": 0}).json()
    assert (back["draft"]["body"], back["body"]) == (first.body, "Pour lemon and leave it for an hour.")
    assert api(alice).get(_one(shelf.refund_en, f"versions/{first.pk}/")).status_code == 404


def test_the_list_is_narrowed_by_state_language_section_and_words(api: Api, shelf: Shelf, alice: User) -> None:
    client = api(alice)

    def found(query: str) -> list[int]:
        return sorted(row["id"] for row in client.get(f"{BASE}/articles/?{query}").json()["results"])

    assert len(found("")) == 7
    assert found("state=draft") == [shelf.draft.pk]
    assert found("state=archived") == [shelf.archived.pk]
    assert found("language=en") == sorted([shelf.refund_en.pk, shelf.kettle_en.pk])
    assert found("section=home&state=published") == sorted([shelf.kettle_fr.pk, shelf.kettle_en.pk])
    assert found("q=brouillon") == [shelf.draft.pk]
    assert client.get(f"{BASE}/articles/?state=nonsense").status_code == 400


def test_authors_see_what_was_searched_in_vain_and_what_did_not_help(api: Api, shelf: Shelf, alice: User) -> None:
    finding.note_miss("casque", "fr")
    finding.note_miss("casque", "fr")
    reference = feedback.give(shelf.kettle_fr, helpful=False)
    feedback.explain(shelf.kettle_fr, reference, reason="failed", words="Toujours du calcaire")
    feedback.give(shelf.kettle_fr, helpful=True)
    client = api(alice)
    work = client.get(f"{BASE}/work/").json()
    assert [(one["query"], one["count"]) for one in work["misses"]] == [("casque", 2)]
    (line,) = work["unhelpful"]
    assert (line["article"]["id"], line["times"]) == (shelf.kettle_fr.pk, 1)
    assert [(one["reason"], one["text"]) for one in line["words"]] == [("failed", "Toujours du calcaire")]
    assert client.delete(f"{BASE}/misses/{SearchMiss.objects.get().pk}/").status_code == 204
    assert client.post(_one(shelf.kettle_fr, "settle/")).json() == {"settled": 1}
    after = client.get(f"{BASE}/work/").json()
    assert (after["misses"], after["unhelpful"]) == ([], [])
    assert client.delete(f"{BASE}/misses/1234567/").status_code == 404


def test_a_preview_is_what_readers_would_see(api: Api, alice: User) -> None:
    html = api(alice).post(f"{BASE}/preview/", {"body": "## Été\n\n<script>x</script>"}).json()["html"]
    assert '<h2 id="ete">Été</h2>' in html
    assert "<script" not in html


DOORS = ["articles/", "articles/?q=remboursement", "articles/?state=behind", "work/", "versions"]


def test_lists_cost_the_same_however_long(api: Api, shelf: Shelf, section: Category, alice: User, bob: User) -> None:
    client = api(alice)

    def cost(door: str) -> int:
        address = _one(shelf.kettle_fr, "versions/") if door == "versions" else f"{BASE}/{door}"
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    _more(shelf, section, bob, 2)
    few = {door: cost(door) for door in DOORS}
    _more(shelf, section, bob, 12)
    assert {door: cost(door) for door in DOORS} == few


def _more(shelf: Shelf, section: Category, by: User, count: int) -> None:
    first = Article.objects.count()
    for number in range(first, first + count):
        finding.note_miss(f"question {number}x", "fr")
        one = publishing.create(section, language="fr", title=f"Remboursement {number}", body="La carte.", by=by)
        one = publishing.publish(one, by=by)
        feedback.give(one, helpful=False)
        publishing.update(shelf.kettle_fr, by=by, body=f"Texte {number}")
        publishing.create(section, language="en", title=f"Refund {number}", body="x", group=one.group, by=by)
        drafting.write(one, number=0, title=one.title, summary="", body="y", by=by)
        drafting.submit(one, number=1, by=by)


def test_authors_see_how_many_follow_a_section_by_mail(
    api: Api, bob: User, section: Category, django_assert_num_queries: Any
) -> None:
    publishing.add_section("home", name_en="Kitchen", name_fr="Cuisine", position=2)
    now = clock.now()
    for name in ("zoe", "yann"):
        reader = Subscriber.objects.create(email=f"{name}@example.com", language="fr", next_at=now, created_at=now)
        Subscription.objects.create(subscriber=reader, category=section, created_at=now)
    client = api(bob)
    with django_assert_num_queries(4):
        answer = client.get(f"{BASE}/choices/")
    assert [(one["slug"], one["followers"]) for one in answer.json()["sections"]] == [("returns", 2), ("home", 0)]
