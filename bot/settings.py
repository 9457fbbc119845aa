"""Settings from the environment, with defaults that make ``make serve`` work on a fresh machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Paths and switches of one process."""

    #: The port of bot, actions and page (PORT).
    port: int
    #: The address it listens on (HOST); loopback unless told otherwise.
    host: str
    #: The region of conversations that name none (REGION), an adcode.
    region: str
    #: The folder of the knowledge base (LINLITONG_CONTENT).
    content: Path
    #: State that may be deleted at any time: vectors of content phrases.
    cache: Path
    #: State that must survive a restart: conversations, outbox, secret (LINLITONG_VAR).
    var: Path
    #: Trained models (LINLITONG_MODELS).
    models: Path
    #: Hours after which a silent conversation and its facts are deleted (LINLITONG_KEEP_HOURS).
    keep_hours: float


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings; read once. Raises ValueError with a clear sentence for a value that cannot be."""
    return Settings(
        port=_number("PORT", 5005),
        host=os.environ.get("HOST", "127.0.0.1"),
        region=os.environ.get("REGION", "510100"),
        content=Path(os.environ.get("LINLITONG_CONTENT", PROJECT / "knowledge" / "content")),
        cache=Path(os.environ.get("LINLITONG_CACHE", PROJECT / ".cache")),
        var=Path(os.environ.get("LINLITONG_VAR", PROJECT / "var")),
        models=Path(os.environ.get("LINLITONG_MODELS", PROJECT / "models")),
        keep_hours=float(_number("LINLITONG_KEEP_HOURS", 24)),
    )


def _number(name: str, default: int) -> int:
    raw = os.environ.get(name, str(default))
    if not raw.isdigit():
        raise ValueError(f"{name} must be a whole number, but is {raw!r}")
    return int(raw)
