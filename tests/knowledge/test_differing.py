"""What differs between two texts."""

from knowledge import differing


def _shown(before: str, after: str) -> list[str]:
    signs = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]"}
    return [
        "…" * bool(line.skipped) + "".join(signs[part.kind].format(part.text) for part in line.parts)
        for line in differing.lines(before, after)
    ]


def test_words_that_went_and_came_are_told_apart_within_a_line() -> None:
    assert _shown("Allow 5 working days.", "Allow 10 working days.") == ["Allow [-5-][+10+] working days."]


def test_lines_that_went_and_came() -> None:
    assert _shown("a\nb\nc", "a\nc\nd") == ["a", "[-b-]", "c", "[+d+]"]


def test_long_stretches_that_stayed_are_left_out() -> None:
    before = "\n".join(map(str, range(20)))
    assert _shown(before, before.replace("10", "ten")) == ["…8", "9", "[-10-][+ten+]", "11", "12"]
    assert differing.lines(before, before) == []
