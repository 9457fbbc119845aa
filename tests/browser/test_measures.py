"""Eyes and thumbs: every kind in one conversation, measured in each mode, on a phone and on a desk, and by axe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import measure
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, open_new
from tests.browser.driver import Browser
from tests.browser.widget import IDLE, Widget
from tests.channels.messages import ALL_KINDS
from tests.channels.server import Server

NORMAL, ELDER = {"elder": False}, {"elder": True}
#: Least size of text and targets in CSS pixels, and least contrast, as issue 6 has them.
LEAST = {False: (18, 48, 4.5), True: (24, 60, 7.0)}


@pytest.fixture(scope="module")
def everything(shared_server: Server) -> dict[str, Any]:
    """The session of a conversation in which every kind was said, the last reply with all of them."""
    session = shared_server.session(region="310110")
    for text in ("question", "everything"):
        assert shared_server.post(session["token"], text).status_code == 200
    return session


def shown(
    browser: Browser, server: Server, session: dict[str, Any], size: tuple[int, int], dark: bool, **settings: Any
) -> Widget:
    """The conversation as it is drawn with these settings; everything that folds is unfolded."""
    widget = open_new(browser, server.url + "/chat", size, region="310110", session=session, settings=settings)
    browser.dark(dark)
    widget.wait(f"$$('.msg[data-kind]').length >= {len(ALL_KINDS) + 5} && {IDLE}")
    unfold(widget)
    return widget


def unfold(widget: Widget) -> None:
    """Opens all details, all places, the pictures, and the reasons of one rating."""
    widget.js("""
      for (const d of $$('details')) d.open = true;
      const buttons = words => $$('.msg button:enabled').filter(e => e.textContent.startsWith(words));
      const press = all => all.length && all[0].click();
      press(buttons('再看'));
      press(buttons('看示意图'));
      press(buttons('没用'));
      return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))""")  # fmt: skip
    widget.js("for (const d of $$('details')) d.open = true")
    widget.js("$('.scroll').scrollTop = 0; document.activeElement && document.activeElement.blur()")


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    chosen: tuple[int, int] = request.param
    return chosen


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_every_kind_is_large_clear_and_without_fault_for_axe(
    chromium: Browser, server: Server, everything: dict[str, Any], size: tuple[int, int], elder: bool, dark: bool
) -> None:
    page = shown(chromium, server, everything, size, dark, elder=elder)
    kinds = set(page.js("return $$('.msg').map(m => m.dataset.kind)"))
    assert kinds >= set(ALL_KINDS)
    text, target, contrast = LEAST[elder]
    wrong = {
        "text": measure.small_text(page, text), "targets": measure.small_targets(page, target),
        "contrast": measure.low_contrast(page, contrast), "lines": measure.tight_lines(page, 1.5),
        "sideways": measure.sideways(page), "over each other": measure.touching_targets(page),
        "axe": violations(chromium),
    }  # fmt: skip
    page.menu()
    wrong |= {
        "menu text": measure.small_text(page, text), "menu targets": measure.small_targets(page, target),
        "menu contrast": measure.low_contrast(page, contrast), "menu sideways": measure.sideways(page),
        "menu axe": violations(chromium),
    }  # fmt: skip
    wrong = {name: found for name, found in wrong.items() if found}
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)
    assert chromium.console() == []


@pytest.mark.parametrize(
    ("width", "height", "elder", "scale"),
    [(320, 640, False, 1), (320, 640, True, 1), (320, 640, True, 2), (390, 740, True, 2), (640, 400, False, 1),
     (640, 400, True, 2), (320, 256, False, 1)],
)  # fmt: skip
def test_nothing_scrolls_sideways_on_narrow_screens_and_when_enlarged(
    chromium: Browser, server: Server, everything: dict[str, Any], width: int, height: int, elder: bool, scale: float
) -> None:
    """320 px is also 1280 px at 400 %, 640 × 400 is 1280 × 800 at 200 %; scale 2 is 48 px text for elders."""
    page = shown(chromium, server, everything, (width, height), False, elder=elder, scale=scale)
    assert page.js("return getComputedStyle($('.cc')).fontSize") == f"{(24 if elder else 18) * scale:g}px"
    assert measure.sideways(page) == []
    # Text of WCAG 1.4.12: wider spaces between lines, words, letters and paragraphs cut nothing off.
    page.js("""const s = new CSSStyleSheet(); s.replaceSync(`* { line-height: 1.5 !important;
      letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, s]""")  # fmt: skip
    assert measure.sideways(page) == []
    page.menu()
    assert measure.sideways(page) == []


@pytest.mark.parametrize(
    ("size_", "elder", "scale", "least"),
    [(PHONE, False, 1, 0.6), (PHONE, True, 1, 0.5), (PHONE, True, 2, 0.3), (DESKTOP, True, 2, 0.4)],
)
def test_the_conversation_has_most_of_the_room(
    chromium: Browser, server: Server, everything: dict[str, Any], size_: tuple[int, int], elder: bool, scale: float,
    least: float,
) -> None:  # fmt: skip
    page = shown(chromium, server, everything, size_, False, elder=elder, scale=scale)
    share = page.js("return $('.scroll').clientHeight / innerHeight")
    assert share >= least
    # What is always there is wholly in the window: the telephone, the settings, the field, the button to send.
    out = page.js("""return ['.call', '.more', '.field textarea', '.send'].filter(css => {
      const r = $(css).getBoundingClientRect();
      return !(r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth); })""")  # fmt: skip
    assert out == []


def test_the_keyboard_reaches_everything_in_order_and_is_always_seen(
    chromium: Browser, server: Server, everything: dict[str, Any], size: tuple[int, int]
) -> None:
    page = shown(chromium, server, everything, size, False)
    page.menu()
    wrong = {name: found for name, found in measure.tab_through(page).items() if found}
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)


@pytest.fixture
def media(chromium: Browser) -> Iterator[Browser]:
    yield chromium
    chromium.media()


def test_who_wants_no_motion_sees_none(media: Browser, server: Server) -> None:
    page = open_new(media, server.url + "/chat", region="310110")
    page.ready()
    moving = """return document.getAnimations().length + $$('*').filter(e => { const s = getComputedStyle(e);
        return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0.01; }).length"""
    media.media(**{"prefers-reduced-motion": "reduce"})
    page.say("slow down")
    page.wait("$('.typing i')")
    assert page.js(moving) == 0
    media.media()
    # Otherwise three dots breathe: the measure above can find something.
    assert page.js(moving) > 0
    page.wait("$$('.msg').length >= 3")


def test_with_the_systems_own_colours_every_control_has_an_edge(
    media: Browser, server: Server, everything: dict[str, Any]
) -> None:
    page = shown(media, server, everything, PHONE, False)
    media.media(**{"forced-colors": "active"})
    page.menu()
    edgeless = page.js("""return $$('button, a.btn, textarea, select, .card, .say, .mine')
      .filter(e => e.getClientRects().length).filter(e => { const s = getComputedStyle(e);
        return s.borderTopStyle === 'none' || parseFloat(s.borderTopWidth) < 1 ||
          s.borderTopColor === 'rgba(0, 0, 0, 0)'; })
      .map(e => e.className + ' ' + e.textContent.slice(0, 12))""")  # fmt: skip
    assert edgeless == []
    # What is pressed is told by more than the colour that is taken away.
    assert page.js("""const b = $$('[aria-pressed=true]')[0], o = $$('[aria-pressed=false]')[0];
      return getComputedStyle(b).backgroundColor !== getComputedStyle(o).backgroundColor""") is True  # fmt: skip


def test_the_log_is_announced_politely_and_everything_has_a_name(
    chromium: Browser, server: Server, everything: dict[str, Any]
) -> None:
    page = shown(chromium, server, everything, PHONE, False)
    page.menu()
    assert page.js("const l = $('.log'); return [l.getAttribute('role'), l.getAttribute('aria-live')]") == [
        "log", "polite"
    ]  # fmt: skip
    # Nothing shouts over the reader.
    assert page.js("return $$('[aria-live=assertive]').length") == 0
    assert page.js("return $('.cc').lang") == "zh-Hans"
    nameless = page.js("""return $$('button, a, textarea, select, input').filter(e =>
      !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length)))
      .map(e => e.outerHTML.slice(0, 80))""")  # fmt: skip
    assert nameless == []
    # A picture says in words what it shows.
    assert all(len(words) > 20 for words in page.js(
        "return $$('svg[role=img], [role=img]').map(e => e.getAttribute('aria-label') || e.textContent)"))  # fmt: skip
    assert page.count("[role=img]") >= 2
