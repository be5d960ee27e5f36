"""The main job in a browser: a request comes in by every door, is routed for reasons one can read, answered, and rated."""

import base64
import re
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import letters, people, talk, words
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent, Visitor
from tests.e2e.product import Site

SUPPORT = "support@marlotte-finch.example"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DESK: dict[str, Any] = {"locale": "en-GB", "viewport": {"width": 1440, "height": 900}}


@dataclass(frozen=True)
class Place:
    """Where a request must end, and the words of which rule must have put it there."""

    queue: str
    rule: str
    marked: set[str]


def test_a_customer_searches_reads_and_asks_in_french(site: Site, open_page: OpenPage) -> None:
    """The help centre, an article, the form with suggestions and a file; then the desk says why it is in billing."""
    say = words.pages("fr")
    page = open_page(locale="fr-FR")
    page.goto(site.url)
    expect(page).to_have_url(f"{site.url}/fr/help/")
    assert page.locator("html").get_attribute("lang") == "fr"

    page.locator("main").get_by_role("searchbox", name=say("Search the help centre")).fill("corriger ma facture")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/fr/help/search\?q=corriger"))
    page.locator("main").get_by_role("link", name="Trouver ou corriger une facture").first.click()
    expect(page.get_by_role("heading", level=1, name="Trouver ou corriger une facture")).to_be_visible()

    page.locator("main").get_by_role("link", name="Nous écrire").click()
    expect(page).to_have_url(re.compile(r"/fr/contact/request/"))
    page.get_by_label(say("What is it about?")).fill("Facture introuvable")
    page.get_by_label(say("Tell us more")).fill(
        "Bonjour, impossible de télécharger la facture de la commande 20417. Pouvez-vous me l'envoyer ?"
    )
    suggested = page.get_by_role("complementary", name=say("These articles may help"))
    expect(suggested.get_by_role("listitem").filter(has_text="Trouver ou corriger une facture")).to_be_visible()
    assert 1 <= suggested.get_by_role("listitem").count() <= 3
    page.get_by_label(say("Your name")).fill("Léa Fontanel")
    page.get_by_label(say("Your e-mail address")).fill("lea.fontanel@courriel.example")
    page.get_by_label(say("Attach files")).set_input_files(
        {"name": "capture d'écran.png", "mimeType": "image/png", "buffer": PIXEL}
    )
    page.get_by_role("button", name=say("Send my request")).click()
    expect(page.get_by_role("heading", level=1, name=say("Your request is with us"))).to_be_visible()
    number = re.search(r"\d+", page.get_by_role("status").first.inner_text())
    assert number

    karim = _agent(open_page, site, "karim")
    _ends_in(
        karim,
        number[0],
        Place("billing", "Factures et paiement", {"Facture", "facture", "Pouvez-vous"}),
    )
    ticket = _ticket(karim, number[0])
    assert (ticket["channel"], ticket["language"], ticket["kind"]) == ("web", "fr", "assistance")
    assert ticket["requester"]["name"] == "Léa Fontanel"
    first = karim.get(f"tickets/{ticket['id']}/messages/")["results"][0]
    assert [(file["name"], file["size"]) for file in first["attachments"]] == [("capture d'écran.png", len(PIXEL))]
    file = karim.page.request.get(f"{site.url}{_path(first['attachments'][0]['url'])}")
    assert (file.status, file.body()) == (200, PIXEL)
    expect(karim.thread.get_by_text("capture d'écran.png")).to_be_visible()


