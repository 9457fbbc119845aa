"""The chat on a page as a test sees it: through its shadow root, by what a resident does."""

from __future__ import annotations

from typing import Any

from tests.browser.driver import ENTER, Browser

#: Before each script: ``chat`` the element, ``root`` its shadow root, ``launcher``, ``$`` and ``$$`` to look into it.
HERE = """
  const launcher = document.querySelector('community-launcher');
  const chat = (launcher && launcher.shadowRoot ? launcher.shadowRoot : document).querySelector('community-chat');
  const root = chat && chat.shadowRoot;
  const $ = (css) => root && root.querySelector(css), $$ = (css) => root ? [...root.querySelectorAll(css)] : [];
"""
#: No question is under way.
IDLE = "(!$('.typing') || !$('.typing').textContent.trim())"
ANSWERS = "$$('.msg:not(.mine)')"


class Widget:
    """The one chat of the page at hand."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def js(self, script: str, *args: Any) -> Any:
        """A function body that may use what ``HERE`` names."""
        return self.browser.js(HERE + script, *args)

    def wait(self, expression: str, seconds: float = 8.0) -> Any:
        """Waits until the expression (with what ``HERE`` names) is true and gives its value."""
        return self.browser.wait(f"(() => {{ {HERE} return {expression} }})()", seconds)

    def ready(self, seconds: float = 8.0) -> None:
        """Waits until the chat can be typed into and nothing is under way."""
        self.wait(f"$('.field textarea') && {IDLE}", seconds)

    def click(self, css: str, text: str = "") -> None:
        """Clicks, as a person would, the last element of ``css`` that can be seen and holds ``text``."""
        found = self.js(
            "return $$(arguments[0]).filter(e => e.getClientRects().length && "
            "(e.textContent + (e.getAttribute('aria-label') || '')).includes(arguments[1])).pop()", css, text
        )  # fmt: skip
        assert found, f"no {css} with {text!r}"
        self.browser.click_element(found)

    def type(self, text: str) -> None:
        """Types into the field."""
        self.js("$('.field textarea').focus()")
        self.browser.keys(text)

    def say(self, text: str) -> None:
        """Types a message and sends it; waits for nothing."""
        self.type(text + ENTER)

    def ask(self, text: str) -> None:
        """Types a message, sends it, waits for the answer."""
        before = self.js(f"return {ANSWERS}.length")
        self.say(text)
        self.wait(f"{ANSWERS}.length > {before} && {IDLE}")

    def tap(self, title: str) -> None:
        """Taps the last usable button of the conversation that says exactly this, and waits for the answer."""
        self.click_exactly("button:enabled", title)
        self.wait(IDLE)

    def click_exactly(self, css: str, text: str) -> None:
        """Clicks the last element of ``css`` whose text is exactly this."""
        found = self.js("return $$(arguments[0]).filter(e => e.textContent.trim() === arguments[1]).pop()", css, text)
        assert found, f"no {css} that says {text!r}"
        self.browser.click_element(found)

    def last(self) -> str:
        """The newest answer as it is seen."""
        return str(self.js(f"return {ANSWERS}.pop().innerText"))

    def text(self, css: str = ".log") -> str:
        """All that is seen in the first of ``css``."""
        return str(self.js("const e = $(arguments[0]); return e ? e.innerText : ''", css))

    def count(self, css: str) -> int:
        return int(self.js("return $$(arguments[0]).length", css))

    def focused(self) -> str:
        """What has the keyboard, in words: its class, label or text; "" where nothing in the chat has it."""
        return str(self.js("""
          let a = document.activeElement;
          while (a && a.shadowRoot && a.shadowRoot.activeElement) a = a.shadowRoot.activeElement;
          if (!a || a === document.body) return '';
          return (a.getAttribute('aria-label') || a.textContent || a.tagName).trim().slice(0, 40);"""))  # fmt: skip

    def stored(self, name: str) -> Any:
        """What the widget keeps in the browser under this name."""
        return self.browser.js("return JSON.parse(localStorage['linlitong.' + arguments[0]] || 'null')", name)

    def settings(self, **changes: Any) -> None:
        """Writes the reader's settings as the menu would; seen after the next load."""
        self.browser.js(
            "const s = JSON.parse(localStorage['linlitong.settings'] || '{}');"
            "localStorage['linlitong.settings'] = JSON.stringify({...s, ...arguments[0]})", changes
        )  # fmt: skip

    def menu(self) -> None:
        """Opens the settings."""
        if not self.js("return Boolean($('.menu'))"):
            self.click(".more")
            self.wait("$('.menu')")
