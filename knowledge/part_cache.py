"""Records of content files on disk, by what is in the file: a start or a check parses only what nobody parsed before.

Kept are sound records only, as MessagePack by their types, so that reading them runs no code and a record that does not
fit its type any more is simply parsed again. The folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import logging
import os
from functools import cache
from pathlib import Path
from typing import Any, Optional

import msgspec

logger = logging.getLogger(__name__)
_HERE = Path(__file__).parent
#: What decides how bytes become a record; another version of it makes other records.
_READERS = ("schema.py", "records.py", "yamlfile.py", "tables.py", "hours_text.py", "eligibility/values.py")
#: So many times as many entries as files are kept before the oldest go.
_ROOM = 3


@cache
def _version() -> bytes:
    whole = hashlib.sha256(msgspec.__version__.encode())
    for name in _READERS:
        whole.update((_HERE / name).read_bytes())
    return whole.digest()


class PartCache:
    """Records by the digest and kind of their file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "parts"
        self._works = True

    def get(self, digest: str, kind: str, record_type: Any) -> Optional[Any]:
        """The record of such a file; None where it is not kept."""
        try:
            packed = self._file(digest, kind).read_bytes()
            return msgspec.msgpack.decode(packed, type=record_type)
        except (OSError, msgspec.DecodeError):
            return None

    def put(self, digest: str, kind: str, record: Any) -> None:
        """Keep a sound record; where the disk does not allow it, nothing is kept."""
        if not self._works:
            return
        target = self._file(digest, kind)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.{os.getpid()}")
            draft.write_bytes(msgspec.msgpack.encode(record))
            draft.replace(target)
        except (OSError, TypeError, ValueError) as error:
            self._works = False
            logger.warning("parsed content is not kept: %s", error)

    def tidy(self, files: int) -> None:
        """Let the longest unused entries go where there are far more than ``files``."""
        try:
            entries = [(entry.stat().st_mtime, entry.path) for folder in os.scandir(self._folder) if folder.is_dir()
                       for entry in os.scandir(folder.path)]
        except OSError:
            return
        for _, path in sorted(entries)[:max(0, len(entries) - _ROOM * max(files, 100))]:
            Path(path).unlink(missing_ok=True)

    def _file(self, digest: str, kind: str) -> Path:
        name = hashlib.sha256(_version() + kind.encode() + digest.encode()).hexdigest()[:40]
        return self._folder / name[:2] / name[2:]