def test_every_other_door_leads_to_the_queue_that_a_rule_names(site: Site, open_page: OpenPage) -> None:
    """API, mail, a phone call that the agent logs, and the bubble on the shop's page."""
    karim = _agent(open_page, site, "karim")

    posted = talk.call(
        "POST",
        f"{site.url}/api/v1/tickets/",
        {
            "subject": "Charged twice",
            "body": "Your shop took 59 pounds from my card on Monday and again on Tuesday. I want my money back.",
            "requester": {"name": "Oscar Lindgate", "email": "oscar@lindgate.example"},
            "origin_id": str(uuid.uuid4()),
        },
        token=karim.token,
    )
    assert posted.status == 201, posted
    assert posted.content["routing"]["matched"], posted.content
    _ends_in(karim, posted.content["number"], Place("billing", "Refunds", {"Charged twice", "money back"}))
    assert _ticket(karim, posted.content["number"])["kind"] == "complaint"

    raw = letters.write(
        "Solène Abgrall <solene@abgrall.example>",
        SUPPORT,
        "Colis perdu ?",
        "Bonjour,\n\nLe suivi n'a pas bougé depuis lundi et mon colis n'est pas là.\n\nSolène Abgrall\n",
    )
    told = letters.pipe(site, raw, SUPPORT)
    assert (told["outcome"], told["queue"], told["seq"]) == ("ticket", "orders", 1), told
    _ends_in(karim, told["ticket"], Place("orders", "Orders and delivery", {"Colis", "suivi", "colis"}))

    number = _log_a_call(karim)
    _ends_in(karim, number, Place("returns", "Arrived damaged or wrong", {"cassée", "ébréché"}))
    ticket = _ticket(karim, number)
    assert (ticket["channel"], ticket["priority"], ticket["kind"]) == ("phone", 3, "complaint")

    karim.go("inbox/all")
    karim.be("available")
    visitor = Visitor(open_page(locale="fr-FR"), site, "fr")
    visitor.open_chat()
    visitor.say("Le chargeur de mon Ondine E clignote en rouge et la batterie reste vide.")
    expect(visitor.thread.get_by_text(visitor.words("sent"), exact=True)).to_be_visible()
    waiting = karim.get("chat/line/")["waiting"]
    found = next(row for row in waiting if row["last_line"].startswith("Le chargeur de mon"))
    ticket = karim.get(f"tickets/{found['ticket']}/")
    _ends_in(karim, ticket["number"], Place("technical", "Bikes and appliances", {"chargeur", "batterie"}))
    assert (ticket["channel"], ticket["language"]) == ("chat", "fr")
    karim.go("inbox/all")
    karim.be("away")
    people.check(site)


