"""An agent at the desk and a visitor at the bubble, each in a browser, acting by the words they read."""

import json
import re
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, WebSocketRoute, expect

from tests.e2e import talk, words
from tests.e2e.product import Site

# Until a chat stands in the line of a busy machine
WAITING = 20_000


class Agent:
    """One member of the demo's staff at `/desk/`; the console speaks the language of his account."""

    def __init__(self, page: Page, site: Site, name: str) -> None:
        self.page, self.site, self.name = page, site, name
        self.account = site.demo["agents"][name]
        self.token = self.account["token"]
        self.words = words.console("en")
        me = self.get("me/")
        self.full_name = me["name"]
        self.words = words.console(me["locale"])

    def get(self, path: str) -> Any:
        """What the API tells this agent in her language, to compare with what the screen shows."""
        found = talk.call("GET", f"{self.site.url}/api/v1/{path}", token=self.token, language=self.words.language)
        assert found.status == 200, found
        return found.content

    def end_chats(self) -> None:
        """What an earlier story left open would leave no room for another."""
        for session in self.get("chat/line/")["mine"]:
            address = f"{self.site.url}/api/v1/chat/sessions/{session['id']}/end/"
            assert talk.call("POST", address, token=self.token).status == 200

    def sign_in(self) -> None:
        """By the form, in English as a British browser shows it."""
        english = words.console("en")
        self.page.goto(f"{self.site.url}/desk/")
        self.page.get_by_label(english("signIn.email")).fill(self.account["email"])
        self.page.get_by_label(english("signIn.password")).fill(self.account["password"])
        self.page.get_by_role("button", name=english("signIn.go"), exact=True).click()
        expect(self.page.get_by_role("navigation", name=self.words("nav.main"))).to_be_visible()

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site.url}/desk/{path}")
        expect(self.page.get_by_role("navigation", name=self.words("nav.main"))).to_be_visible()

    def be(self, availability: str) -> None:
        """Choose in one's own menu whether chats may come."""
        menu = self.page.get_by_role("button", name=re.compile(rf"^{self.full_name}, "))
        menu.click()
        said = self.words(f"availability.{availability}")
        self.page.get_by_role("menuitem", name=re.compile(rf"^{said}")).click()
        expect(self.page.get_by_role("button", name=re.compile(rf"^{self.full_name}, {said}"))).to_be_visible()

    def row(self, text: str) -> Locator:
        """A ticket in the list."""
        return self.page.get_by_role("listitem").filter(has=self.page.locator("[data-ticket]")).filter(has_text=text)

    def button(self, key: str, **values: Any) -> Locator:
        return self.page.get_by_role("button", name=self.words(key, **values), exact=True)

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("log", name=self.words("thread.label"))

    @property
    def why(self) -> Locator:
        return self.page.get_by_role("dialog")

    def write_note(self, text: str) -> None:
        self.page.get_by_role("tab", name=self.words("composer.note")).click()
        self.page.get_by_role("textbox", name=self.words("composer.note"), exact=True).fill(text)
        self.button("composer.addNote").click()
        expect(self.thread).to_contain_text(text)

    # --- chats ---------------------------------------------------------------------------------------------------------
    def come_to_chats(self) -> None:
        """At the desk, with nothing left open by an earlier story, willing to take chats."""
        self.end_chats()
        self.sign_in()
        self.be("available")
        self.go("chats")

    def accept(self, text: str) -> Locator:
        """Take the chat that says this from the line; returns its column."""
        line = self.page.get_by_role("region", name=self.words("chats.lists"))
        waiting = line.get_by_role("listitem").filter(has_text=text)
        waiting.get_by_role("button", name=re.compile(f"^{self.words('chats.take')}")).click(timeout=WAITING)
        expect(self.column.get_by_text(text, exact=True)).to_be_visible()
        return self.column

    @property
    def column(self) -> Locator:
        """The conversation that the agent is in."""
        expect(self.page).to_have_url(re.compile(r"/desk/chats/\d+"))
        return self.page.locator("section.column.active")

    @property
    def chat(self) -> int:
        """The ticket of the conversation that the agent is in."""
        expect(self.page).to_have_url(re.compile(r"/desk/chats/\d+"))
        return int(self.page.url.rsplit("/", 1)[1])

    def answer(self, text: str) -> None:
        """Say this in the conversation that the agent is in."""
        box = self.column.get_by_role("textbox", name=re.compile(f"^{self.words('composer.replyTo', name='').strip()}"))
        box.fill(text)
        box.press("Enter")

    def messages(self, ticket: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"tickets/{ticket}/messages/")["results"]
        return found

    @property
    def box(self) -> Locator:
        """Where the answer is written."""
        return self.page.get_by_role("textbox", name=re.compile(rf"^{self.words('composer.replyTo', name='')}"))


class Visitor:
    """Somebody on a website, by default the demo shop, talking through its bubble."""

    def __init__(self, page: Page, site: Site, language: str = "fr", *, at: str = "") -> None:
        self.page, self.site, self.words = page, site, words.widget(language)
        self.opener = page.get_by_role("button", name={"fr": "Aide", "en": "Help"}[language], exact=True)
        page.goto(at or f"{site.url}/demo/shop/?lang={language}")

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("guichet-help iframe")

    def open(self) -> None:
        self.opener.click()
        expect(self.frame.get_by_role("heading", name=self.words("hello"))).to_be_visible()

    def open_chat(self) -> None:
        self.open()
        self.way("chat").click()
        expect(self.box).to_be_visible()

    def way(self, key: str) -> Locator:
        """A channel that the first screen offers: `chat`, `write`, `callMe`."""
        return self.frame.get_by_role("button", name=re.compile(f"^{re.escape(self.words(key))}"))

    def button(self, key: str) -> Locator:
        return self.frame.get_by_role("button", name=self.words(key), exact=True)

    @property
    def box(self) -> Locator:
        return self.frame.get_by_role("textbox", name=self.words("message"), exact=True)

    @property
    def thread(self) -> Locator:
        return self.frame.get_by_role("log", name=self.words("conversation"))

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.bubble(text)).to_be_visible()

    def bubble(self, text: str) -> Locator:
        return self.thread.get_by_text(text, exact=True)


class Cable:
    """The line between one browser and the product. Cut, calls fail and sockets say nothing, as behind a dead router."""

    def __init__(self, page: Page) -> None:
        self._context, self._is_cut = page.context, False
        self._sockets: list[WebSocketRoute] = []
        self._context.route_web_socket(re.compile("/ws/"), self._plug)

    def _plug(self, near: WebSocketRoute) -> None:
        if self._is_cut:
            near.close()
            return
        far = near.connect_to_server()
        near.on_message(lambda frame: None if self._is_cut else far.send(frame))
        far.on_message(lambda frame: None if self._is_cut else near.send(frame))
        self._sockets += [near, far]

    def cut(self) -> None:
        self._is_cut = True
        self._context.set_offline(True)

    def mend(self) -> None:
        """The old connections are dead; new ones may be made."""
        self._is_cut = False
        self._context.set_offline(False)
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()


def check(site: Site) -> None:
    """Nothing that must hold at any moment is broken."""
    done = site.manage("check_invariants", "--json")
    assert done.returncode == 0, done.stdout.decode()
    found = json.loads(done.stdout)
    assert not any(found.get("violations", {}).values()), found
