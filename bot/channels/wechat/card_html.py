"""A message of the bot's as a page for a phone: what a chat has no room for. HTML alone, no script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from knowledge.text import distance_text

Message = dict[str, Any]

#: The kinds that have a page.
KINDS = frozenset({"sites", "verdict", "service"})
TRUST = {"official": "官方", "secondary": "转述", "plan": "规划", "sample": "示例，不是真的"}
OUTCOMES = {"eligible": "符合条件", "ineligible": "暂时不符合", "undetermined": "还不能确定"}
#: How often, and what is counted, by the benefit's period.
PERIODS = {"month": ("每月", "个月"), "year": ("每年", "年"), "once": ("一次性", "次")}
#: Reasons by their status: heading, sign, class.
_REASONS = (("unmet", "没有达到的条件", "✗", "bad"), ("unknown", "还不清楚的条件", "？", "warn"),
            ("met", "达到的条件", "✓", "good"))
_PHONE = re.compile(r"[0-9][0-9-]{2,}[0-9]")
_LISTED = re.compile(r"^\s*[0-9]{1,2}[.、．]")
# Beside the page and not at the root: a proxy may have put all of us into a folder.
_STYLE = ('<link rel="icon" href="../static/icon.svg" type="image/svg+xml">'
          '<link rel="stylesheet" href="../static/card.css">')
_GONE = "请回到公众号，把刚才的话再问一遍，就有新的链接。急事请拨打12345。"


def has_page(message: Message) -> bool:
    """Whether a page says more of it than the chat does."""
    custom = message.get("custom") or {}
    return custom.get("kind") in KINDS and (custom["kind"] != "sites" or bool(custom.get("items")))


def title_of(message: Message) -> str:
    """The page's name, which is the article's in the chat."""
    custom = message["custom"]
    if custom["kind"] == "sites":
        return "查到的地方：电话、地图、时间"
    if custom["kind"] == "verdict":
        return "核对结果：条件、材料、下一步"
    return f"{custom['name']}：怎么办、带什么" if custom.get("name") else "怎么办、带什么"


def lead_of(message: Message) -> str:
    """The answer's first line."""
    return str(message["text"]).strip().split("\n", 1)[0]


def card_html(message: Message, until: str) -> str:
    """The page. ``until``: when its address ends, in words."""
    custom = message["custom"]
    body = {"sites": _sites, "verdict": _verdict, "service": _service}[custom["kind"]](custom)
    shown = _bare(re.sub("<[^<>]*>", "", "".join(body)))
    lead = lead_of(message)
    parts = [f"<h1>{escape(title_of(message))}</h1>",
             "" if _bare(escape(lead)) in shown else f'<p class="lead">{escape(lead)}</p>', *body,
             _plain("说明", _beyond(message, shown)), _conflicts(custom.get("conflicts") or ()),
             _sources(custom.get("sources") or ())]
    foot = (f"<footer><p>这一页到{escape(until)}失效，只有拿到链接的人看得到，里面可能有您说的情况，不要随便转发。</p>"
            "<p>最终以窗口审核和实际情况为准。</p></footer>")
    return _page(title_of(message), "".join(parts) + foot)


def gone_html(title: str) -> str:
    """The page for an address that leads nowhere (any more)."""
    return _page(title, f'<h1>{escape(title)}</h1><p class="lead">{_GONE}</p>'
                        f'<p class="row">{_call("12345", "12345")}</p>')


def _page(title: str, body: str) -> str:
    return ('<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="robots" content="noindex, nofollow"><meta name="format-detection" content="telephone=no">'
            f"<title>{escape(title)}</title>{_STYLE}</head><body><main>{body}</main></body></html>\n")


# --- places ----------------------------------------------------------------------------------------


def _sites(custom: dict[str, Any]) -> list[str]:
    return [_site(number, item) for number, item in enumerate(custom["items"], 1)]


