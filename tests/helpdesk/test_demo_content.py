"""The demo's data hold together: nothing in them names what does not exist."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import timedelta
from typing import Any, get_args

import pytest
import snowballstemmer

from helpdesk.demo import articles, company, conversations, customers, macros, rules
from helpdesk.demo.shapes import Conversation, Kind, Rule

ARTICLES = articles.load()
CONVERSATIONS = conversations.load()
TEAM_OF = {queue.slug: queue.team for queue in company.QUEUES}
STAFF = {each.key: each for each in company.STAFF}
CUSTOMERS = {each.key: each for each in customers.CUSTOMERS}
KINDS = get_args(Kind)
FIELDS = {"text", "subject", "body", "sender", "domain", "channel", "mailbox", "language", "kind"}
PLACEHOLDERS = {"{customer.name}", "{agent.name}", "{ticket.number}"}
STEMMERS = {"en": snowballstemmer.stemmer("english"), "fr": snowballstemmer.stemmer("french")}


def unique(values: list[str]) -> bool:
    return len(values) == len(set(values))


# --- a small reading of the rules, enough to know where each conversation belongs ---


def tokens(text: str) -> list[str]:
    bare = "".join(each for each in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(each))
    return re.findall(r"[a-z0-9]+", bare)


def has_term(spoken: list[str], term: str, stem: Any) -> bool:
    if term.endswith("*"):
        (start,) = tokens(term)
        return any(word.startswith(start) for word in spoken)
    wanted = tokens(term)
    if len(wanted) == 1 and stem is not None:
        return stem.stemWord(wanted[0]) in {stem.stemWord(word) for word in spoken}
    return any(spoken[at : at + len(wanted)] == wanted for at in range(len(spoken)))


def holds(condition: dict[str, Any], facts: dict[str, str], stem: Any) -> bool:
    if "field" not in condition:
        return group_holds(condition, facts, stem)
    value = facts[condition["field"]]
    if condition["op"] == "in":
        return value in condition["value"]
    return any(has_term(tokens(value), term, stem) for term in condition["value"])


def group_holds(group: dict[str, Any], facts: dict[str, str], stem: Any) -> bool:
    return (
        all(holds(each, facts, stem) for each in group.get("all", []))
        and (not group.get("any") or any(holds(each, facts, stem) for each in group["any"]))
        and not any(holds(each, facts, stem) for each in group.get("none", []))
    )


def facts_of(told: Conversation, *, with_subject: bool) -> dict[str, str]:
    return {
        "text": f"{told.subject}\n{told.opening}" if with_subject else told.opening,
        "domain": told.sender.partition("@")[2],
        "channel": told.channel,
        "mailbox": told.mailbox or "",
    }


def matching(facts: dict[str, str], stem: Any) -> list[Rule]:
    """The rules that match, up to the first that ends the search."""
    found = []
    for rule in rules.RULES:
        if group_holds(rule.conditions, facts, stem):
            found.append(rule)
            if rule.stops:
                break
    return found


def chosen(action: str, found: list[Rule]) -> Any:
    return next((rule.actions[action] for rule in found if action in rule.actions), None)


# --- the company ---


def test_the_cast_has_the_roles_and_teams_that_were_promised() -> None:
    assert {key: (each.role, each.teams) for key, each in STAFF.items()} == {
        "alice": ("agent", ("orders-billing",)),
        "sarah": ("agent", ("orders-billing",)),
        "karim": ("agent", ("orders-billing", "technical-help")),
        "charlie": ("agent", ("technical-help",)),
        "lucas": ("agent", ("technical-help",)),
        "rita": ("reader", ("orders-billing",)),
        "bob": ("supervisor", ("orders-billing", "technical-help")),
        "admin": ("admin", ()),
    }


def test_every_queue_belongs_to_a_team_and_slugs_are_plain() -> None:
    assert [queue.slug for queue in company.QUEUES] == [
        "general",
        "orders",
        "billing",
        "returns",
        "technical",
        "account",
        "safety",
    ]
    assert {queue.team for queue in company.QUEUES} == {team.slug for team in company.TEAMS}
    assert {mailbox.queue for mailbox in company.MAILBOXES} <= set(TEAM_OF)
    assert company.SITE.queue in TEAM_OF
    assert company.DEFAULT_QUEUE in TEAM_OF


def test_addresses_are_reserved_ones_and_belong_to_one_person() -> None:
    addresses = [address for each in customers.CUSTOMERS for address in each.emails]
    addresses += [each.email for each in company.STAFF] + [each.address for each in company.MAILBOXES]
    assert unique(addresses)
    assert [address for address in addresses if not address.endswith(".example")] == []


def test_phone_numbers_lie_in_the_ranges_kept_for_fiction() -> None:
    phones = [phone for each in customers.CUSTOMERS for phone in each.phones]
    assert unique(phones)
    fiction = re.compile(r"\+33199 ?00\d{4}|\+442079460\d{3}")
    assert [phone for phone in phones if not fiction.fullmatch(phone)] == []


def test_customers_are_many_and_some_have_two_addresses_or_a_company() -> None:
    assert len(customers.CUSTOMERS) == 60
    assert unique([each.key for each in customers.CUSTOMERS])
    assert sum(len(each.emails) == 2 for each in customers.CUSTOMERS) == 4
    known = {each.key: each.domain for each in company.ORGANIZATIONS}
    for each in customers.CUSTOMERS:
        if each.organization:
            assert each.emails[0].endswith("@" + known[each.organization])


# --- rules and macros ---


def conditions_within(group: dict[str, Any]) -> list[dict[str, Any]]:
    if "field" in group:
        return [group]
    return [leaf for part in group.values() for each in part for leaf in conditions_within(each)]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: str(rule.name.en))
def test_a_rule_speaks_of_things_that_exist(rule: Rule) -> None:
    assert set(rule.conditions) <= {"all", "any", "none"}
    for leaf in conditions_within(rule.conditions):
        assert set(leaf) == {"field", "op", "value"}
        assert leaf["field"] in FIELDS
        assert leaf["op"] in {"words", "in"}
        assert unique(leaf["value"])
        assert all(leaf["value"])
    assert set(rule.actions) <= {"queue", "priority", "kind", "tags"}
    assert rule.actions.get("queue", "general") in TEAM_OF
    assert rule.actions.get("kind", "complaint") in KINDS
    assert rule.actions.get("priority", 2) in {1, 2, 3, 4}
    assert rule.stops == ("queue" in rule.actions)


def test_the_rules_are_fifteen_and_danger_comes_before_all_that_names_a_queue_of_ours() -> None:
    assert len(rules.RULES) == 15
    assert unique([rule.name.en for rule in rules.RULES] + [rule.name.fr for rule in rules.RULES])
    assert rules.RULES[1].actions["queue"] == "safety"
    assert rules.RULES[1].actions["priority"] == 4


def test_macros_hold_the_same_placeholders_in_both_languages() -> None:
    assert len(macros.MACROS) == 12
    assert unique([macro.key for macro in macros.MACROS])
    for macro in macros.MACROS:
        used = [set(re.findall(r"\{[^}]*\}", text)) for text in macro.body]
        assert used[0] == used[1]
        assert used[0] <= PLACEHOLDERS
        assert set(macro.actions) <= {"status", "queue", "priority", "tags"}
        assert macro.actions.get("queue", "general") in TEAM_OF


# --- articles ---


def test_every_article_exists_in_both_languages_alike() -> None:
    by_language = {
        language: {each.slug: (each.category, each.audience) for each in ARTICLES if each.language == language}
        for language in ("en", "fr")
    }
    assert by_language["en"] == by_language["fr"]
    assert len(by_language["en"]) == 25
    assert sum(audience == "agents" for _, audience in by_language["en"].values()) == 3


def test_articles_are_short_structured_and_filed() -> None:
    categories = {each.slug for each in company.CATEGORIES}
    assert {each.category for each in ARTICLES} == categories
    assert unique([each.title for each in ARTICLES])
    for each in ARTICLES:
        assert re.fullmatch(r"[a-z0-9-]+", each.slug)
        assert each.audience in {"public", "agents"}
        assert 150 <= len(each.body.split()) <= 400, each.slug
        assert each.body.startswith("**"), f"{each.slug}: the short answer comes first"
        assert len(re.findall(r"^## ", each.body, re.MULTILINE)) >= 2, each.slug
        assert each.summary.endswith(".")


# --- conversations ---


def test_conversations_are_many_half_french_and_over_six_weeks() -> None:
    assert len(CONVERSATIONS) >= 130
    assert unique([told.key for told in CONVERSATIONS])
    languages = Counter(told.language for told in CONVERSATIONS)
    assert abs(languages["fr"] - languages["en"]) <= 6
    assert max(told.ago for told in CONVERSATIONS) <= timedelta(weeks=6)
    assert {told.channel for told in CONVERSATIONS} == {
        "web",
        "email",
        "api",
        "phone",
        "chat",
        "letter",
        "sms",
        "shop",
    }
    assert {told.queue for told in CONVERSATIONS} == set(TEAM_OF)


def test_some_customers_have_a_history() -> None:
    regulars = [n for _, n in Counter(told.customer for told in CONVERSATIONS).most_common(8)]
    assert min(regulars) >= 4
    assert {told.customer for told in CONVERSATIONS} == set(CUSTOMERS)


def test_everything_named_in_a_conversation_exists_and_could_have_happened() -> None:
    for told in CONVERSATIONS:
        assert told.sender in CUSTOMERS[told.customer].emails, told.key
        assert told.kind in (None, *KINDS), told.key
        assert told.opening, told.key
        assert all(turn.body for turn in told.turns), told.key
        assert len(told.subject) <= 200, told.key
        assert len(told.turns) <= 6, told.key
        # Whoever speaks serves the queue.
        for name in {turn.agent for turn in told.turns} | {told.agent}:
            assert name is None or TEAM_OF[told.queue] in STAFF[name].teams, told.key
        assert (told.logged_by is not None) == (told.channel in {"phone", "letter", "shop"}), told.key
        assert told.logged_by is None or STAFF[told.logged_by].role == "agent", told.key
        assert all(turn.after > timedelta() for turn in told.turns), told.key
        assert told.ago > sum((turn.after for turn in told.turns), told.ends_after), told.key


def test_a_conversation_ends_as_its_last_words_say() -> None:
    for told in CONVERSATIONS:
        spoken = [turn.kind for turn in told.turns if turn.kind != "note"]
        if told.ends == "new":
            assert (told.turns, told.agent) == ((), None), told.key
        if told.ends == "open":
            assert spoken[-1] == "customer", told.key
        if told.ends == "pending":
            assert spoken[-1] == "reply", told.key
        if told.ends != "new":
            assert told.agent is not None, told.key
        if told.ends in ("solved", "closed", "spam"):
            assert told.ends_after > timedelta(), told.key
        if told.ends == "closed":
            assert told.ago - told.ends_after > timedelta(days=14), told.key
        if told.survey:
            assert told.ends in ("solved", "closed"), told.key
            assert told.survey.score in range(1, 6), told.key


@pytest.mark.parametrize("stemming", [False, True])
def test_the_rules_send_every_conversation_where_it_belongs(stemming: bool) -> None:
    wrong = {}
    for told in CONVERSATIONS:
        stem = STEMMERS[told.language] if stemming else None
        # A visitor's first line is all there is in a chat; the other doors always have a subject.
        for with_subject in (True, False) if told.channel == "chat" else (True,):
            found = matching(facts_of(told, with_subject=with_subject), stem)
            queue = chosen("queue", found) or company.DEFAULT_QUEUE
            if queue != told.queue or chosen("kind", found) not in (None, told.kind):
                wrong[told.key] = [rule.name.en for rule in found]
    assert wrong == {}


def test_no_two_matching_rules_give_the_same_thing() -> None:
    for told in CONVERSATIONS:
        found = matching(facts_of(told, with_subject=True), None)
        given = Counter(action for rule in found for action in rule.actions if action != "tags")
        clashes = {action for action, times in given.items() if times > 1} - {"priority"}
        assert clashes == set(), told.key


def test_most_kinds_are_found_by_the_rules_and_every_rule_is_of_use() -> None:
    found = {told.key: matching(facts_of(told, with_subject=True), None) for told in CONVERSATIONS}
    kinds = [told.key for told in CONVERSATIONS if told.kind and chosen("kind", found[told.key])]
    assert len(kinds) >= 0.7 * len(CONVERSATIONS)
    assert {rule.name.en for each in found.values() for rule in each} == {rule.name.en for rule in rules.RULES}


def test_some_customers_have_been_waiting_for_minutes() -> None:
    fresh = [
        told.key
        for told in CONVERSATIONS
        if told.ends in ("new", "open")
        and told.ago - sum((t.after for t in told.turns), timedelta()) < timedelta(hours=1)
    ]
    assert len(fresh) >= 8


def test_satisfaction_is_good_but_not_perfect() -> None:
    asked = [told for told in CONVERSATIONS if told.ends in ("solved", "closed")]
    answers = [told.survey for told in asked if told.survey]
    assert 0.4 <= len(answers) / len(asked) <= 0.7
    assert 4.0 <= sum(each.score for each in answers) / len(answers) <= 4.2
    assert {each.score for each in answers} == {1, 2, 3, 4, 5}
    assert sum(bool(each.comment) for each in answers) >= 25
