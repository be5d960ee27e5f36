"""Markdown as safe HTML."""

import pytest

from knowledge import render


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](javascript:alert(1))",
        "[x](https://e.example 'a\" onmouseover=\"alert(1)')",
        "<iframe src=https://e.example></iframe>",
        "<style>*{display:none}</style>",
        "<a href='jav&#x09;ascript:alert(1)'>x</a>",
        "<svg onload=alert(1)>",
    ],
)
def test_nothing_in_a_text_becomes_code(evil: str) -> None:
    html = render.page(evil).html.lower()
    for sign in (
        "<script",
        "<iframe",
        "<svg",
        "<style",
        "<img src=x",
        '="javascript:',
        '="data:',
        ' onerror="',
        ' onmouseover="',
    ):
        assert sign not in html


def test_headings_begin_at_the_second_rank_and_each_has_an_anchor_of_its_own() -> None:
    page = render.page("# Été\n\n## Été\n\n### Détail\n\n## `Code` & *reste*")
    assert [(one.text, one.anchor) for one in page.headings] == [
        ("Été", "ete"),
        ("Été", "ete-2"),
        ("Code & reste", "code-reste"),
    ]
    assert '<h2 id="ete">Été</h2>' in page.html
    assert '<h3 id="detail">' in page.html
    assert "<h1" not in page.html


def test_call_outs_have_the_look_of_their_word() -> None:
    html = render.page("> [!WARNING]\n> Débranchez d'abord.\n\n> Une citation.").html
    assert '<div data-notice="warn">' in html
    assert "[!WARNING]" not in html
    assert "Débranchez d'abord." in html
    assert html.count("<blockquote>") == 1


def test_tables_can_be_scrolled_by_keys_and_carry_no_style() -> None:
    html = render.page("| Étape | Durée |\n|---|--:|\n| Colis | 5 jours |").html
    assert '<table tabindex="0">' in html
    assert '<th scope="col">Étape</th>' in html
    assert '<td align="right">5 jours</td>' in html
    assert "style" not in html


def test_foreign_links_tell_nothing_and_images_are_lazy() -> None:
    html = render.page("[là](https://e.example) [ici](/fr/help/) ![Photo](/static/a.png)").html
    assert '<a href="https://e.example" rel="noopener">' in html
    assert '<a href="/fr/help/">' in html
    assert 'alt="Photo"' in html
    assert 'loading="lazy"' in html


def test_the_text_is_what_a_reader_sees() -> None:
    page = render.page("## Titre\n\nUn **mot** et [un lien](/x).\n\n- a\n- b")
    assert page.text.split() == ["Titre", "Un", "mot", "et", "un", "lien.", "*", "a", "*", "b"]
    assert page.minutes == 1
    table = "## Titre\n\nUn **mot**,\nsuite.\n\n|a|b|\n|-|-|\n|c|d|"
    assert render.plain(table) == "Titre – Un mot, suite.\na – b\nc – d"
    assert render.plain("Au choix :\n\n- un\n- deux.\n- trois\n\nFin.") == "Au choix : un; deux. trois\nFin."
