"""What a website loads: the script and the frame."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_vite.core.asset_loader import DjangoViteAssetLoader

from chat import views
from chat.models import Site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unbuilt_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests read the page around the app, so they need no built app."""
    monkeypatch.setattr(DjangoViteAssetLoader, "generate_vite_asset", lambda *args, **options: "")
    monkeypatch.setattr(DjangoViteAssetLoader, "generate_vite_asset_url", lambda *args, **options: "")


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> None:
    """A built widget, as small as can be."""
    for name in ("loader", "inline", "teaser"):
        (tmp_path / f"{name}.js").write_text(f"{'start' if name == 'loader' else name}(__GUICHET_CONFIG__)")
    settings.FRONTEND_DIST = tmp_path


def test_the_script_carries_the_sites_configuration(shop: Site, built: None, settings: Any) -> None:
    answer = Client().get("/w/shop.js")
    assert answer.status_code == 200
    found = re.fullmatch(r"start\((.*)\)", answer.content.decode())
    assert found is not None
    assert json.loads(found[1]) == {"site": "shop", "base": settings.PUBLIC_URL, "color": "#1F5FBF"}
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.cookies == {}


def test_a_colour_that_is_none_stays_out_of_the_script(shop: Site, built: None) -> None:
    shop.color = "</scri"
    shop.save(update_fields=["color"])
    assert "color" not in Client().get("/w/shop.js").content.decode()


def test_only_what_is_not_as_usual_is_in_the_script(shop: Site, built: None, settings: Any) -> None:
    shop.position, shop.offset_y, shop.theme, shop.language = "left", 80, "dark", "fr"
    shop.label_fr, shop.is_hidden = "Une question ?", True
    shop.save()
    found = re.fullmatch(r"start\((.*)\)", Client().get("/w/shop.js").content.decode())
    assert found is not None
    assert json.loads(found[1]) == {
        "site": "shop", "base": settings.PUBLIC_URL, "color": "#1F5FBF", "position": "left", "y": 80, "theme": "dark",
        "language": "fr", "hidden": True, "labels": {"fr": {"open": "Une question ?"}},
    }  # fmt: skip


def test_json_in_a_script_ends_neither_element_nor_line() -> None:
    written = views.in_script({"a": "</script>\u2028&"})
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"a": "</script>\u2028&"}


@pytest.mark.parametrize("path", ["/w/elsewhere.js", "/w/elsewhere/", "/demo/shop/"])
def test_an_unknown_site_is_not_found(technical: object, built: None, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_only_the_sites_exact_origins_may_embed_the_frame(shop: Site) -> None:
    shop.origins = ["https://shop.example", "https://*.example", "https://a.example; script-src *", "data:", 7]
    shop.save(update_fields=["origins"])
    answer = Client().get("/w/shop/", headers={"Accept-Language": "fr"})
    assert answer.status_code == 200
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'self' https://shop.example"
    assert policy["script-src"] == "'self'"
    assert "X-Frame-Options" not in answer
    assert answer.cookies == {}


def test_the_frame_knows_its_site_and_the_visitors_language(shop: Site) -> None:
    shop.greeting_fr, shop.name = "Bonjour </script>", "Shop & Co"
    shop.save(update_fields=["greeting_fr", "name"])
    page = Client().get("/w/shop/", headers={"Accept-Language": "fr"}).content.decode()
    found = re.search(r'<script id="guichet-frame" type="application/json">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1]) == {
        "site": "shop", "name": "Shop & Co", "language": "fr", "color": "#1F5FBF",
        "greetings": {"en": "", "fr": "Bonjour </script>"},
        "available": False, "wait_s": None, "contact": "/fr/contact/",
        "privacy": "", "accessibility": "", "theme": "auto", "region": "FR",
    }  # fmt: skip
    assert '<html lang="fr">' in page


def test_the_demo_shop_carries_only_the_one_line(shop: Site) -> None:
    page = Client().get("/demo/shop/").content.decode()
    assert re.findall(r"<script[^>]*>", page) == ['<script async src="/w/shop.js">']


# --- a part of the page, and the teaser -------------------------------------------------------------------------------
def test_a_page_that_shows_the_frame_itself_gets_the_script_for_that(shop: Site, built: None) -> None:
    answer = Client().get("/w/shop.js?inline")
    assert answer.content.decode().startswith('inline({"site": "shop"')
    assert answer["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"


def test_there_is_no_teaser_unless_the_site_has_words_for_it(shop: Site, built: None) -> None:
    assert Client().get("/w/shop/teaser.js").status_code == 404
    assert "teaser" not in Client().get("/w/shop.js").content.decode()


def test_a_site_with_a_teaser_asks_for_it_later_by_its_loader_alone(shop: Site, built: None, settings: Any) -> None:
    shop.teaser_fr, shop.teaser_after_s = "Une question sur nos </vélos> ?", 40
    shop.save(update_fields=["teaser_fr", "teaser_after_s"])
    loader = Client().get("/w/shop.js").content.decode()
    assert loader.endswith(
        ';setTimeout(()=>document.head.append(Object.assign(document.createElement("script"),'
        f'{{src:"{settings.PUBLIC_URL}/w/shop/teaser.js"}})),3e3)'
    )
    assert "teaser.js" not in Client().get("/w/shop.js?inline").content.decode()
    teaser = Client().get("/w/shop/teaser.js").content.decode()
    found = re.fullmatch(r"teaser\((.*)\)", teaser)
    assert found is not None
    assert "</" not in teaser
    config = json.loads(found[1])
    assert config["teaser"] == {"fr": "Une question sur nos </vélos> ?"}
    assert config["after"] == 40


def test_a_hidden_button_has_no_teaser(shop: Site, built: None) -> None:
    shop.teaser_fr, shop.is_hidden = "Une question ?", True
    shop.save(update_fields=["teaser_fr", "is_hidden"])
    assert "teaser.js" not in Client().get("/w/shop.js").content.decode()


def test_the_frames_page_weighs_next_to_nothing(shop: Site) -> None:
    shop.greeting_en = shop.greeting_fr = (
        "Bonjour ! Une question sur une commande ? Nous répondons en quelques minutes."
    )
    shop.save(update_fields=["greeting_en", "greeting_fr"])
    answer = Client().get("/w/shop/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) <= 1000
