"""Fixtures: a served WeChat channel whose bot is a plain function, with the staff's own wordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.wechat.account import Account
from bot.channels.wechat.channel import WeChatInput, WeComInput
from bot.channels.wechat.tries import Timing
from bot.settings import PROJECT
from tests.channels.conftest import echo
from tests.channels.server import Bot, FakeAgent, Server
from tests.channels.wechat.phone import SAFE, Phone

#: Short enough for tests that wait, long enough for a busy machine.
QUICK = Timing(wait=0.5, settle=0.5, hold=1.2, last_age=1e9, window=2.5, poll=0.02, lease=0.6)


@lru_cache(maxsize=1)
def wordings() -> dict[str, str]:
    """The staff's sentences, without loading the knowledge base."""
    found: dict[str, str] = {}
    for path in sorted((PROJECT / "knowledge" / "content" / "texts").glob("*.yml")):
        for key, text in yaml.safe_load(path.read_text(encoding="utf-8"))["texts"].items():
            found[key] = text if isinstance(text, str) else text[0]
    return found


def say(key: str, /, **values: object) -> str:
    """A sentence as the channel would say it."""
    return wordings()[key].format(**values)


@pytest.fixture
def wechat(tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Starts a server: ``wechat(bot, account, **options of WeChatInput)`` gives a phone; ``phone.server`` is it."""
    with ExitStack() as stack:

        def start(bot: Bot = echo, account: Account = SAFE, **options: Any) -> Phone:
            kind = WeComInput if account.wecom else WeChatInput
            defaults: dict[str, Any] = {"timing": QUICK, "per_minute": 0, "say": say, "strict": True}
            channel = kind(var=tmp_path / "var", account=account, **{**defaults, **options})
            server = stack.enter_context(Server(channel, FakeAgent(bot)))  # type: ignore[arg-type]
            phone = Phone(server.url, account, path=f"/webhooks/{channel.name()}/",
                          **({"now": options["now"]} if "now" in options else {}))
            phone.server = server  # type: ignore[attr-defined]
            return phone

        yield start
