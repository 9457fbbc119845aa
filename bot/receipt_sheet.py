"""A receipt played again, as a sheet to read, print and take along: plain text, or one page of HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal, Optional, Protocol

from actions.fact_words import value_in_words
from actions.verdict import amount_text
from bot.receipt_qr import address_of_sheet, qr_html
from knowledge.eligibility.engine import PolicyRules, Verdict, chinese_day, evaluate
from knowledge.eligibility.values import Value
from knowledge.places import Gazetteer
from knowledge.receipt import Receipt, read_receipt, rules_digest
from knowledge.schema import Fact, Outcome, Region, Source

Look = Literal["plain", "notice", "facts", "outcome", "boxes", "steps", "small"]
OUTCOMES: dict[Outcome, str] = {"eligible": "符合条件", "ineligible": "暂时不符合条件", "undetermined": "还不能确定"}
_STATUS = {"met": "✓ 达到", "unmet": "✗ 没达到", "unknown": "？ 还不清楚"}
_TRUST = {"official": "官方", "secondary": "转述", "plan": "规划", "sample": "示例，不是真的"}
TITLE = "办理清单"
LAST_WORD = "条件和金额按出回执那天推算，材料、地点、电话是现在登记的，最终以窗口审核为准。"
QR_CAPTION = "回执码，窗口可以扫"
PRIVATE = "回执码里有办理人说的情况，不要贴到公开的地方。"


class Base(Protocol):
    """As much of the knowledge base as a sheet speaks from; a Snapshot is one."""

    @property
    def version(self) -> str: ...

    @property
    def policies(self) -> Mapping[str, PolicyRules]: ...

    @property
    def regions(self) -> Mapping[str, Region]: ...

    @property
    def sources(self) -> Mapping[str, Source]: ...

    @property
    def gazetteer(self) -> Gazetteer: ...


@dataclass(frozen=True)
class Replay:
    """What a receipt holds, and what the rules that serve now say of it; no ``verdict`` where facts are unreadable."""

    receipt: Receipt
    rules: PolicyRules
    verdict: Optional[Verdict]


@dataclass(frozen=True)
class Section:
    heading: str
    lines: tuple[str, ...]
    look: Look = "plain"


@dataclass(frozen=True)
class Sheet:
    title: str
    sections: tuple[Section, ...]
    #: Stands small below everything else.
    foot: tuple[str, ...]
    #: The receipt's code; "" draws none.
    code: str = ""


def replay(code: str, base: Base) -> Replay:
    """The receipt's case under the rules that serve, on the receipt's own day. Raises ReceiptError."""
    receipt = read_receipt(code, base.policies)
    rules = base.policies[receipt.policy]
    verdict = evaluate(rules, receipt.facts, day=receipt.day, city=receipt.city) if receipt.facts is not None else None
    return Replay(receipt, rules, verdict)


def sheet_of(done: Replay, base: Base) -> Sheet:
    """Everything that a clerk or a resident reads of a receipt."""
    policy, verdict = done.rules.policy, done.verdict
    sections = [_about(done, base), *_changes(done)]
    if verdict is not None:
        sections += [_facts(done, base), _outcome(done, verdict), _conditions(verdict), *_to_do(done, verdict)]
    sections.append(_sources(done, base))
    return Sheet(f"{TITLE}：{policy.name}", tuple(item for item in sections if item.lines), (LAST_WORD, PRIVATE),
                 done.receipt.code)


def text_of(sheet: Sheet) -> str:
    """The sheet for a terminal."""
    marks = {"boxes": "□ ", "notice": "！"}
    lines = [sheet.title]
    for section in sheet.sections:
        lines.append(f"\n【{section.heading}】")
        numbered = section.look == "steps"
        lines += [f"  {f'{number}. ' if numbered else marks.get(section.look, '')}{line}"
                  for number, line in enumerate(section.lines, 1)]
    return "\n".join([*lines, "", *sheet.foot])


def html_of(sheet: Sheet, style: str, after: str = "", public_url: str = "") -> str:
    """The sheet as a page of its own. ``style`` (its looks) stands in the head, ``after`` below it; both are HTML.

    ``public_url``: where residents find this server; the picture of the code then opens the sheet there.
    """
    picture = qr_html(address_of_sheet(sheet.code, public_url), QR_CAPTION) if sheet.code else ""
    body = "".join(_section_html(section) for section in sheet.sections)
    foot = "".join(f"<p>{escape(line)}</p>" for line in sheet.foot)
    return page_html(sheet.title, f"<h1>{escape(sheet.title)}</h1>{picture}{body}<footer>{foot}</footer>{after}", style)


def page_html(title: str, body: str, style: str) -> str:
    """A whole page around ``body``; ``body`` and ``style`` are HTML, ``title`` is text."""
    return ("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            "<meta name=\"robots\" content=\"noindex\">"
            f"<title>{escape(title)}</title>{style}</head><body><main>{body}</main></body></html>\n")


def _section_html(section: Section) -> str:
    tag = "ol" if section.look == "steps" else "ul"
    lines = "".join(f"<li>{escape(line)}</li>" for line in section.lines)
    return (f"<section class=\"{section.look}\"><h2>{escape(section.heading)}</h2>"
            f"<{tag}>{lines}</{tag}></section>")


# --- what the sheet says ---------------------------------------------------------------------------


def _about(done: Replay, base: Base) -> Section:
    receipt = done.receipt
    rules = done.rules.on(receipt.day)
    policy = rules.policy
    where = base.regions[receipt.city].name if receipt.city in base.regions else receipt.city
    same = "和出回执时一样" if receipt.unchanged else f"出回执时是 {receipt.rules:03x}，后来改过"
    lines = [
        f"哪天：{chinese_day(receipt.day)}", f"哪里：{where}" if where else "",
        f"哪项政策：{policy.name}" + (f"（{policy.document_number}）" if policy.document_number else ""),
        f"依据版本：{policy.policy} 规定 {rules_digest(rules, receipt.day):03x}（{same}），内容 {base.version}",
        f"回执码：{receipt.code}",
    ]
    return Section("回执", tuple(line for line in lines if line))


def _changes(done: Replay) -> Iterator[Section]:
    """What must be known before anything below is believed."""
    receipt, verdict = done.receipt, done.verdict
    then = OUTCOMES[receipt.outcome]
    if receipt.unchanged:
        if verdict is not None and verdict.outcome != receipt.outcome:
            yield Section("请注意", (
                f"出回执时的结论是“{then}”，现在按同一版规定重算是“{OUTCOMES[verdict.outcome]}”。"
                "多半是程序改过，请以窗口审核为准。",), "notice")
        return
    old = "要按当时的规定重算，得有当时那一版内容：用 LINLITONG_CONTENT=那一版的文件夹 再运行一次。"
    if verdict is None:
        yield Section("请注意", (
            f"这项政策的规定在出回执以后改过，现在要问的情况也不一样了，当时说的情况读不出来。当时的结论是“{then}”。",
            "想知道按现在的规定行不行，请重新问一遍。", old), "notice")
        return
    yield Section("请注意", (
        f"这项政策的规定在出回执以后改过。当时的结论是“{then}”；"
        f"下面是把当时的情况按现在的规定重算的，结论是“{OUTCOMES[verdict.outcome]}”。",
        "当时的金额和每一条规定，回执里没有存，这里算不出来。", old), "notice")


def _facts(done: Replay, base: Base) -> Section:
    facts = done.rules.catalogue.facts
    told = tuple(fact_line(facts[slug], value, base) for slug, value in (done.receipt.facts or {}).items())
    return Section("了解到的情况", told or ("什么都没有说",), "facts")


def _outcome(done: Replay, verdict: Verdict) -> Section:
    amount = amount_text(verdict.amount) if verdict.outcome != "ineligible" else ""
    lines = [OUTCOMES[verdict.outcome] + (f"（{verdict.route.name}）" if verdict.route is not None else "")]
    if amount:
        lines.append(f"金额：{amount}" + ("（都达到的话）" if verdict.outcome == "undetermined" else ""))
    if verdict.amount is not None and verdict.outcome != "ineligible":
        formula = verdict.amount.benefit.formula_text
        lines += [f"算法：{formula}"] if formula else []
        lines += verdict.amount.notes
    facts = done.rules.catalogue.facts
    lines += [f"还差：{facts[slug].name}" + (f"（看{facts[slug].lookup}）" if facts[slug].lookup else "")
              for slug in verdict.missing]
    if verdict.eligible_from is not None:
        lines.append(f"从{chinese_day(verdict.eligible_from)}起可以再来申请")
    return Section("结论", tuple(lines), "outcome")


def _conditions(verdict: Verdict) -> Section:
    """Each condition with its clause; a clause that the line above has already is not written again."""
    lines, above = [], ""
    for reason in verdict.reasons:
        clause = f"（{reason.clause}）" if reason.clause and reason.clause != above else ""
        lines.append(f"{_STATUS[reason.status]}：{reason.with_way.rstrip('。')}{clause}")
        above = reason.clause
    return Section("每个条件", tuple(lines))


def _to_do(done: Replay, verdict: Verdict) -> Iterator[Section]:
    """What to bring and where to go, as it is today; nothing for somebody who is refused."""
    policy, where = verdict.policy, verdict.where
    if verdict.outcome != "ineligible":
        yield Section("要带的材料", verdict.documents, "boxes")
        yield Section("怎么办", policy.steps, "steps")
        yield Section("窗口还会核对", policy.unaskable)
    contacts = [f"{item.name} {item.phone}" + (f"（{item.hours}）" if item.hours else "") for item in policy.contacts]
    yield Section("地点电话", tuple(
        line for line in (f"地点：{where}" if where else "", f"时间：{policy.time}" if policy.time else "",
                          *(f"电话：{item}" for item in contacts)) if line))


def _sources(done: Replay, base: Base) -> Section:
    policy = done.verdict.policy if done.verdict is not None else done.rules.policy
    sources = [base.sources[name] for name in policy.sources if name in base.sources]
    return Section("来源", tuple(
        f"{source.publisher}《{source.title}》" + (source.document_number and f"{source.document_number} ")
        + f"{source.date or '日期不详'}（{_TRUST[source.trust]}）" for source in sources), "small")


# --- facts in words --------------------------------------------------------------------------------


def fact_line(fact: Fact, value: Value, base: Base) -> str:
    """A fact by its name and value: 家庭年收入：4万到5万元 as “家庭年收入：40000到50000元”."""
    return f"{fact.name}：{value_in_words(fact, value, base)}"
