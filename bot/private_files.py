"""Keeps what residents said from the machine's other users: the folder 0700, its files 0600."""

from __future__ import annotations

from pathlib import Path

#: The embedded database of residents' state, in the folder ``var``.
STATE = "state.db"
#: What earlier releases kept instead.
EARLIER = ("conversations.db", "web.db", "wechat.db")
#: All that is ours in that folder; SQLite adds -wal and -shm with the rights of the database.
_OURS = ("secret", STATE, *EARLIER)


def private_folder(folder: Path) -> None:
    """Make ``folder`` for its owner alone. Raises OSError where that is impossible.

    One that was there before is closed only if nothing but our files lies in it: somebody may have named
    a folder that others use too (/tmp).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & 0o077 and all(entry.name.startswith(_OURS) for entry in folder.iterdir()):
        folder.chmod(0o700)


def private_file(path: Path) -> None:
    """Make ``path`` for its owner alone, before anything is written into it."""
    path.touch(mode=0o600, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
