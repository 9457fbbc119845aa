"""No pattern of ours can be brought to a standstill: each is timed against 100 kB made from its own parts.

All of them with NIGHTLY=1; here every fourth, another fourth each day, and every one that stands in a channel.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from actions import corrections, shown_sites, to_places
from bot.channels.limits import MAX_TEXT_CHARS
from bot.nlu.parsers import replies, yesno
from bot.nlu.parsers.facts import read_facts
from knowledge.patterns import ambiguous_sign
from tests.security import adversary
from tests.server.process import PROJECT

NIGHTLY = os.environ.get("NIGHTLY") == "1"
#: CPU seconds for all patterns together; only one that never comes back gets there.
LIMIT_S = 1200 if NIGHTLY else 240
SHARES = 1 if NIGHTLY else 4


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Lines of ``patterns_in_use``."""
    file = tmp_path_factory.mktemp("patterns") / "all.jsonl"
    subprocess.run(
        [sys.executable, "-m", "tests.security.patterns_in_use", str(file)], cwd=PROJECT, check=True, timeout=900
    )
    return file.read_text(encoding="utf-8").splitlines()


def test_all_patterns_are_found(patterns: list[str]) -> None:
    """Of modules, of functions, of content; if the net had a hole there would be fewer."""
    places = [json.loads(line)[0].partition(":")[0] for line in patterns]
    assert len(patterns) > 1200
    assert {
        "bot/channels/bodies.py",
        "knowledge/text.py",
        "bot/nlu/parsers/spotting.py",
        "knowledge/records.py",
    } <= set(places)


def test_no_pattern_can_be_read_in_two_ways(patterns: list[str]) -> None:
    """As the loader checks the content's: a loop that can be read in two ways doubles the work each time round."""
    found = [
        (place, pattern[:80], sign)
        for place, pattern, *_ in map(json.loads, patterns)
        if (sign := ambiguous_sign(pattern))
    ]
    assert not found


@pytest.mark.parametrize(
    "piece", ["嗯", "就是说", "今年都", "刚刚", "爸爸", "我们", "五角场，", "应该是", "好了", "每月", "那么", "没娃"]
)
def test_a_message_of_fillers_is_read_at_once(piece: str) -> None:
    """They brought the bot to a standstill once: fillers that can be cut in two ways, and something at the end."""
    text = (piece * MAX_TEXT_CHARS)[: MAX_TEXT_CHARS - 1] + "x"
    began = time.process_time()
    for pattern in (to_places._ONLY_A_REGION, to_places._AROUND_IT, corrections._FILLERS, shown_sites._FILLS):
        pattern.fullmatch(text)
        pattern.fullmatch(text.replace("五角场", "\n"))
    read_facts(text, today=dt.date(2026, 11, 21))
    read_facts(f"生日{text}", today=dt.date(2026, 11, 21))
    for slug in replies._REPLIES:
        replies.read_reply(slug, text)
    yesno._ECHO.fullmatch(text)
    yesno._WORKS_AT.fullmatch(text)
    assert time.process_time() - began < 5.0


def test_what_is_said_of_their_use_is_true() -> None:
    source = (PROJECT / "bot/nlu/parsers/replies.py").read_text(encoding="utf-8")
    assert set(re.findall(r"words\.(?:yes|no)\.(\w+)", source)) == {"fullmatch"}
    assert "if len(clause) > _LONGEST_CLAUSE or" in source
    # As long as a door lets it in, and every clause as bad as it may be.
    for piece in ("嗯", "哦", "嗯哦", "嗯，", "嗯" * (replies._LONGEST_CLAUSE - 1) + "，"):
        for slug in replies._REPLIES:
            began = time.process_time()
            replies.read_reply(slug, (piece * MAX_TEXT_CHARS)[:MAX_TEXT_CHARS])
            assert time.process_time() - began < 1.0, (slug, piece)


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S + 5))


def test_none_takes_long(patterns: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    today = dt.date.today().toordinal() % SHARES
    chosen = [
        line
        for number, line in enumerate(patterns)
        if number % SHARES == today or json.loads(line)[0].startswith("bot/channels")
    ]
    (tmp_path / "chosen.jsonl").write_text("\n".join(chosen), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.security.adversary", str(tmp_path / "chosen.jsonl")],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_limited,
        timeout=3 * LIMIT_S,
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0, f"stands still: {lines[-1]}"
    took = [line for line in lines if line[0] == "took"]
    slow = [
        (place, pattern, seconds, piece) for _, place, pattern, seconds, piece, _ in took if seconds > adversary.MOST_S
    ]
    assert not slow, "\n".join(map(str, slow))
    assert len(took) == len(chosen)
    with capsys.disabled():
        worst = max(took, key=lambda line: float(line[3]))
        print(
            f"\n{len(took)} of {len(patterns)} patterns, {sum(line[5] for line in took)} texts; 100 kB take at most "
            f"{worst[3]} s ({worst[1]})"
        )


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(?:一点|都|一点都)*没"])
def test_what_stands_still_is_told(pattern: str) -> None:
    """The test would see one: grown from sixteen characters it shows before it stops the test itself."""
    program = (
        "import sys; from tests.security.adversary import worst, MOST_S;"
        f"sys.exit(worst({pattern!r}, 0, False)[0] > MOST_S)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (4, 5))
    )
    assert process.wait(120) != 0