def test_a_request_is_seen_live_taken_noted_answered_solved_and_rated(site: Site, open_page: OpenPage) -> None:
    alice = _agent(open_page, site, "alice")
    assert alice.words.language == "fr"
    alice.go("inbox/queue-billing")
    expect(alice.page.locator("[data-ticket]").first).to_be_visible()
    queue = next(queue for queue in alice.get("counts/")["queues"] if queue["slug"] == "billing")
    alice.page.mouse.move(0, 0)

    # She looks at her queue; a mail comes in and stands there without a reload.
    ines = "Inès Carvalho <ines.carvalho@courriel.example>"
    asked = letters.write(
        ines, SUPPORT, "Numéro de TVA", "Bonjour,\n\nIl me faut une facture avec notre numéro de TVA.\n\nInès\n"
    )
    told = letters.pipe(site, asked, SUPPORT)
    assert (told["outcome"], told["queue"]) == ("ticket", "billing"), told
    row = alice.row("Numéro de TVA")
    expect(row).to_be_visible(timeout=10_000)
    billing = alice.page.get_by_role("link", name=re.compile(rf"^{queue['name']}"))
    expect(billing).to_contain_text(str(queue["open"] + 1))
    row.get_by_role("link").click()
    expect(alice.page.get_by_role("heading", level=1, name="Numéro de TVA")).to_be_visible()
    ticket = _ticket(alice, told["ticket"])

    # Her earlier contacts stand beside it.
    timeline = alice.page.get_by_role("region", name=alice.words("timeline.title"))
    earlier = [
        entry["title"]
        for entry in alice.get(f"customers/{ticket['requester']['id']}/timeline/")["results"]
        if entry["kind"] != "survey" and not entry["title"].startswith(f"#{ticket['number']} ")
    ]
    assert len(earlier) >= 3
    for title in earlier:
        expect(timeline.get_by_role("link", name=title, exact=True)).to_be_visible()

    alice.page.get_by_title(f"{alice.words('ticket.take')} (i)").click()
    expect(
        alice.page.get_by_role("button", name=f"{alice.words('ticket.assignee')}: {alice.full_name}", exact=True)
    ).to_be_visible()
    alice.write_note("Numéro de TVA à vérifier avec la comptabilité.")

    # She answers, and an article goes along.
    alice.page.get_by_role("tab", name=alice.words("composer.replyTo", name="Inès")).click()
    alice.box.fill("Bonjour Inès, tout est expliqué ici :\n")
    alice.button("composer.articles").click()
    picker = alice.page.get_by_role("dialog", name=alice.words("composer.articles"))
    picker.get_by_role("searchbox", name=alice.words("articles.search")).fill("facture")
    hit = picker.get_by_role("listitem").filter(has_text="Trouver ou corriger une facture")
    hit.get_by_role("button", name=alice.words("articles.link")).click()
    article = "\nTrouver ou corriger une facture\n" + re.escape(f"{site.url}/fr/help/") + r"\S+-\d+/\s*"
    expect(alice.box).to_have_value(re.compile(rf"tout est expliqué ici :{article}"))
    alice.button("composer.send").click()
    expect(alice.thread).to_contain_text("tout est expliqué ici")

    # It leaves as a mail that stands under hers in every mail program, and says nothing of the note.
    answer = letters.wait(site, "ines.carvalho@courriel.example", "tout est expliqué ici")
    original = re.search(rb"Message-ID: (\S+)", asked)
    assert original
    assert answer["In-Reply-To"] == original[1].decode()
    assert answer["References"].split()[-1] == original[1].decode()
    assert re.fullmatch(rf"<t{ticket['id']}\.3\.[a-z2-7]{{16}}@marlotte-finch\.example>", answer["Message-ID"])
    assert answer["Subject"] == f"Re: Numéro de TVA [#{ticket['number']}]"
    assert answer["From"] == f"Marlotte & Finch <{SUPPORT}>"
    assert answer["Reply-To"].startswith(f"support+{ticket['id']}-{ticket['requester']['id']}-")
    assert "Auto-Submitted" not in answer
    assert re.search(f"tout est expliqué ici :{article}", letters.text(answer))
    for mail in letters.sent(site, "ines.carvalho@courriel.example"):
        assert "comptabilité" not in mail.as_string()

    # Her answer comes back to the same conversation, before alice's eyes.
    told = letters.pipe(site, letters.answer(answer, ines, "Merci, c'est parfait."), SUPPORT)
    assert told == {
        "outcome": "message",
        "ticket": ticket["number"],
        "seq": 4,
        "queue": "billing",
        "reason": None,
    }
    expect(alice.thread.get_by_text("Merci, c'est parfait.")).to_be_visible(timeout=10_000)
    stored = alice.get(f"tickets/{ticket['id']}/messages/")["results"]
    assert [(line["seq"], line["kind"], line["author"]["kind"]) for line in stored] == [
        (1, "public", "customer"),
        (2, "note", "agent"),
        (3, "public", "agent"),
        (4, "public", "customer"),
    ]

    alice.page.get_by_title(f"{alice.words('ticket.solve')} (Shift+E)").click()
    expect(alice.button("ticket.reopen")).to_be_visible()
    bob = _agent(open_page, site, "bob")
    report = bob.get("reports/satisfaction/?group=agent")
    _rate(site, open_page, answer["To"])
    _shows(bob, ticket, report)
    people.check(site)


def _rate(site: Site, open_page: OpenPage, address: str) -> None:
    """The survey comes by mail; a scanner that opens its link answers nothing, the customer's click does."""
    say = words.pages("fr")
    invitation = letters.wait(site, address, "/s/")
    assert invitation["Auto-Submitted"] == "auto-generated"
    link = letters.link(invitation, site, "/s/")
    for opened in (link, f"{link}?score=1"):
        with urllib.request.urlopen(opened) as response:
            assert (response.status, response.headers["Content-Language"]) == (200, "fr")
    page = open_page(locale="fr-FR", viewport={"width": 390, "height": 844})
    page.goto(link)
    # Nobody has answered yet: the question is still asked.
    expect(page.get_by_role("group", name=say("Are you satisfied with our answer?"))).to_be_visible()
    page.get_by_role("radio", name=say("Very good")).check(force=True)
    page.get_by_label(say("Tell us more")).fill("Réponse rapide et claire.")
    page.get_by_role("button", name=say("Send my answer")).click()
    expect(page.get_by_role("heading", level=1, name=say("Thank you for your answer"))).to_be_visible()


