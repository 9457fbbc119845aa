"""Takes the pictures of README against a running server: ``python -m tools.screenshot http://127.0.0.1:5005``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.driver import CHROMEDRIVER, CHROMIUM, ENTER, Browser

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
#: name, region, width, height, elder mode, what is said
SHOTS = (
    ("nearby-phone", "310110", 390, 780, False, ("我妈七十五了附近哪里能吃上便宜饭", "五角场")),
)


def main() -> int:
    """Draw each picture; exit code 1 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--to", type=Path, default=PICTURES)
    options = parser.parse_args()
    if not (CHROMIUM and CHROMEDRIVER):
        print("Chromium or chromedriver is missing", file=sys.stderr)
        return 1
    for name, region, width, height, elder, sentences in SHOTS:
        with tempfile.TemporaryDirectory() as profile, Browser(Path(profile)) as browser:
            browser.size(width, height, mobile=width < 600)
            browser.open(options.address)
            browser.wait("document.querySelector('#region') !== null")
            browser.js("const r = document.querySelector('#region'); r.value = arguments[0];"
                       "r.dispatchEvent(new Event('change', {bubbles: true}));", region)
            if elder:
                browser.click("#elder")
            for sentence in sentences:
                count = browser.js("return document.querySelectorAll('#log > *').length")
                browser.js("const t = document.querySelector('#text'); t.focus(); t.value = arguments[0];"
                           "t.dispatchEvent(new Event('input', {bubbles: true}));", sentence)
                browser.keys(ENTER)
                browser.js("document.activeElement.blur()")  # no focus ring in the picture
                browser.wait(f"document.querySelectorAll('#log > *').length >= {count + 2}", 15)
                time.sleep(0.4)
            browser.screenshot(options.to / f"{name}.png")
            print(options.to / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
