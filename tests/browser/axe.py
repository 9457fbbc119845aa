"""axe-core on the page at hand. It is a package of the widget's lock file, for development only."""

from __future__ import annotations

from functools import cache

from tests.browser.driver import Browser
from tests.widget.node import workshop

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """
  const done = arguments[arguments.length - 1];
  axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations']}).then(
    r => done({seen: r.passes.length, wrong: r.violations.map(v => [v.id, v.nodes.length,
      v.nodes.slice(0, 3).map(n => n.target.flat(3).slice(-1)[0] + ' ' + n.failureSummary.slice(0, 200))])}),
    e => done({seen: 0, wrong: [String(e)]}))"""


@cache
def _source() -> str:
    # Once a run: the folder is laid only once.
    return (workshop() / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(browser: Browser) -> list[object]:
    """Every rule of WCAG 2.2 AA and of good practice that the page breaks, with the first places.

    Without Node it skips loudly, and fails under CI=true.
    """
    if not browser.js("return Boolean(window.axe)"):
        browser.js(_source())
    found = browser.js_async(_RUN, _TAGS)
    assert found["seen"] > 5, found
    return list(found["wrong"])
