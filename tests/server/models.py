"""Models to try: the trained one, packed anew with a change in it."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

#: Gives the new bytes of a file in the model.
Change = Callable[[bytes], bytes]


def repacked(model: Path, target: Path, model_id: str, *, file: str = "", change: Optional[Change] = None) -> Path:
    """``model`` at ``target``, whole from the first moment, with another id and its file ``…file`` changed."""
    aside = target.with_suffix(".part")
    changed = not file
    with tarfile.open(model) as given, tarfile.open(aside, "w:gz", compresslevel=0) as made:
        for member in given:
            content = given.extractfile(member)
            if content is None:
                made.addfile(member)
                continue
            data = content.read()
            if member.name == "metadata.json":
                data = json.dumps({**json.loads(data), "model_id": model_id}).encode()
            if change is not None and member.name.endswith(file):
                before, data = data, change(data)
                changed = before != data
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    assert changed, f"nothing was changed in {file}"
    os.replace(aside, target)
    return target


def with_json(edit: Callable[[dict[str, Any]], None]) -> Change:
    """A change of a JSON object by ``edit``."""
    def change(data: bytes) -> bytes:
        read = json.loads(data)
        edit(read)
        return json.dumps(read).encode()

    return change
