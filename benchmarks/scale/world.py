"""Makes a content folder for a country: made-up cities with topics, FAQs, policies and sites.

Nothing in it is a fact: names are 示例, sources are of trust ``sample``. What is not made up (texts, emergencies,
facts, topics, categories) is the shipped content's, so that the checks that it must pass are the real ones. The same
``seed`` makes the same bytes.
"""

from __future__ import annotations

import csv
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.base import CONTENT

#: Whole folders and files of the shipped content that the made-up country keeps.
_KEPT = ("topics", "texts", "facts", "facts.yml", "hotlines.yml", "emergencies.yml", "limits.yml")
#: Codes of provinces that the shipped content has nothing of; each has so many cities at most.
_PROVINCES = tuple(range(14, 66))
_CITIES = 20
_ASPECTS = {
    "what": ["是什么", "是怎么回事", "是干什么的", "是啥子", "什么意思"],
    "who": ["哪些人能办", "谁可以申请", "要什么条件", "我够不够条件", "啥人能享受"],
    "amount": ["一个月多少钱", "给多少", "标准是多少", "能领好多", "补多少钱"],
    "how": ["怎么申请", "怎么办理", "咋个办", "办理流程", "要怎么弄"],
    "documents": ["要带什么材料", "需要哪些证件", "带啥东西去", "材料清单", "要准备什么"],
    "where": ["去哪里办", "在哪儿申请", "到哪里去弄", "哪个窗口办", "办理地点在哪"],
    "time": ["多久能办好", "要等几天", "什么时候发", "好久下来", "多长时间"],
    "contact": ["电话是多少", "打哪个电话问", "有没有咨询电话", "号码多少", "找谁问"],
}
_TAILS = ["", "呢", "啊", "呀", "，请问", "，谢谢", "，帮忙看看", "，急", "嘛", "，我想晓得"]


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    faqs: int
    policies: int
    sites: int

    def share(self, part: float) -> Size:
        """A country ``part`` as large."""
        return Size(int(self.faqs * part), int(self.policies * part), int(self.sites * part))


#: What the base must bear.
WHOLE = Size(faqs=100_000, policies=5_000, sites=1_000_000)


def make_world(root: Path, size: Size, *, seed: int = 1) -> list[str]:
    """Write the folder anew; the codes of its cities."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name in _KEPT:
        source = CONTENT / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        elif source.exists():
            shutil.copy(source, root / name)
    rng = random.Random(seed)
    topics = _topics(root)
    cities = _regions(root, size, len(topics))
    _nationwide(root, topics)
    _sources(root, cities)
    made = _Made(size)
    for number, city in enumerate(cities):
        left = len(cities) - number
        _city_topics(root, city, topics, made.take("faqs", left), rng)
        _city_policies(root, city, list(topics), made.take("policies", left))
        _city_sites(root, city, made.take("sites", left), rng)
    return cities


class _Made:
    """Hands out what is left in equal shares."""

    def __init__(self, size: Size) -> None:
        self._left = {"faqs": size.faqs, "policies": size.policies, "sites": size.sites}

    def take(self, kind: str, among: int) -> int:
        share = -(-self._left[kind] // among)
        self._left[kind] -= share
        return share


def _topics(root: Path) -> dict[str, str]:
    names: dict[str, str] = {}
    for path in sorted((root / "topics").glob("*.yml")):
        names.update({topic["slug"]: topic["name"] for topic in yaml.safe_load(path.read_text("utf-8"))["topics"]})
    return names


def _regions(root: Path, size: Size, topics: int) -> list[str]:
    """As many cities as the FAQs fill with five a topic."""
    wanted = max(1, -(-size.faqs // (topics * 5)))
    cities = [f"{province}{city:02d}00" for province in _PROVINCES for city in range(1, _CITIES + 1)][:wanted]
    provinces = sorted({city[:2] + "0000" for city in cities})
    regions = [{"code": "100000", "name": "全国", "short": "全国"}]
    regions += [{"code": code, "name": f"示例{code[:2]}省", "short": f"示例省{code[:2]}"} for code in provinces]
    regions += [{"code": code, "name": f"示例{code[:4]}市", "short": f"示例市{code[:4]}"} for code in cities]
    _dump(root / "regions.yml", {"regions": regions})
    (root / "places").mkdir()
    with (root / "places" / "country.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "level", "city", "code", "district", "lng", "lat", "precision_m", "source"])
        for code in cities:
            writer.writerow([f"示例{code[:4]}市", "city", code, code, "", "", "", "", "sample"])
            for district in range(1, 7):
                name, own = f"示例{code[:4]}第{district}区", f"{code[:4]}{district:02d}"
                lng, lat = _centre(code)
                writer.writerow([name, "district", code, own, own, lng, lat, 8000, "sample"])
    return cities


def _centre(code: str) -> tuple[float, float]:
    return 80 + int(code[:2]) * 0.8, 20 + int(code[2:4]) * 1.2


def _nationwide(root: Path, topics: dict[str, str]) -> None:
    (root / "100000").mkdir()
    hotlines = yaml.safe_load((root / "hotlines.yml").read_text("utf-8"))["hotlines"]
    emergencies = yaml.safe_load((root / "emergencies.yml").read_text("utf-8"))["emergencies"]
    named = sorted({source for item in (*hotlines, *emergencies) for source in item.get("sources", [])} | {"sample"})
    _dump(root / "100000" / "sources.yml", {"sources": [
        {"id": name, "title": "示例", "publisher": "示例", "trust": "sample", "date": "2026-11-01"} for name in named]})
    for slug, name in topics.items():
        _dump(root / "100000" / f"{slug}.yml", {
            "topic": slug, "region": "100000", "card": {"summary": f"{name}（示例）。", "sources": ["sample"]}})


def _sources(root: Path, cities: list[str]) -> None:
    for code in cities:
        (root / code / "policies").mkdir(parents=True)
        _dump(root / code / "sources.yml", {"sources": [
            {"id": f"s{code}", "title": "示例", "publisher": f"示例{code[:4]}市", "trust": "sample",
             "date": "2026-11-01"}]})


def _city_topics(root: Path, city: str, topics: dict[str, str], faqs: int, rng: random.Random) -> None:
    aspects = list(_ASPECTS)
    for number, (slug, name) in enumerate(topics.items()):
        share = -(-faqs // (len(topics) - number))
        faqs -= share
        records = [_faq(city, name, aspects[place % len(aspects)], place // len(aspects), rng)
                   for place in range(share)]
        _dump(root / city / f"{slug}.yml", {
            "topic": slug, "region": city, "faqs": records,
            "card": {"summary": f"示例{city[:4]}市的{name}。", "sources": [f"s{city}"]}})


def _faq(city: str, name: str, aspect: str, again: int, rng: random.Random) -> dict[str, object]:
    """Most phrases are the same in many cities, as where offices take a neighbour's file over; two are its own."""
    mark = f"第{again + 1}种" if again else ""
    ways = _ASPECTS[aspect]
    own = rng.randrange(10_000)
    return {
        "id": f"{aspect}{again}", "question": f"{name}{mark}{ways[0]}？",
        "paraphrases": [*(f"{name}{mark}{way}{_TAILS[own % len(_TAILS)]}" for way in ways[1:4]),
                        f"{city[:4]}的{name}{mark}{ways[4]}"],
        "must_win": [f"我想问{name}{mark}{ways[0]}", f"问一下{city[:4]}{name}{mark}{ways[1]}"],
        "must_not": ["附近有没有公园", "今天天气好不好"], "aspect": aspect,
        "answer": f"示例{city[:4]}市的{name}：{ways[0]}（示例{own}）。", "sources": [f"s{city}"],
    }


