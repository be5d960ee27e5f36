"""The demo's data hold together: nothing in them names what does not exist."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any, get_args

import pytest

from helpdesk.demo import articles, company, conversations, customers, macros, rules
from helpdesk.demo.shapes import Conversation, Kind, Rule
from tickets import models, routing
from tickets.facts import Facts
from tickets.rules import conditions

ARTICLES = articles.load()
CONVERSATIONS = conversations.load()
TEAM_OF = {queue.slug: queue.team for queue in company.QUEUES}
STAFF = {each.key: each for each in company.STAFF}
CUSTOMERS = {each.key: each for each in customers.CUSTOMERS}
KINDS = get_args(Kind)
PLACEHOLDERS = {"{customer.name}", "{agent.name}", "{ticket.number}"}
STORED_RULES = [
    models.Rule(
        pk=number,
        name=rule.name.en,
        conditions=rule.conditions,
        actions=rule.actions,
        stops=rule.stops,
        **rule.more,
    )
    for number, rule in enumerate(rules.RULES, start=1)
]


def unique(values: list[str]) -> bool:
    return len(values) == len(set(values))


def decided(told: Conversation, *, subject: str) -> routing.Decision:
    """What the product's own rules engine makes of the opening words."""
    return routing.choose(
        Facts(
            subject=subject,
            body=told.opening,
            channel=told.channel,
            sender=told.sender,
            mailbox=told.mailbox or "",
            language=told.language,
        ),
        STORED_RULES,
    )


def followed(decision: routing.Decision) -> list[str]:
    """The names of the rules that matched and were not behind one that ended the search."""
    return [step["rule"]["name"] for step in decision.steps if step["matched"] and step["skipped"] is None]


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
    conditions.check(rule.conditions)
    for leaf in conditions_within(rule.conditions):
        assert unique(conditions.as_list(leaf["value"]))
    assert set(rule.actions) <= {"queue", "priority", "kind", "tags"}
    assert rule.actions.get("queue", "general") in TEAM_OF
    assert rule.actions.get("kind", "complaint") in KINDS
    assert rule.actions.get("priority", 2) in {1, 2, 3, 4}
    assert rule.stops == ("queue" in rule.actions)


def test_the_rules_are_eighteen_and_danger_comes_before_all_that_names_a_queue_of_ours() -> None:
    assert len(rules.RULES) == 18
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


def test_the_rules_send_every_conversation_where_it_belongs() -> None:
    wrong = {}
    for told in CONVERSATIONS:
        # A visitor's first line is all there is in a chat; the other doors always have a subject.
        for subject in (told.subject, "") if told.channel == "chat" else (told.subject,):
            decision = decided(told, subject=subject)
            queue = decision.actions.get("queue", company.DEFAULT_QUEUE)
            if queue != told.queue or decision.actions.get("kind") not in (None, told.kind):
                wrong[told.key] = followed(decision)
    assert wrong == {}


def test_no_two_rules_that_match_together_choose_differently() -> None:
    by_name = {rule.name.en: rule.actions for rule in rules.RULES}
    for told in CONVERSATIONS:
        given = [by_name[name] for name in followed(decided(told, subject=told.subject))]
        for action in ("queue", "kind", "priority"):
            assert len({actions[action] for actions in given if action in actions}) <= 1, told.key


def test_most_kinds_are_found_by_the_rules_and_every_rule_is_of_use() -> None:
    decisions = {told.key: decided(told, subject=told.subject) for told in CONVERSATIONS}
    kinds = [told.key for told in CONVERSATIONS if told.kind and "kind" in decisions[told.key].actions]
    assert len(kinds) >= 0.9 * sum(told.kind is not None for told in CONVERSATIONS)
    used = {name for decision in decisions.values() for name in followed(decision)}
    # the others are only watched, hear later messages or look at the clock
    assert used == {rule.name.en for rule in rules.RULES if not rule.more}


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
