"""Customers from a file, on the screen: sent, matched, checked, taken in and taken back by keyboard, also on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Site

CSV = "Réf;Nom;Courriel;Ville\nimp-1;Zoé Import;zoe.import@example.com;Metz\nimp-2;Paul Import;nulle part;Nancy\n"


@pytest.mark.parametrize("width", [1366, 390])
def test_a_file_is_taken_in_and_back(site: Site, open_page: OpenPage, axe: Callable[[Page], None], width: int) -> None:
    admin = Agent(open_page(viewport={"width": width, "height": 800}), site, "admin")
    admin.sign_in()
    page, words = admin.page, admin.words
    admin.go("settings/imports")
    expect(page.get_by_role("heading", name=words("import.past"))).to_be_visible()
    axe(page)
    page.get_by_label(words("import.file"), exact=True).set_input_files(
        {"name": "clients.csv", "mimeType": "text/csv", "buffer": CSV.encode("cp1252")}
    )
    page.get_by_role("button", name=words("import.go")).press("Enter")

    expect(page.get_by_role("heading", name=words("import.columns"))).to_be_visible()
    expect(page.get_by_label("Courriel", exact=True)).to_have_value("email")
    expect(page.get_by_label("Ville", exact=True)).to_have_value("")
    axe(page)
    page.get_by_role("button", name=words("import.check")).press("Enter")

    expect(page.get_by_role("heading", name=words("import.checked"))).to_be_focused()
    row = page.get_by_role("row").filter(has_text="nulle part")
    expect(row).to_contain_text("Courriel")
    expect(row.get_by_role("rowheader")).to_contain_text("3")
    axe(page)
    page.get_by_role("button", name=words("import.run", count=1)).press("Enter")

    expect(page.get_by_role("heading", name=words("import.done"))).to_be_focused()
    assert [one["name"] for one in admin.get("customers/?q=zoe.import")["results"]] == ["Zoé Import"]
    axe(page)
    page.get_by_role("button", name=words("import.undo")).press("Enter")
    page.get_by_role("button", name=words("import.undoYes")).press("Enter")
    expect(page.get_by_role("heading", name=words("import.undone"))).to_be_focused()
    assert admin.get("customers/?q=zoe.import")["results"] == []
