"""Makes messages of the contract: text that stands alone, buttons, sources, and what each kind adds."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from actions.turn import Turn
from knowledge.base import Snapshot
from knowledge.schema import Conflict, Site, Source

Message = dict[str, Any]
#: Worst first: the trust of an answer is that of its weakest source.
_TRUST_ORDER = ("sample", "plan", "secondary", "official")


def button(title: str, payload: str = "") -> dict[str, str]:
    """A button; a tap sends ``payload`` (default: its title) as text."""
    return {"title": title, "payload": payload or title}


def message(kind: str, text: str, *, knowledge: Snapshot, region: str, topic: str = "",
            sources: Sequence[Source] = (), buttons: Sequence[dict[str, str]] = (), **adds: Any) -> Message:
    """One message of ``kind``; ``adds`` are the fields that the contract gives to this kind."""
    custom = {
        "kind": kind,
        "answer_id": uuid.uuid4().hex[:16],
        "topic": topic,
        "region": region,
        "sources": [source_json(source) for source in sources],
        "knowledge_version": knowledge.version,
        **adds,
    }
    return {"text": text.strip(), "buttons": list(buttons), "custom": custom}


def ack(turn: Turn, text: str, *, of: str, buttons: Sequence[dict[str, str]] = ()) -> Message:
    """A short word about the act ``of`` itself: taken in, cancelled, nothing to repeat …"""
    return message("ack", text, knowledge=turn.knowledge, region=turn.region, of=of, buttons=buttons)


def lead(reply: Message, sentence: str) -> None:
    """Put a sentence before what the reply says."""
    reply["text"] = f"{sentence}\n{reply['text']}"


def source_json(source: Source) -> dict[str, str]:
    """A source as the contract wants it; "" where the address or date is not known."""
    return {"title": source.title, "publisher": source.publisher, "url": source.url, "date": source.date,
            "trust": source.trust, "document_number": source.document_number}


def site_sources(sites: Iterable[Site]) -> list[Source]:
    """Where the places were read, each publication once."""
    found: dict[tuple[str, str, str], Source] = {}
    for site in sites:
        key = (site.source_title, site.source_publisher, site.source_date)
        found.setdefault(key, Source(id=site.id, title=site.source_title, publisher=site.source_publisher,
                                     trust=site.trust, url=site.source_url, date=site.source_date))
    return list(found.values())


def trust_sentence(sources: Sequence[Source], knowledge: Snapshot, today: dt.date) -> str:
    """What must be said in words when a source is not official; "" if all are.

    A plan beside a rule only colours the answer; a plan alone promises and rules nothing. A plan whose period is over
    on ``today`` is said to be.
    """
    # Who published a phone number says nothing of how sure the rule is, unless there is nothing else.
    sources = [source for source in sources if not _of_a_hotline(source, knowledge)] or sources
    doubtful = [source for source in sources if source.trust != "official"]
    rules = [source for source in doubtful if source.trust != "plan"] or doubtful
    if not rules:
        return ""
    # Of the least trusted the first one, which matters most; how old the oldest is stands beside it.
    weakest = min(rules, key=lambda source: _TRUST_ORDER.index(source.trust))
    alike = [source for source in rules if source.trust == weakest.trust]
    others = len({(source.publisher, source.date) for source in alike}) > 1
    oldest = min((source.date[:4] for source in alike if source.date), default="")
    plan_too = weakest.trust != "plan" and any(source.trust == "plan" for source in doubtful)
    date = f"，{weakest.date}" if weakest.date else "，日期不详"
    more = "等" + (f"，最早的是{oldest}年" if oldest < weakest.date[:4] else "") if others else ""
    if weakest.trust == "plan" and _over(weakest, today):
        return knowledge.text("trust_plan_over", publisher=weakest.publisher, date=date + more,
                              until=weakest.plan_until.year if weakest.plan_until is not None else "")
    said = knowledge.text(f"trust_{weakest.trust}", publisher=weakest.publisher, date=date + more)
    if not plan_too:
        return said
    over = all(_over(source, today) for source in doubtful if source.trust == "plan")
    return said + knowledge.text("trust_plan_too_over" if over else "trust_plan_too")


def _of_a_hotline(source: Source, knowledge: Snapshot) -> bool:
    return source.id.startswith("hl-") or any(source.id in hotline.sources for hotline in knowledge.hotlines.values())


def _over(source: Source, today: dt.date) -> bool:
    return source.plan_until is not None and source.plan_until < today


def conflict_sentence(conflict: Conflict, knowledge: Snapshot) -> str:
    """What sources disagree about: every claim with who says so and when, the newest first, and what to go by."""
    claims = [f"{claim.text.rstrip('。；')}（{_said_by(knowledge.source_list(claim.sources)[0], knowledge)}）"
              for claim in conflict.claims]
    return knowledge.text("conflict", about=conflict.about.rstrip("。？"), claims="；".join(claims), use=conflict.use)


def _said_by(source: Source, knowledge: Snapshot) -> str:
    return f"{source.publisher}，{source.date or knowledge.text('date_unknown')}"


def with_claims(sources: Sequence[Source], told: Iterable[Conflict], knowledge: Snapshot) -> list[Source]:
    """``sources`` and those of every claim that is told, each once."""
    claimed = (source for conflict in told for claim in conflict.claims
               for source in knowledge.source_list(claim.sources))
    return list({source.id: source for source in (*sources, *claimed)}.values())


def conflict_json(conflict: Conflict, knowledge: Snapshot) -> dict[str, Any]:
    """``conflicts[]`` of a message: ``{about, claims: [{text, sources}], use}``."""
    claims = [{"text": claim.text, "sources": [source_json(source) for source in knowledge.source_list(claim.sources)]}
              for claim in conflict.claims]
    return {"about": conflict.about, "claims": claims, "use": conflict.use}


def join(*parts: str) -> str:
    """Sentences on lines of their own, empty ones left out."""
    return "\n".join(part.strip() for part in parts if part and part.strip())


def number_text(value: float) -> str:
    """800; 12.5 — to the cent, without zeros that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def listed(items: Iterable[str]) -> str:
    """Items in one sentence."""
    return "、".join(item.rstrip("。；") for item in items)
