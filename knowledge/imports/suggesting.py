"""A first mapping for a list, guessed from the names of its columns; what only staff can know is left open."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from knowledge.imports.header import assign, is_left
from knowledge.imports.reading import Sheet
from knowledge.imports.understanding import LABELS
from knowledge.imports.world import World

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "import.schema.json"
_PLAIN = re.compile(r"[\u4e00-\u9fffA-Za-z（）][\u4e00-\u9fffA-Za-z0-9（）()_/]*\Z")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
#: Rows that are looked at to tell the city.
_SAMPLE = 300
#: A column with more different words than this is not a column of categories.
_MOST_WORDS = 40
_AREA_CODES = {"510100": "028", "310000": "021", "320100": "025", "320500": "0512", "130600": "0312"}
_TRUST = ("official 直接读自官方发布的名单；secondary 转抄来的；sample 示例")


def suggested(sheet: Sheet, world: World, target: Path) -> str:
    """The text of a mapping file that will lie at ``target``."""
    return "\n".join(_lines(sheet, world, target)) + "\n"


def _lines(sheet: Sheet, world: World, target: Path) -> Iterator[str]:
    columns = assign(sheet.columns)
    city = _city(sheet, world)
    yield f"# yaml-language-server: $schema={os.path.relpath(SCHEMA, target.resolve().parent)}"
    yield f"# 名单“{sheet.path.name}”的对照文件，由程序按栏名猜的：逐行核对，写着“请填”的都要填，再试运行一次。"
    if sheet.name:
        yield f"sheet: {_quoted(sheet.name)}"
    yield f"header_row: {sheet.header_row}  # 表头在第几行"
    yield ""
    yield from _source(sheet)
    yield ""
    yield f"city: \"{city}\"" + (f"  # {world.cities[city]}" if city else "  # 请填城市代码："
                                 + "、".join(f"{code} {name}" for code, name in world.cities.items()))
    if "category" not in columns:
        yield from _category(sheet, world)
    yield f"area_code: \"{_AREA_CODES.get(city, '')}\"  # 没写区号的座机前面加的区号；不想加就写 \"\""
    yield "status: unchecked  # 新地点的状态：unchecked 没有核实；active 已经核实可用"
    yield ""
    yield "# 我们的栏: 名单里的栏。猜错了就改，没有的就删掉这一行。"
    yield "columns:"
    for field, names in columns.items():
        value = _quoted(names[0]) if len(names) == 1 else f"[{', '.join(map(_quoted, names))}]"
        yield f"  {field}: {value}  # {LABELS[field]}"
    if "name" not in columns:
        yield f"  name: \"\"  # 请填：名称是哪一栏；名单里有：{'、'.join(sheet.columns)}"
    if {"lng", "lat", "lnglat"} & set(columns):
        yield ""
        yield "# 坐标系：gcj02 高德、腾讯；bd09 百度；wgs84 GPS、天地图。问对方，别猜；问不到就删掉上面的经纬度。"
        yield "crs:  # 请填"
        if "precision_m" not in columns:
            yield "precision_m:  # 请填坐标离门口可能差多少米：按门牌查的 100，只到路或村的 1000 以上"
    yield ""
    yield f"ignore: [{', '.join(map(_quoted, _rest(sheet, columns)))}]  # 不要的栏"
    yield "empty_words: [无, /, \"\\\\\", \"-\", —, ——, 暂无, 不详, 未知]  # 等于没写的词"
    if "category" in columns:
        yield from _category_words(sheet, world, columns["category"][0])


def _source(sheet: Sheet) -> Iterator[str]:
    title = next((text for text in sheet.above if 4 <= len(text) <= 60), "")
    yield "source:  # 这些话居民会看到"
    yield f"  title: {_quoted(title)}" + ("" if title else "  # 请填：名单叫什么")
    yield "  publisher: \"\"  # 请填：谁发布的"
    yield "  url: \"\"  # 名单在发布单位自己网站上的地址，没有就空着"
    yield "  date: \"\"  # 名单的日期，如 2026-10；不知道就空着"
    yield f"  trust: secondary  # {_TRUST}"


def _rest(sheet: Sheet, columns: Mapping[str, Sequence[str]]) -> list[str]:
    taken = {name for names in columns.values() for name in names}
    return [name for name in sheet.columns if name not in taken and is_left(name)]


# --- city and category ------------------------------------------------------------------------------


def _city(sheet: Sheet, world: World) -> str:
    """The city whose districts the list names most; "" if it names none."""
    named = {place.name: place.city for place in world.places if place.level in ("city", "district")}
    text = "\n".join([*sheet.above, *("\n".join(row) for row in sheet.frame.head(_SAMPLE).to_numpy())])
    votes = Counter({city: 0 for city in world.cities})
    for name, city in named.items():
        votes[city] += text.count(name)
    best = votes.most_common(1)
    return best[0][0] if best and best[0][1] else ""


def _guessed_category(text: str, world: World) -> str:
    """The category whose name or alias is the longest in ``text``; "" if none is."""
    found = [(len(alias), slug) for slug, category in world.categories.items()
             for alias in (*category.name.split("、"), *category.aliases) if alias and alias in text]
    return max(found)[1] if found else ""


def _category(sheet: Sheet, world: World) -> Iterator[str]:
    slug = _guessed_category(" ".join([*sheet.above, sheet.path.stem, sheet.name]), world)
    said = world.categories[slug].name if slug else "请填：categories.yml 里的类别"
    yield f"category: {slug or chr(34) * 2}  # {said}"


def _category_words(sheet: Sheet, world: World, column: str) -> Iterator[str]:
    words = list(dict.fromkeys(word for word in sheet.frame[column] if word))
    yield ""
    yield "# 把对方的类别换成我们的（categories.yml 里的词），空的请填。"
    yield "translate:"
    yield f"  {_quoted(column)}:"
    for word in words[:_MOST_WORDS]:
        slug = _guessed_category(word, world)
        yield f"    {_quoted(word)}: {slug or chr(34) * 2}"


def _quoted(text: str) -> str:
    """``text`` as YAML, in quotes where it needs them."""
    plain = _PLAIN.match(text) and text.lower() not in _RESERVED
    return text if plain else json.dumps(text, ensure_ascii=False)
