"""Customers from a file, on the screen: sent, matched, checked, taken in and taken back by keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Site

CSV = "Réf;Nom;Courriel;Ville\nimp-1;Zoé Import;zoe.import@example.com;Metz\nimp-2;Paul Import;nulle part;Nancy\n"
# The jobs of a demo company that was just started go first
WORKED = 180_000


def test_a_file_is_taken_in_and_back(site: Site, open_page: OpenPage, axe: Callable[[Page], None]) -> None:
    admin = Agent(open_page(), site, "admin")
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

    expect(page.get_by_role("heading", name=words("import.checked"))).to_be_focused(timeout=WORKED)
    row = page.get_by_role("row").filter(has_text="nulle part")
    expect(row).to_contain_text("Courriel")
    expect(row.get_by_role("rowheader")).to_contain_text("3")
    page.set_viewport_size({"width": 390, "height": 800})
    axe(page)
    page.get_by_role("button", name=words("import.run", count=1)).press("Enter")

    expect(page.get_by_role("heading", name=words("import.done"))).to_be_focused(timeout=WORKED)
    assert [one["name"] for one in admin.get("customers/?q=zoe.import")["results"]] == ["Zoé Import"]
    page.get_by_role("button", name=words("import.undo")).press("Enter")
    page.get_by_role("button", name=words("import.undoYes")).press("Enter")
    expect(page.get_by_role("heading", name=words("import.undone"))).to_be_focused(timeout=WORKED)
    assert admin.get("customers/?q=zoe.import")["results"] == []
