"""``python -m tools.wechat_simulator`` itself."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest

from bot.settings import PROJECT
from tests.wechat.small_server import APPID, KEY, TOKEN, Heard, SmallServer
from tools.wechat_simulator.__main__ import main
from tools.wechat_simulator.account import Account

KNOWN = ["--token", TOKEN, "--appid", APPID]


def test_a_wrong_key_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*KNOWN, "--aes-key", "short"]) == 2
    assert "43 个字符" in capsys.readouterr().err


def test_wecom_is_always_encrypted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*KNOWN, "--aes-key", KEY, "--wecom", "--mode", "plain"]) == 2
    assert "企业微信" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main([*KNOWN, "--aes-key", KEY, "--api", str(taken.getsockname()[1])]) == 1
    assert "端口" in capsys.readouterr().err


def test_a_chat_from_the_shell() -> None:
    async def answer(heard: Heard) -> str:
        return f"您说的是{heard.get('Content', heard['MsgType'])}"

    async def run() -> str:
        server = SmallServer(Account("", TOKEN, APPID, KEY), answer)
        url = await server.start()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tools.wechat_simulator", *KNOWN, "--aes-key", KEY, "--url", url,
                cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            printed, _ = await asyncio.wait_for(process.communicate("食堂几点开门\n/图片\n".encode()), 30)
            assert process.returncode == 0
            return printed.decode()
        finally:
            await server.stop()

    printed = asyncio.run(run())
    for words in ("通过", "公众号：您说的是食堂几点开门", "公众号：您说的是image"):
        assert words in printed
