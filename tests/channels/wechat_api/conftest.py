"""Servers of this folder start in a moment: the pages' files, which none of its tests changes, are packed once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pytest

from bot.channels import pages


@pytest.fixture(scope="package", autouse=True)
def _packed_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "files_in", lru_cache(maxsize=4)(pages.files_in))
        yield
