"""Measures one loaded country in this process; the last line it prints is JSON."""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil

#: Every question is another one, so that no cache answers.
QUESTIONS, SEARCHES = 400, 2000
_WAYS = ["怎么申请", "要带啥子材料", "一个月好多钱", "去哪里办", "我妈能不能办", "电话多少", "几天办得下来"]


def main(root: Path, cache: Path, city: str, how: str) -> None:
    """Load and, if ``how`` is ``warm``, look things up and edit."""
    from bot.watching import signature
    from knowledge.base import KnowledgeBase

    began = time.perf_counter()
    base = KnowledgeBase(root, cache=cache)
    found: dict[str, Any] = {"load_s": time.perf_counter() - began}
    gc.collect()
    found["memory_mb"] = psutil.Process().memory_info().rss / 1e6
    if how == "warm":
        found["phrases"] = len(base.snapshot.index.phrases)
        found.update(_lookups(base, city))
        found.update(_nearest(base, city))
        found.update(_edits(base, root, city))
        found["watch_ms"] = _timed(lambda: signature(root)) * 1000
    print(json.dumps(found))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _spread(seconds: list[float], name: str) -> dict[str, float]:
    seconds.sort()
    middle, late = seconds[len(seconds) // 2], seconds[len(seconds) * 95 // 100]
    return {f"{name}_p50_ms": middle * 1000, f"{name}_p95_ms": late * 1000}


def _lookups(base: Any, city: str) -> dict[str, float]:
    """A sentence that nobody said before, to the best FAQ: encoding it is part of it."""
    rng = random.Random(2)
    names = [topic.name for topic in base.snapshot.topics.values()]
    index = base.snapshot.index

    def ask(number: int) -> object:
        text = f"{rng.choice(['我想问哈', '那个', '请问', ''])}{rng.choice(names)}{rng.choice(_WAYS)}{number}"
        return index.faqs(index.scores(text, city), region=city)

    ask(-1)  # the region's vectors are fetched by the first question
    return _spread([_timed(partial(ask, number)) for number in range(QUESTIONS)], "lookup")


def _nearest(base: Any, city: str) -> dict[str, float]:
    from knowledge.coords import Point

    rng = random.Random(3)
    some = next(site for site in base.snapshot.sites.by_id.values() if site.city == city)
    slugs = list(base.snapshot.categories)

    def search() -> object:
        point = Point(some.lng + rng.gauss(0, 0.1), some.lat + rng.gauss(0, 0.1), 50)
        return base.snapshot.sites.near(rng.choice(slugs), point, limit=10, city=city)

    search()
    return _spread([_timed(search) for _ in range(SEARCHES)], "nearest")


def _edits(base: Any, root: Path, city: str) -> dict[str, float]:
    """One edited file each; a wrong one is refused."""
    topic, policy = root / city / "nursery.yml", next((root / city / "policies").glob("*[!s].yml"))
    households = policy.with_name(policy.name.replace(".yml", ".households.yml"))
    sites = root / "sites" / f"{city}.csv"
    time.sleep(2.5)  # what was written just now is read again once more
    base.reload()
    found = {
        "reload_answer_s": _edit(base, (topic, "（示例", "（改过的示例"), good=True),
        "reload_phrase_s": _edit(base, (topic, "哪些人能办", "究竟是哪些人才能办"), good=True),
        "reload_policy_s": _edit(base, (policy, "每月", "一个月"), (households, "差一岁", "还差一岁"), good=True),
        "reload_sites_s": _edit(base, (sites, "示例路1号", "示例路1号甲"), good=True),
        "refuse_s": _edit(base, (topic, "aspect:", "aspekt:"), good=False),
    }
    return found


def _edit(base: Any, *changes: tuple[Path, str, str], good: bool) -> float:
    for path, old, new in changes:
        text = path.read_text(encoding="utf-8")
        assert old in text, (path, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    began = time.perf_counter()
    swapped = base.reload()
    seconds = time.perf_counter() - began
    assert swapped is good, base.refused
    return seconds


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
