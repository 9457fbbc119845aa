"""docs/wechat.md says what the program does: each error, each setting, each command; and where each claim is from."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

from bot.channels.wechat.api import DENIED_S, FAILURES, PAUSE_S
from bot.channels.wechat.errcodes import MEANINGS, RIGHT_CODES, TOKEN_CODES, WINDOW_CODES
from bot.channels.wechat.mini import _REFUSALS, PER_MINUTE
from bot.cli import _parser
from tests.server.process import PROJECT

PAGE = (PROJECT / "docs" / "wechat.md").read_text(encoding="utf-8")


def test_every_error_code_is_in_the_page_as_the_program_says_it() -> None:
    told = {int(code): said for code, said in re.findall(r"^\| (-?\d+) \| (.+) \|$", PAGE, re.MULTILINE)}
    assert told == MEANINGS
    assert set(MEANINGS) >= RIGHT_CODES | TOKEN_CODES | WINDOW_CODES


def test_every_claim_has_its_source_and_every_source_a_claim() -> None:
    text, _, sources = PAGE.partition("## 出处")
    listed = set(re.findall(r"^- \[([^\]]+)\]：", sources, re.MULTILINE))
    used = set(re.findall(r"\[([^\]]+)\](?!\()", text.split("```")[0] + "".join(text.split("```")[2::2])))
    assert used <= listed, used - listed
    assert listed <= used, listed - used


def test_every_setting_is_one_that_the_program_reads() -> None:
    named = set(re.findall(r"LINLITONG_[A-Z_]+[A-Z]", PAGE))
    read = subprocess.run(["grep", "-rhoE", "(LINLITONG_|_)[A-Z_]+", "bot", "--include=*.py"], cwd=PROJECT, text=True,
                          capture_output=True, check=True).stdout.split()
    for name in named:
        parts = {name, name.removesuffix("_FILE"), re.sub("LINLITONG_(WECHAT|WECOM)", "", name)}
        assert parts & set(read), name


@pytest.mark.parametrize("words", [shlex.split(line) for line in sorted(set(
    re.findall(r"`?\.venv/bin/python -m bot (wechat[^`\n]*)`?", PAGE)))], ids=" ".join)
def test_every_command_is_one(words: list[str]) -> None:
    assert _parser().parse_args(words).command == "wechat"


def test_the_figures_are_the_programs() -> None:
    assert (DENIED_S, FAILURES, PAUSE_S, PER_MINUTE) == (3600.0, 3, 30.0, 30.0)
    for said in ("一小时内不再试", "连着三次连不上，停 30 秒再试", "一个网络地址每分钟最多 30 次"):
        assert said in PAGE
    for code, (status, _) in _REFUSALS.items():
        assert f"| {status} `{code}` |" in PAGE


def test_what_was_not_tried_is_said() -> None:
    assert "还没有接过真的公众号" in PAGE and "## 没有在真的微信上试过的" in PAGE
