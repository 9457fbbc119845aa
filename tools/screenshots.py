"""Takes the pictures of README against a running server: ``python -m tools.screenshots --url http://127.0.0.1:5005``.

Each is of the real bot. ``--only NAME`` takes one of them, ``--to FOLDER`` puts them elsewhere.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.browser.driver import CHROMEDRIVER, CHROMIUM, Browser
from tests.browser.widget import IDLE, Widget

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
PHONE, DESK = (390, 780), (1280, 800)
#: A picture may weigh this much, bytes: README is read on phones, too.
MOST = 200_000


@dataclass(frozen=True)
class Shot:
    """One picture: where, how, and what is said before it is taken."""

    name: str
    size: tuple[int, int]
    path: str = "/chat"
    region: str = "310110"
    dark: bool = False
    elder: bool = False
    #: Each is typed, or tapped where a button says exactly this.
    said: Sequence[str] = ()
    #: Whether the launcher of the demo page is opened.
    opened: bool = False
    #: A button that is pressed at the end.
    press: str = ""


_PLACES = ("我妈七十五了附近哪里能吃上便宜饭", "五角场")
_VERDICT = ("我想问租房补贴，硕士毕业一年，南京没房子，在南京上班交社保，够不够条件", "是", "是")
SHOTS = (
    Shot("demo-desktop", DESK, "/", "510100"),
    Shot("demo-desktop-dark", DESK, "/", "510100", dark=True),
    Shot("demo-phone", PHONE, "/", "510100"),
    Shot("open-desktop", DESK, "/", "310110", opened=True, said=_PLACES),
    Shot("open-desktop-dark", DESK, "/", "310110", dark=True, opened=True, said=_PLACES),
    Shot("open-phone", PHONE, "/", "510100", opened=True),
    Shot("places-phone", PHONE, said=_PLACES),
    Shot("places-phone-dark", PHONE, dark=True, said=_PLACES),
    Shot("places-phone-elder", PHONE, elder=True, said=_PLACES),
    Shot("places-picture-phone", PHONE, said=_PLACES, press="看示意图"),
    Shot("question-phone", PHONE, region="320100", said=("够不够条件领租房补贴",)),
    Shot("question-phone-elder", PHONE, region="320100", elder=True, said=("够不够条件领租房补贴",)),
    Shot("verdict-phone", PHONE, region="320100", said=_VERDICT),
    Shot("verdict-phone-dark", PHONE, region="320100", dark=True, said=_VERDICT),
    Shot("verdict-desktop", DESK, region="320100", said=_VERDICT),
)


def take(browser: Browser, address: str, shot: Shot, to: Path) -> None:
    """Draws one picture; AssertionError where the page does not get there."""
    phone = shot.size[0] < 600
    browser.size(*shot.size, mobile=phone)
    browser.dark(shot.dark)
    browser.open(address + shot.path)
    browser.js("localStorage.clear(); for (const [k, v] of Object.entries(arguments[0]))"
               "localStorage['linlitong.' + k] = JSON.stringify(v)",
               {"region": shot.region, "settings": {"elder": shot.elder}})  # fmt: skip
    browser.open(address + shot.path)
    page = Widget(browser)
    if shot.opened:
        opener = "launcher && launcher.shadowRoot.querySelector('.open')"
        page.wait(opener)
        browser.click_element(page.js(f"return {opener}"))
    if shot.opened or shot.path != "/":
        page.ready(20)
    for words in shot.said:
        buttons = "$$('.msg button:enabled').filter(b => b.textContent.trim() === arguments[0])"
        one = page.js(f"return {buttons}.pop()", words)
        before = page.count(".msg")
        if one:
            time.sleep(1)  # a second tap on the same words within a moment is taken for a trembling finger
            browser.click_element(one)
        else:
            page.say(words)
        page.wait(f"$$('.msg').length >= {before + 2} && {IDLE}", 20)
    if shot.press:
        page.click("button", shot.press)
    # No ring of the keyboard, no blinking line and nothing under the mouse in the picture.
    away = [{"type": "pointerMove", "duration": 0, "x": 1, "y": 1}]
    browser.command("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": away}]})
    page.js("if (root && root.activeElement) root.activeElement.blur(); document.activeElement.blur()")
    if shot.press:
        page.js("$('[role=img]').scrollIntoView({block: 'center'})")
    time.sleep(0.4)
    browser.screenshot(to)


def main() -> int:
    """Takes each picture; exit code 1 where there is no browser or a picture is too heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="where the bot answers")
    parser.add_argument("--to", type=Path, default=PICTURES)
    parser.add_argument("--only", action="append", help="the name of one picture; may be given again")
    options = parser.parse_args()
    if not (CHROMIUM and CHROMEDRIVER):
        print("Chromium or chromedriver is missing", file=sys.stderr)
        return 1
    heavy = 0
    for shot in SHOTS:
        if options.only and shot.name not in options.only:
            continue
        # A browser of its own: what an earlier picture said is not in this one.
        with tempfile.TemporaryDirectory() as profile, Browser(Path(profile)) as browser:
            path = options.to / f"{shot.name}.png"
            take(browser, options.url.rstrip("/"), shot, path)
        size = path.stat().st_size
        heavy += size > MOST
        print(f"{path} {size // 1000} kB" + (" (too heavy)" if size > MOST else ""))
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main())
