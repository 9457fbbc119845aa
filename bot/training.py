"""Trains the model when it is missing or stale. Content edits need no training and do not count."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Optional

from bot.settings import PROJECT, settings

_INPUTS = ("bot/config.yml", "bot/domain.yml", "data", "bot/nlu/classifier.py", "bot/nlu/components.py",
           "bot/nlu/masking.py")


def fingerprint() -> str:
    """A short digest of everything that the model depends on."""
    whole = hashlib.sha256()
    for name in _INPUTS:
        root = PROJECT / name
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and path.suffix in (".yml", ".py"):
                whole.update(f"{path.relative_to(PROJECT).as_posix()}\0".encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def model_path() -> Path:
    """Where the model for the present inputs lies (or would lie)."""
    return settings().models / f"linlitong-{fingerprint()}.tar.gz"


def ensure_model(*, force: bool = False) -> Path:
    """The path of a fresh model, trained now if need be. Raises RuntimeError if training gives none."""
    path = model_path()
    if path.exists() and not force:
        return path
    return train(path)


def train(path: Optional[Path] = None) -> Path:
    """Train and write the model; older models of ours are removed only after the new one is there."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    import rasa.model_training

    target = path or model_path()
    target.parent.mkdir(parents=True, exist_ok=True)
    result = rasa.model_training.train(
        domain=str(PROJECT / "bot" / "domain.yml"),
        config=str(PROJECT / "bot" / "config.yml"),
        training_files=[str(PROJECT / "data")],
        output=str(target.parent),
        fixed_model_name=target.name[: -len(".tar.gz")],
        force_training=True,
    )
    if result.model is None or not target.exists():
        raise RuntimeError(f"training ended with code {result.code} and gave no model")
    for old in target.parent.glob("linlitong-*.tar.gz"):
        if old != target:
            old.unlink()
    return target