def _site(number: int, item: dict[str, Any]) -> str:
    tags = [f"<b>{_distance(item)}</b>"]
    if item["open_now"] is not None:
        tags.append('<b class="good">现在开着</b>' if item["open_now"] else '<b class="bad">现在没开</b>')
    if item.get("trust") == "sample":
        tags.append(f'<b class="warn">{TRUST["sample"]}</b>')
    lines = [item["address"], item["hours_text"] or "开门时间不详", f"费用：{item['cost']}" if item.get("cost") else "",
             item.get("note") or ""]
    return (f'<section class="place"><h2><i>{number}</i> {escape(item["name"])}</h2><p class="tags">{"".join(tags)}</p>'
            + "".join(f"<p>{escape(line)}</p>" for line in lines if line)
            + _row([*_calls(item["phone"], item["name"]), *_maps(item)]) + "</section>")


def _distance(item: dict[str, Any]) -> str:
    metres = item["distance_m"]
    if metres is None:
        return "同一片区，距离不详" if item["same_area"] else "距离不详"
    return distance_text(metres)


def _maps(item: dict[str, Any]) -> list[str]:
    """The map that opens inside WeChat first, where the point is known."""
    made = []
    if item["lng"] is not None and item["lat"] is not None and item["crs"] == "gcj02":
        name, where = quote(item["name"], safe=""), quote(item["address"] or item["name"], safe="")
        made.append(("腾讯地图", f"https://apis.map.qq.com/uri/v1/marker?marker=coord:{item['lat']:.6f},{item['lng']:.6f}"
                             f";title:{name};addr:{where}&referer=linlitong"))
    if str(item["map_url"]).startswith("https://"):
        made.append(("高德地图", item["map_url"]))
    return [f'<a class="btn" href="{escape(url)}" rel="noreferrer" aria-label="{escape(said + " " + item["name"])}">'
            f"{said}</a>" for said, url in made]


# --- a verdict, a service --------------------------------------------------------------------------


def _verdict(custom: dict[str, Any]) -> list[str]:
    outcome = custom["outcome"]
    look = {"eligible": "good", "ineligible": "bad"}.get(outcome, "warn")
    sign = next(sign for _, _, sign, tone in _REASONS if tone == look)
    parts = [f'<p class="outcome {look}">{sign} {OUTCOMES[outcome]}</p>', _benefit(custom["benefit"], outcome)]
    if custom["eligible_from"]:
        year, month, day = custom["eligible_from"].split("-")
        parts.append(f"<p>{int(year)}年{int(month)}月{int(day)}日起可以来申请。</p>")
    for status, heading, sign, tone in _REASONS:
        these = [item for item in custom["reasons"] if item["status"] == status]
        lines = "".join(f'<li><span class="{tone}" aria-hidden="true">{sign}</span> {escape(item["text"])}'
                        + (f'<small>依据：{escape(item["clause"])}</small>' if item["clause"] else "") + "</li>"
                        for item in these)
        parts.append(f'<section><h2>{heading}</h2><ul class="reasons">{lines}</ul></section>' if lines else "")
    documents = custom.get("documents") or []
    said = _bare("".join(documents) + str(custom.get("where") or ""))
    # What stands in the lists of their own is not a step, too.
    steps = [step for step in custom["next_steps"] if _bare(step) not in said]
    parts += [_boxes("要带的材料", documents), _words("去哪办", custom.get("where")),
              _contacts(custom.get("contacts") or ()), _steps("下一步", steps),
              _plain("不能同时享受", [item["text"] if isinstance(item, dict) else "" for item in custom["excludes"]])]
    if custom["receipt"]:
        parts.append(f'<section><h2>回执码</h2><p class="code">{escape(custom["receipt"])}</p>'
                     '<p>到窗口报这个码，或者在<a href="../receipt">回执码重算</a>里打印清单。</p></section>')
    return parts


def _benefit(benefit: dict[str, Any] | None, outcome: str) -> str:
    if not benefit or outcome == "ineligible":
        return ""
    lines = []
    if benefit["amount"] is not None:
        often, unit = PERIODS.get(benefit["period"] or "", ("", "次"))
        limit = "最多" if benefit["upper_limit"] else "不低于" if benefit.get("floor") else ""
        most = benefit["max_periods"] or 0
        sum_ = (f"{benefit.get('per') or often}{limit}{benefit['amount']:.10g}{benefit['unit']}"
                + (f"，最多{most}{unit}" if most > 1 else ""))
        lines.append(f'<p class="sum">{"" if outcome == "eligible" else "要是符合，"}{escape(sum_)}</p>')
    if benefit["formula_text"]:
        lines.append(f"<p>算法：{escape(benefit['formula_text'])}</p>")
    return "".join(lines)