def _city_policies(root: Path, city: str, topics: list[str], policies: int) -> None:
    for number in range(policies):
        slug = topics[number % len(topics)]
        name = slug if number < len(topics) else f"{slug}.p{number // len(topics)}"
        age, sum_ = 60 + number % 20, 100 + number * 10
        _dump(root / city / "policies" / f"{name}.yml", {
            "policy": f"{city}/{name}", "topic": slug, "region": city, "name": f"示例{city[:4]}市第{number}项政策",
            "summary": "示例。", "sources": [f"s{city}"],
            "conditions": [
                {"id": "age", "text": f"年满{age}周岁", "rule": {"fact": "person.age", "at_least": age}},
                {"id": "hukou", "text": "本市户籍", "rule": {"fact": "person.hukou_city", "is": city}}],
            "benefit": {"period": "month", "formula_text": f"每月{sum_}元", "cases": [{"value": sum_}]}})
        _dump(root / city / "policies" / f"{name}.households.yml", {"policy": f"{city}/{name}", "households": [
            {"name": "达到", "facts": {"person.age": age, "person.hukou_city": city},
             "expect": {"outcome": "eligible", "amount": sum_}},
            {"name": "差一岁", "facts": {"person.age": age - 1, "person.hukou_city": city},
             "expect": {"outcome": "ineligible"}},
            {"name": "外地户口", "facts": {"person.age": age, "person.hukou_city": "110000"},
             "expect": {"outcome": "ineligible"}},
            {"name": "不知道", "facts": {}, "expect": {"outcome": "undetermined"}}]})


def _city_sites(root: Path, city: str, sites: int, rng: random.Random) -> None:
    folder = root / "sites"
    folder.mkdir(exist_ok=True)
    if not (folder / "categories.yml").exists():
        shutil.copy(CONTENT / "sites" / "categories.yml", folder / "categories.yml")
    slugs = [item["slug"] for item in yaml.safe_load((folder / "categories.yml").read_text("utf-8"))["categories"]]
    lng, lat = _centre(city)
    with (folder / f"{city}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "name", "category", "city", "district", "address", "lng", "lat", "precision_m",
                         "hours", "phone", "source_title", "source_publisher", "source_date", "trust"])
        for number in range(sites):
            slug = slugs[number % len(slugs)]
            writer.writerow([
                f"{city}-{number}", f"示例·{city[:4]}第{number}处", slug, city, f"{city[:4]}{1 + number % 6:02d}",
                f"示例路{number}号", round(lng + rng.gauss(0, 0.1), 6), round(lat + rng.gauss(0, 0.1), 6), 50,
                "周一至周五 9:00–17:00", "12345", "示例", "示例", "2026-11-01", "sample"])


def _dump(path: Path, data: object) -> None:
    path.write_text(yaml.dump(data, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), allow_unicode=True,
                              sort_keys=False, width=1000), encoding="utf-8")
