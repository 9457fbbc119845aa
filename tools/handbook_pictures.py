"""Takes the pictures of the staff handbook: ``python -m tools.handbook_pictures [name …]``.

Each picture is of the real thing. A copy of the content is served by a real server, the edits are those that the page
itself tells its reader to make, and the terminal shows what the commands of the page really print.
"""

from __future__ import annotations

import argparse
import base64
import html
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import requests

from bot.settings import settings
from tests.browser.driver import CHROMEDRIVER, CHROMIUM, Browser
from tests.browser.widget import Widget
from tests.handbook.pages import BOT, HANDBOOK, Command, Edit, Step, read_page
from tests.server.process import PROJECT, Server, within

PICTURES = HANDBOOK / "pictures"
#: Opening hours and what is in force are told by the day of the pictures, not by the day on which they are taken.
NOW = "2026-11-27T10:30:00"
PHONE, TERMINAL = (390, 740), 980
_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #1e2127; color: #d7dae0; }}
pre {{ margin: 0; padding: 18px 22px; font: 16px/1.6 "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap;
      overflow-wrap: anywhere; }}
b {{ color: #98c379; font-weight: normal; }}
</style><pre>{lines}</pre>"""


class Studio:
    """A project folder with a copy of the content, its server when one is needed, and a browser."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self.folder = folder
        self.now = NOW
        self._browser = browser
        self._server: Server | None = None
        shutil.copytree(PROJECT / "knowledge" / "content", folder / "knowledge" / "content")
        (folder / "cache").mkdir()
        for known in settings().cache.glob("vectors-*"):
            if known.is_dir():
                shutil.copytree(known, folder / "cache" / known.name)

    def close(self) -> None:
        if self._server is not None:
            self._server.kill()

    # --- what the page tells to do ------------------------------------------------------------

    def follow(self, steps: Sequence[Step]) -> str:
        """Make the edits and run the commands; what the last command printed."""
        printed = ""
        for step in steps:
            if isinstance(step, Edit):
                step.apply(self.folder)
            elif isinstance(step, Command):
                printed = self.run(step)
        return printed

    def run(self, command: Command) -> str:
        """What the command prints in a process of its own, without this machine's folders."""
        environment = {
            **os.environ, "PYTHONPATH": str(PROJECT), "LINLITONG_CONTENT": str(self.folder / "knowledge" / "content"),
            "LINLITONG_DRAFT": str(self.folder / "var" / "draft"), "LINLITONG_VAR": str(self.folder / "var"),
            "LINLITONG_CACHE": str(self.folder / "cache"), **command.environment,
        }  # fmt: skip
        done = subprocess.run([sys.executable, "-m", "bot", *command.arguments], cwd=self.folder, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.stdout.replace(f"{self.folder}/", "")

    def server(self) -> Server:
        """The server on this content, started at first use."""
        if self._server is None:
            os.environ["LINLITONG_NOW"] = self.now
            self._server = Server(self.folder, self.folder / "knowledge" / "content")
            self._server.start()
        return self._server

    def saved(self, edits: Sequence[Edit]) -> None:
        """Make the edits and wait until the running server answers from them."""
        before = self._known()
        for edit in edits:
            edit.apply(self.folder)
        within(30, lambda: self._known() != before)

    def _known(self) -> str:
        return str(requests.get(f"{self.server().url}/health", timeout=10).json()["knowledge"])

    # --- pictures ------------------------------------------------------------------------------

    def asked(self, name: str, region: str, *sentences: str) -> None:
        """The page on a phone after these sentences."""
        browser = self._browser
        browser.size(*PHONE, mobile=True)
        chat = Widget(browser)
        browser.open(f"{self.server().url}/chat?region={region}")
        browser.js("localStorage.clear()")
        browser.open(f"{self.server().url}/chat?region={region}")
        chat.ready(20)
        for sentence in sentences:
            chat.ask(sentence)
            time.sleep(0.6)
        # From the last question on, and no focus ring in the picture.
        chat.js("$('.field textarea').blur(); $$('.mine').pop().scrollIntoView({block: 'start'});")
        time.sleep(0.6)
        self._shoot(name)

    def terminal(self, name: str, command: Command, printed: str) -> None:
        """A terminal with the command and what it printed."""
        words = " ".join([*(f"{key}={value}" for key, value in command.environment.items()), *BOT, *command.arguments])
        lines = [f"<b>$ {html.escape(words)}</b>", *map(html.escape, printed.strip().splitlines())]
        page = base64.b64encode(_TERMINAL.format(lines="\n".join(lines)).encode()).decode()
        self._browser.size(TERMINAL, 400)
        self._browser.open(f"data:text/html;base64,{page}")
        self._browser.size(TERMINAL, int(self._browser.js("return document.querySelector('pre').offsetHeight")))
        self._shoot(name)

    def _shoot(self, name: str) -> None:
        path = PICTURES / f"{name}.png"
        self._browser.screenshot(path)
        print(f"{path.relative_to(PROJECT)}: {path.stat().st_size / 1000:.0f} kB")


# --- one function a page -----------------------------------------------------------------------------


def add_faq(studio: Studio) -> None:
    page = read_page("add-faq.md")
    studio.asked("faq-before", "510100", "邻里书角借书要带啥子")
    studio.saved(page.edits("2.", "3."))
    studio.asked("faq-after", "510100", "邻里书角借书要带啥子")


def change_amount(studio: Studio) -> None:
    steps = list(read_page("change-amount.md").steps)
    checks = [number for number, step in enumerate(steps) if isinstance(step, Command) and "check" in step.arguments]
    diff = next(number for number, step in enumerate(steps) if isinstance(step, Command) and "diff" in step.arguments)
    _picture_of(studio, "amount-refused", steps[:checks[0] + 1])
    _picture_of(studio, "amount-diff", [*(step for step in steps[checks[0] + 1:diff] if isinstance(step, Edit)),
                                        steps[diff]])


def add_place(studio: Studio) -> None:
    studio.saved(read_page("add-place.md").edits("2."))
    studio.asked("place-after", "510100", "春熙路附近哪里有老年食堂")


def retire_policy(studio: Studio) -> None:
    page = read_page("retire-policy.md")
    later = next(step for step in page.steps if isinstance(step, Command) and "LINLITONG_NOW" in step.environment)
    # Published and the day has come: the page's edits of the draft, made where they are served.
    studio.now = later.environment["LINLITONG_NOW"]
    studio.saved([replace(edit, file=edit.file.replace("var/draft", "knowledge/content"))
                  for edit in page.edits("3.")])
    studio.asked("retired", "510100", "新津区青年人才租房补贴怎么领")


def read_errors(studio: Studio) -> None:
    steps = read_page("read-errors.md").sections()["一行报错怎么读"]
    _picture_of(studio, "error-line", steps)


def conflicts(studio: Studio) -> None:
    studio.saved(read_page("conflicts-and-plans.md").edits("1."))
    studio.asked("conflict", "510100", "邻里书角的书借多少天")


def _picture_of(studio: Studio, name: str, steps: Sequence[Step]) -> None:
    """Follow the steps; the last one is the command that is shown."""
    last = steps[-1]
    assert isinstance(last, Command)
    studio.terminal(name, last, studio.follow(steps))


PAGES: dict[str, Callable[[Studio], None]] = {
    "add-faq": add_faq, "change-amount": change_amount, "add-place": add_place, "retire-policy": retire_policy,
    "read-errors": read_errors, "conflicts-and-plans": conflicts,
}


def main() -> int:
    """Take the pictures of the pages that are named, or of all; exit code 1 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", choices=[*PAGES, []], metavar="page", help="、".join(PAGES))
    chosen = parser.parse_args().pages or list(PAGES)
    if not (CHROMIUM and CHROMEDRIVER):
        print("Chromium or chromedriver is missing", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as profile, Browser(Path(profile)) as browser:
        for name in chosen:
            with tempfile.TemporaryDirectory() as folder:
                studio = Studio(Path(folder), browser)
                try:
                    PAGES[name](studio)
                finally:
                    studio.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