def _shows(bob: Agent, ticket: dict[str, Any], before: dict[str, Any]) -> None:
    """The supervisor sees the answer, its ticket, its agent, and averages that count it once."""
    after = bob.get("reports/satisfaction/?group=agent")
    assert after["n"] == before["n"] + 1
    assert after["mean"] == pytest.approx((before["mean"] * before["n"] + 5) / after["n"], abs=0.006)
    bob.go("satisfaction?score=5")
    answers = bob.page.get_by_role("region", name=bob.words("satisfaction.reviews"))
    answer = answers.get_by_role("listitem").filter(has_text="Réponse rapide et claire.")
    expect(answer).to_be_visible()
    expect(answer.get_by_role("link", name=f"#{ticket['number']} {ticket['subject']}")).to_be_visible()
    expect(answer).to_contain_text("Inès Carvalho")
    expect(answer).to_contain_text(bob.words("satisfaction.answeredBy", name="Alice Moreau"))
    tiles = bob.page.locator("dl").first
    expect(tiles).to_contain_text(bob.words("satisfaction.of", count=after["n"]))
    groups = {group["name"]: group for group in after["groups"]}
    line = bob.page.get_by_role("row").filter(has=bob.page.get_by_role("rowheader", name="Alice Moreau"))
    expect(line.get_by_role("cell").first).to_have_text(str(groups["Alice Moreau"]["n"]))


# --- steps -----------------------------------------------------------------------------------------------------------
def _agent(open_page: OpenPage, site: Site, name: str) -> Agent:
    agent = Agent(open_page(**DESK), site, name)
    agent.sign_in()
    return agent


def _ticket(agent: Agent, number: str) -> dict[str, Any]:
    found = agent.get(f"tickets/?view=all&q={number}")["results"]
    row: dict[str, Any] = next(row for row in found if row["number"] == number)
    return row


def _ends_in(agent: Agent, number: str, place: Place) -> None:
    """The ticket is in the queue, and its “Why here?” names the rule and marks the customer's own words."""
    ticket = _ticket(agent, number)
    assert ticket["queue"]["slug"] == place.queue
    agent.go(f"inbox/all/{ticket['id']}")
    agent.button("why.title").click()
    expect(agent.why.get_by_role("heading", name=agent.words("why.heading", number=number))).to_be_visible()
    decided = agent.why.locator("div").filter(has=agent.page.locator("dt", has_text=agent.words("why.decided")))
    expect(decided.last).to_contain_text(place.rule)
    expect(agent.why.locator("mark").first).to_be_visible()
    assert set(agent.why.locator("mark").all_inner_texts()) == place.marked
    agent.page.keyboard.press("Escape")
    expect(agent.why).to_have_count(0)
    expect(agent.button("why.title")).to_be_focused()


def _log_a_call(agent: Agent) -> str:
    """What a caller said becomes a ticket; returns its number."""
    say, page = agent.words, agent.page
    agent.go("inbox/all")
    agent.button("newTicket.short").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=say("channel.phone")).check(force=True)
    dialog.get_by_role("textbox", name=say("newTicket.name"), exact=True).fill("Colette Varenne")
    dialog.get_by_role("textbox", name=say("newTicket.phone"), exact=True).fill("01 99 00 01 99")
    dialog.get_by_label(say("newTicket.subject"), exact=True).fill("Bouilloire cassée")
    dialog.get_by_label(say("newTicket.body"), exact=True).fill("Arrivée cassée ce matin, le bec est ébréché.")
    dialog.get_by_role("button", name=say("newTicket.save")).click()
    expect(page).to_have_url(re.compile(r"/desk/inbox/\w+/\d+"))
    return str(agent.get(f"tickets/{page.url.rsplit('/', 1)[1]}/")["number"])


def _path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)
