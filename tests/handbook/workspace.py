"""A project folder of its own in which the handbook is followed: a copy of the content, a place for the draft.

Commands run in this process, by their own entry point; only what they would read afresh each time is remembered, so
that a page of them takes seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional
from unittest import mock

from bot import asking, checking, cli, drafting, knowledge_access
from bot.asking import Chat
from bot.settings import settings
from knowledge.base import KnowledgeBase, Snapshot
from knowledge.encoder import CachedEncoder, shared_encoder
from knowledge.errors import ContentError
from knowledge.loader import Parts, load_parts
from tests.handbook.pages import Command, Edit
from tests.server.process import PROJECT

#: The day on which the pages are followed, whatever day it is: what runs out is warned of by the day.
DAY = dt.date(2026, 11, 27)


class _Today(dt.date):
    @classmethod
    def today(cls) -> dt.date:  # type: ignore[override]
        return DAY


class Workspace:
    """``root``/knowledge/content and ``root``/var; ``restore`` puts the content back as it was."""

    def __init__(self, root: Path, chat: Chat, loop: asyncio.AbstractEventLoop, cache: Path) -> None:
        self.root = root
        self.content = root / "knowledge" / "content"
        self.draft = root / "var" / "draft"
        self._chat, self._loop, self._cache = chat, loop, cache
        self._parts: dict[Path, Parts] = {}
        self._bases: dict[tuple[Path, bool], KnowledgeBase] = {}
        self._talks = 0
        shutil.copytree(PROJECT / "knowledge" / "content", self.content)
        self._whole = {path: path.read_bytes() for path in self.content.rglob("*") if path.is_file()}

    def restore(self) -> None:
        """The content as it was copied, and no draft."""
        shutil.rmtree(self.draft, ignore_errors=True)
        for path in [path for path in self.content.rglob("*") if path.is_file()]:
            if path not in self._whole:
                path.unlink()
        for path, raw in self._whole.items():
            if not path.exists() or path.read_bytes() != raw:
                path.write_bytes(raw)

    def follow(self, edits: Sequence[Edit]) -> None:
        for edit in edits:
            edit.apply(self.root)

    def run(self, command: Command) -> tuple[int, str]:
        """The command's exit code and words, without this folder's name."""
        said = io.StringIO()
        with self._as_if_here(command), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = cli.main(list(command.arguments))
        return code, said.getvalue().replace(f"{self.root}/", "")

    @contextlib.contextmanager
    def _as_if_here(self, command: Command) -> Iterator[None]:
        environment = {
            "LINLITONG_CONTENT": str(self.content), "LINLITONG_DRAFT": str(self.draft),
            "LINLITONG_VAR": str(self.root / "var"), "LINLITONG_CACHE": str(self._cache), **command.environment,
        }  # fmt: skip
        kept = knowledge_access._base, knowledge_access._built_from
        home = Path.cwd()
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, environment))
            for target, name, instead in (
                (cli, "configure_logging", lambda verbose: None),
                (cli, "spare_pandas", lambda: None),
                (checking, "load_parts", self._load),
                (checking, "clock", SimpleNamespace(today=_Today.today)),
                (drafting, "build", self._build),
                (asking, "load_chat", self._talk),
                (asking, "asyncio", SimpleNamespace(run=self._loop.run_until_complete)),
                (knowledge_access, "knowledge_base", self._base),
            ):
                stack.enter_context(mock.patch.object(target, name, instead))
            settings.cache_clear()
            os.chdir(self.root)
            try:
                yield
            finally:
                os.chdir(home)
                settings.cache_clear()
                knowledge_access._base, knowledge_access._built_from = kept

    def _load(self, root: Path, **options: Any) -> Parts:
        parts = self._parts[root] = load_parts(root, self._parts.get(root), **options)
        return parts

    def _base(self) -> KnowledgeBase:
        """The knowledge base of whatever content the command is for, as it is now."""
        base = self._fresh(settings().content, settings().samples)
        knowledge_access.use_knowledge_base(base)
        return base

    def _fresh(self, content: Path, samples: bool = True) -> KnowledgeBase:
        base = self._bases.get((content, samples))
        if base is None:
            base = self._bases[content, samples] = KnowledgeBase(content, cache=self._cache, samples=samples)
        base.reload()
        if base.refused:
            raise ContentError(list(base.refused))
        return base

    def _build(self, content: Path, **_: Any) -> Snapshot:
        """As ``keep_questions`` has it: what ``diff`` asks is content, and its vectors are known since the check."""
        snapshot = self._fresh(content).snapshot
        snapshot.index._residents = CachedEncoder(shared_encoder(), self._cache)
        return snapshot

    async def _talk(self) -> Chat:
        self._talks += 1
        return _Talk(self._chat, f"handbook-{self._talks}")


class _Talk(Chat):
    """The one bot of the tests, in a conversation of its own."""

    def __init__(self, chat: Chat, sender: str) -> None:
        self._whole = chat
        self._sender = sender

    async def say(self, text: str, *, sender: str, region: str, location: Optional[dict[str, Any]] = None
                  ) -> list[dict[str, Any]]:
        return await self._whole.say(text, sender=self._sender, region=region, location=location)

    async def parse(self, text: str) -> dict[str, Any]:
        return await self._whole.parse(text)
