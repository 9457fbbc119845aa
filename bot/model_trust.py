"""Whether a model may be loaded: Rasa makes objects of whatever classes it names, so nobody else may have been able to
write it. What our own components keep in it are numbers and texts."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bot.settings import CannotServe


def check_trusted(model: Path) -> None:
    """Raise CannotServe where the model or its folder belongs to another user, or everybody may write it."""
    for path in (model, model.parent):
        state = path.stat()
        if state.st_uid not in (0, os.geteuid()):
            raise CannotServe(f"{path} 属于别的用户，里面的东西会被运行，不能用：请用 chown 改过来，或删掉重新训练")
        # In a sticky folder (/tmp) everybody may write, but nobody may put another file in this one's place.
        sticky = stat.S_ISDIR(state.st_mode) and state.st_mode & stat.S_ISVTX
        if state.st_mode & stat.S_IWOTH and not sticky:
            raise CannotServe(f"{path} 谁都能改，里面的东西会被运行，不能用：请运行 chmod o-w {path}，再重新训练")