def _service(custom: dict[str, Any]) -> list[str]:
    return [_boxes("要带的材料", custom["documents"]), _steps("怎么办", custom["steps"]),
            _words("去哪办", custom.get("where")), _words("费用", custom["cost"]), _contacts(custom["contacts"])]


# --- pieces ----------------------------------------------------------------------------------------


def _beyond(message: Message, shown: str) -> list[str]:
    """The lines of the text after its first that the page (``shown``, bare) does not have yet."""
    receipt = message["custom"].get("receipt") or ""
    return [line for line in str(message["text"]).strip().split("\n")[1:]
            if line.strip() and not _LISTED.match(line) and not (receipt and receipt in line)
            and not all(_bare(escape(part)) in shown for part in re.split("[、；，：]", line))]


def _conflicts(conflicts: Iterable[dict[str, Any]]) -> str:
    """What sources say that do not agree, each with who says it."""
    parts = []
    for item in conflicts:
        lines = "".join(f"<li>{escape(claim['text'])}" + "".join(
            f"<small>{escape(source['publisher'])} {escape(source['date'] or '日期不详')}</small>"
            for source in claim["sources"]) + "</li>" for claim in item["claims"])
        parts.append(f"<p>关于{escape(item['about'])}：</p><ul>{lines}</ul>")
    return f'<section><h2>查到的说法不一样</h2>{"".join(parts)}</section>' if parts else ""


def _sources(sources: Iterable[dict[str, str]]) -> str:
    lines = []
    for source in sources:
        name = f"《{source['title']}》"
        url = source["url"] if source["url"].startswith(("https://", "http://")) else ""
        linked = f'<a href="{escape(url)}" rel="noreferrer">{escape(name)}</a>' if url else escape(name)
        lines.append(f"<li>{escape(source['publisher'])}{linked} {escape(source['date'] or '日期不详')}"
                     f"（{TRUST[source['trust']]}）</li>")
    return f'<section class="small"><h2>来源</h2><ul>{"".join(lines)}</ul></section>' if lines else ""


def _boxes(heading: str, items: Sequence[str]) -> str:
    return _list(heading, items, "ul", "boxes")


def _steps(heading: str, items: Sequence[str]) -> str:
    return _list(heading, items, "ol", "steps")


def _plain(heading: str, items: Sequence[str]) -> str:
    return _list(heading, items, "ul", "plain")


def _list(heading: str, items: Sequence[str], tag: str, look: str) -> str:
    lines = "".join(f"<li>{escape(item)}</li>" for item in items if item.strip())
    return f'<section><h2>{heading}</h2><{tag} class="{look}">{lines}</{tag}></section>' if lines else ""


def _words(heading: str, text: str | None) -> str:
    return f"<section><h2>{heading}</h2><p>{escape(text)}</p></section>" if text else ""


def _contacts(contacts: Iterable[dict[str, str]]) -> str:
    lines = [f"<p>{escape(item['name'])}{'，' + escape(item['hours']) if item.get('hours') else ''}</p>"
             + _row(_calls(item["phone"], item["name"])) for item in contacts]
    return f'<section><h2>电话</h2>{"".join(lines)}</section>' if lines else ""


def _calls(phones: str, name: str) -> list[str]:
    """A button for each number; the words between them say nothing that the number does not."""
    return [_call(number, name) for number in _PHONE.findall(phones)]


def _call(number: str, name: str) -> str:
    return (f'<a class="btn call" href="tel:{escape(number)}" aria-label="打电话 {escape(name)} {escape(number)}">'
            f"打电话 {escape(number)}</a>")


def _row(buttons: Sequence[str]) -> str:
    return f'<p class="row">{"".join(buttons)}</p>' if buttons else ""


def _bare(text: str) -> str:
    """``text`` without what separates words."""
    return re.sub(r"[\s，。；、：:,.;]|带齐|^去", "", text)
