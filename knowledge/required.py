"""What content cannot be served without: a folder, files, and some of every kind.

A topic, a policy or a region may go on purpose; that the emergencies, the phones or all places are gone never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.errors import Problem, problem
from knowledge.loader import Parts

#: Each kind: what staff call it, and where it is.
REQUIRED: dict[str, tuple[str, str]] = {
    "regions": ("地区", "regions.yml"),
    "facts": ("居民的事实", "facts.yml"),
    "hotlines": ("热线电话", "hotlines.yml"),
    "emergencies": ("紧急情况的说法", "emergencies.yml"),
    "limits": ("不回答的事", "limits.yml"),
    "topics": ("服务主题", "topics/*.yml"),
    "texts": ("机器人说的话", "texts/*.yml"),
    "sources": ("来源", "<地区>/sources*.yml"),
    "topic": ("服务卡和问答", "<地区>/<主题>.yml"),
    "policy": ("政策", "<地区>/policies/*.yml"),
    "categories": ("场所的类别", "sites/categories.yml"),
    "sites": ("服务点", "sites/*.csv"),
    "places": ("地名", "places/*.csv"),
}


def missing_problems(parts: Parts) -> list[Problem]:
    """The folder that is not there, or else each kind of which there is no file."""
    if not parts.root.is_dir():
        return [problem("E008", parts.root, detail="这里没有这个文件夹")]
    if not parts.by_path:
        return [problem("E008", parts.root, detail="这个文件夹里没有 YAML 和 CSV 文件")]
    return list(_missing_kinds(parts))


def missing_kinds(parts: Parts) -> set[str]:
    """The kinds of which there is no file at all, not even a broken one."""
    return set(REQUIRED) - {part.kind for part in parts.by_path.values()}


def _missing_kinds(parts: Parts) -> Iterator[Problem]:
    gone = missing_kinds(parts)
    for kind, (name, file) in REQUIRED.items():
        if kind in gone:
            yield problem("E009", parts.root / re.split("[*<]", file)[0], name=name, file=file)
