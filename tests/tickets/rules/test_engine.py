"""The index is no other opinion: it finds the rules that match, and accounts say what each condition finds by itself."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.facts import Facts
from tickets.rules import conditions, engine
from tickets.rules.compiled import Compiled, Entry

WORDS = ["carte", "cartes", "débit", "refund", "refunds", "money", "back", "vélo", "c++", "x"]
TERMS = [*WORDS, "cart*", "ref*", '"money back"', '"carte refund"~3', "-vélo", "*fund", "é*t"]
OPTIONS: list[dict[str, Any]] = [
    {},
    {},
    {},
    {"case": True},
    {"accents": True},
    {"stem": True},
    {"whole": False},
    {"stem": "fr"},
]

leaf = st.one_of(
    st.builds(
        lambda field, op, value, options: {"field": field, "op": op, "value": value, **options},
        st.sampled_from(["text", "subject", "body", "attachments"]),
        st.sampled_from(["words", "all_words", "no_words"]),
        st.lists(st.sampled_from(TERMS), min_size=1, max_size=3),
        st.sampled_from(OPTIONS),
    ),
    st.builds(
        lambda op, value: {"field": "channel", "op": op, "value": value},
        st.sampled_from(["is", "in", "is_not", "like"]),
        st.sampled_from(["email", "web", "*a*"]),
    ),
)
tree = st.recursive(
    st.builds(
        lambda groups: {name: members for name, members in groups.items() if members},
        st.fixed_dictionaries({name: st.lists(leaf, max_size=2) for name in ("all", "any", "none")}),
    ),
    lambda inner: st.builds(
        lambda groups: {name: members for name, members in groups.items() if members},
        st.fixed_dictionaries({name: st.lists(st.one_of(leaf, inner), max_size=2) for name in ("all", "any", "none")}),
    ),
    max_leaves=4,
)
text = st.lists(st.sampled_from([*WORDS, "Carte", "DÉBIT", "vélos", "offer"]), max_size=8).map(" ".join)


def entry(number: int, conditions: dict[str, Any], **more: Any) -> Entry:
    content = {"name": f"r{number}", "conditions": conditions, "actions": {"tags": [f"t{number}"]}, "stops": False}
    return Entry(number, 1, number, {**content, **more})


@settings(max_examples=300, deadline=None)
@given(st.lists(tree, max_size=6), text, text, st.sampled_from(["email", "web"]))
def test_the_index_finds_the_rules_that_match_and_no_other(
    trees: list[Any], subject: str, body: str, channel: str
) -> None:
    facts = Facts(subject=subject, body=body, channel=channel, attachments=("carte.pdf",))
    group = Compiled(None, tuple(entry(n, each) for n, each in enumerate(trees, start=1))).group("intake")
    holding = [each.pk for each in group.entries if each.tree.holds(facts)]
    assert [each.pk for each in group.matching(facts)] == holding
    decision = engine.choose(facts, group)
    account = engine.account(facts, group, decision.steps)
    assert [step["rule"]["id"] for step in account if step["matched"]] == holding
    for step, each in zip(account, group.entries, strict=True):
        assert step["conditions"] == conditions.match(each.content["conditions"], replace(facts))[1]
        for finding in step["conditions"]:
            for term in finding["terms"]:
                source = "carte.pdf" if finding["field"] == "attachments" else facts.text
                assert source[term["start"] : term["end"]] == term["text"]


def test_shadow_rules_are_told_and_neither_act_nor_stop() -> None:
    def has(word: str) -> dict[str, Any]:
        return {"any": [{"field": "text", "op": "words", "value": [word]}]}

    entries = (
        entry(1, has("carte"), shadow=True, stops=True),
        entry(2, has("carte"), stops=True),
        entry(3, has("carte")),
        entry(4, {"all": [has("carte"), has("nowhere")]}),
        entry(5, has("carte"), active=False),
    )
    facts = Facts(subject="carte", body="")
    group = Compiled(None, entries).group("intake")
    decision = engine.choose(facts, group)
    assert decision.actions == {"tags": ["t2"]}
    told = [
        (s["rule"]["id"], s["effect"], s["skipped"], s["near_miss"])
        for s in engine.account(facts, group, decision.steps)
    ]
    assert told == [
        (1, "shadow", None, False),
        (2, "won", None, False),
        (3, "skipped", "r2", False),
        (4, "none", "r2", True),
    ]
    assert decision.tally == [[1, "shadow", None], [2, "hit", None], [3, "behind", 2]]
    assert {name: source.origin for name, source in decision.sources.items()} == {"tag:t2": 2}


def test_a_rule_does_not_act_on_its_own_effect() -> None:
    group = Compiled(None, (entry(1, {}, trigger="event", events=["ticket.routed"]),)).of_event("ticket.routed")
    decision = engine.choose(Facts(subject="", body=""), group, skip={1})
    assert (decision.actions, [step["effect"] for step in decision.steps]) == ({}, ["own_effect"])
