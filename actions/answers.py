"""Messages about a service: an FAQ's answer, a card or a part of it, asking back, and an honest "not known"."""

from __future__ import annotations

import re
from typing import Optional

from actions.say import (
    Message,
    button,
    conflict_json,
    conflict_sentence,
    join,
    listed,
    message,
    trust_sentence,
    with_claims,
)
from actions.topic_choice import MATTER, Choice, best_faq, names_service, spans_of_names
from actions.turn import Turn
from bot.nlu.aspects import matter_of
from knowledge.base import CardRecord
from knowledge.check_dates import SOON_DAYS
from knowledge.eligibility.engine import chinese_day
from knowledge.faq import SURE, FaqHit
from knowledge.regions import NATIONWIDE
from knowledge.schema import Card, InForce

#: Where another aspect was asked, ``SURE`` is not enough: it must be nearly the same sentence.
FAQ_OTHER_ASPECT = 0.76
#: Where the card speaks of the asked aspect, only nearly the same sentence of another aspect is better.
FAQ_NEARLY_THE_SAME = 0.9
#: Below this an FAQ of the service at hand has nothing to do with a question that does not name the service.
UNDERSTOOD = 0.5
#: A question of so few characters beside the service's name is a plain one.
PLAIN = 8
#: So far behind the best an FAQ of the asked aspect is still preferred.
FAQ_BEHIND = 0.18
#: With the asked aspect the same, a lower score is enough.
FAQ_SAME_ASPECT = 0.48
#: An FAQ of a neighbouring aspect is better than nothing from here on.
FAQ_RELATED = 0.40
#: The card speaks first below this.
FAQ_LIKELY = 0.56


def topic_answer(turn: Turn, choice: Choice, topic: str) -> Message:
    """The best answer about ``topic`` in the region: an FAQ, a part of the card, or an honest "not known"."""
    turn.memory.topic = topic
    if not choice.own and _of_something_else(turn, choice, topic):
        return cannot_answer(turn, topic)
    hits = best_faq(turn, choice, topic)
    aspect = turn.reading.aspect
    card = turn.knowledge.card(topic, turn.region)
    if card is not None and aspect is None and only_the_name(turn):
        return card_answer(turn, card)
    part = card_part(card.card, aspect) if card is not None and aspect is not None else ""
    hits = _about_the_number(turn, hits) if aspect is not None else _about_the_rest(turn, _about_the_number(turn, hits))
    plain = (_plain_aspect(turn) or _nothing_but_an_aspect(turn, choice)) and not _HOTLINE.search(turn.reading.text)
    if card is not None and part and plain and not (hits and hits[0].score >= FAQ_NEARLY_THE_SAME):
        return card_answer(turn, card, part)
    hit = _fitting(hits, aspect, bool(part) and aspect != "what") or _alone_speaks_of_it(turn, hits)
    if hit is not None:
        return faq_answer(turn, hit)
    takes_time = aspect == "time" and not _LASTING.search(turn.reading.text)
    neighbours = () if takes_time else _NEIGHBOURS.get(aspect or "", ())
    for wanted in (aspect, *neighbours):
        part = card_part(card.card, wanted) if card is not None and wanted else ""
        if card is not None and part:
            return card_answer(turn, card, part)
        related = [item for item in hits if wanted is not None and item.record.faq.aspect == wanted]
        if related and related[0].score >= FAQ_RELATED:
            return faq_answer(turn, related[0])
    if hits and hits[0].score >= FAQ_LIKELY and (aspect is None or card is None):
        return faq_answer(turn, hits[0])
    if card is not None and aspect in UNANSWERED:
        return aspect_unknown(turn, topic, aspect)
    if card is not None:
        return card_answer(turn, card)
    # A topic that only meaning suggested is not held against the resident: it may be something else altogether.
    sure = not choice.own or names_service(turn) or choice.best >= SURE
    return cannot_answer(turn, topic if sure else "")


def _of_something_else(turn: Turn, choice: Choice, topic: str) -> bool:
    """医保怎么报销, after a talent apartment: an aspect of some matter that no FAQ of the service at hand is near."""
    text = turn.reading.text
    if turn.reading.aspect is None or turn.reading.facts or len(matter_of(text)) < MATTER:
        return False
    hits = turn.knowledge.index.faqs(turn.scores(text), region=turn.region, topics=[topic], limit=1)
    return not hits or hits[0].score < UNDERSTOOD


#: Aspects that nothing else on a card answers: where they are not known, that is said.
UNANSWERED = ("time", "hours", "status", "contact")
#: How long one may draw it, as against how long it takes: what a card says of the amount tells that too.
_LASTING = re.compile(
    r"(领|享受|补|发|住|给|租|拿|扣)(得到|到|了)?(几|多少|多|好)(年|个月|天|久|长)|几年|有效期|期限|最长|最多"
)
#: Which aspect answers nearly the same where the asked one is not known.
_NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "where": ("how", "contact"), "how": ("where",), "contact": ("where", "how"), "time": ("amount", "rules", "how"),
    "cost": ("amount",), "amount": ("cost",), "hours": ("contact", "where"), "status": ("contact", "where"),
}


def only_the_name(turn: Turn) -> bool:
    """租房补贴 — nothing is asked of it but what it is."""
    text = turn.reading.text
    for start, end in sorted(spans_of_names(turn), reverse=True):
        text = text[:start] + text[end:]
    return bool(turn.reading.topics) and _NOTHING_MORE.fullmatch(text) is not None


#: What may stand beside a service's name without asking anything of it.
_NOTHING_MORE = re.compile(
    r"(?:[那的呢嘛啊呀哦哈吧喃咧我想问查看说，。！？ ]|政策|规定|介绍|情况|这个|那个|服务|业务|事情?|一下|请问|了解"
    r"|咨询|老年人?|市|户)*"
)


def _plain_aspect(turn: Turn) -> bool:
    """残疾补贴要什么材料: a name and an aspect, nothing more particular; the card says that best."""
    if turn.reading.aspect == "what":
        return False
    named = sum(item.end - item.start for item in turn.reading.topics)
    return named > 0 and len(turn.reading.text) - named <= PLAIN


def _nothing_but_an_aspect(turn: Turn, choice: Choice) -> bool:
    """电话多少, going on about a service."""
    return not choice.own and turn.reading.aspect != "what" and len(matter_of(turn.reading.text)) < MATTER


#: So few characters beside a service's name may say less than the name does …
FEW = 4
#: … unless an FAQ is so much nearer to both than to the name alone.
BY_THE_REST = 0.05


def _about_the_rest(turn: Turn, hits: list[FaqHit]) -> list[FaqHit]:
    """长护险骗保: an FAQ that only the name in it is near answers nothing."""
    text = turn.reading.text
    names = "".join(text[item.start:item.end] for item in turn.reading.topics)
    if not hits or not names or not 0 < len(text) - len(names) <= FEW:
        return hits
    bare = {hit.record.key: hit.score for hit in turn.knowledge.index.faqs(
        turn.scores(names), region=turn.region, topics=[hits[0].record.topic], limit=ALL_FAQS)}
    return [hit for hit in hits if hit.score >= max(SURE, bare.get(hit.record.key, 0.0) + BY_THE_REST)]


#: More than a topic has.
ALL_FAQS = 200


def _about_the_number(turn: Turn, hits: list[FaqHit]) -> list[FaqHit]:
    """A question that names 12345 is not answered with another hotline's number."""
    asked = set(_HOTLINE.findall(turn.reading.text))
    if not asked:
        return hits
    return [hit for hit in hits if not set(_HOTLINE.findall(hit.record.faq.answer)) or
            asked & set(_HOTLINE.findall(hit.record.faq.answer))]


_HOTLINE = re.compile(r"12\d{3}")


def _fitting(hits: list[FaqHit], aspect: Optional[str], has_part: bool) -> Optional[FaqHit]:
    """The FAQ that answers: one of the asked aspect if it is not far behind, else one that is nearly the question."""
    if not hits:
        return None
    same = next((hit for hit in hits if aspect is not None and hit.record.faq.aspect == aspect), None)
    if same is not None and same.score >= FAQ_SAME_ASPECT and hits[0].score - same.score <= FAQ_BEHIND:
        return same
    other = aspect is not None and hits[0].record.faq.aspect not in (None, aspect, *_NEIGHBOURS.get(aspect, ()))
    needed = (FAQ_NEARLY_THE_SAME if has_part else FAQ_OTHER_ASPECT) if other else SURE
    return hits[0] if hits[0].score >= needed else None


def _alone_speaks_of_it(turn: Turn, hits: list[FaqHit]) -> Optional[FaqHit]:
    """我想去书角借书，有啥子要求: whatever is asked of a thing that only one FAQ knows, that FAQ knows most of it."""
    alone = hits and hits[0].score >= SURE and turn.knowledge.index.alone_names(hits[0].record, turn.reading.text)
    return hits[0] if alone else None


def faq_answer(turn: Turn, hit: FaqHit) -> Message:
    """An FAQ's answer as a message."""
    record = hit.record
    sources = turn.knowledge.source_list(record.faq.sources)
    told = [turn.knowledge.conflicts[f"{record.region}/{record.topic}#{record.faq.conflict}"]] \
        if record.faq.conflict else []
    text = join(record.faq.answer, *(conflict_sentence(item, turn.knowledge) for item in told),
                validity(turn, record.faq.in_force), trust_sentence(sources, turn.knowledge, turn.today),
                _nationwide(turn, record.region))
    return message(
        "faq", text, knowledge=turn.knowledge, region=record.region, topic=record.topic,
        sources=with_claims(sources, told, turn.knowledge),
        buttons=follow_ups(turn, record.topic), record=record.key, question=record.faq.question,
        confidence=round(min(hit.score, 1.0), 3),
        conflicts=[conflict_json(item, turn.knowledge) for item in told],
    )


def card_answer(turn: Turn, record: CardRecord, part: str = "") -> Message:
    """A card as a message; ``part`` is said first where one aspect was asked."""
    card = record.card
    sources = turn.knowledge.source_list(card.sources)
    details = [] if part else [
        f"谁能办：{card.who}" if card.who else "", card.amount,
        f"要带：{listed(card.documents)}。" if card.documents else "", f"去哪办：{card.where}" if card.where else "",
    ]
    told = turn.knowledge.conflicts_of(record.region, record.topic)
    doubt = turn.say("conflict_there", items=listed(item.about.rstrip("。？") for item in told)) if told else ""
    text = join(part or card.summary, *details, *(() if part else (*card.unknown[:2], doubt)),
                validity(turn, card.in_force),
                trust_sentence(sources, turn.knowledge, turn.today), _nationwide(turn, record.region))
    return message(
        "service", text, knowledge=turn.knowledge, region=record.region, topic=record.topic,
        sources=with_claims(sources, told, turn.knowledge),
        buttons=follow_ups(turn, record.topic), record=record.key, steps=list(card.how),
        documents=list(card.documents),
        contacts=[{"name": item.name, "phone": item.phone, "hours": item.hours} for item in card.contacts],
        conflicts=[conflict_json(item, turn.knowledge) for item in told],
        cost=card.cost, name=card.name or turn.knowledge.topics[record.topic].name,
    )


def card_part(card: Card, aspect: str) -> str:
    """What the card says of one aspect; "" if nothing."""
    contacts = listed(f"{item.name} {item.phone}" for item in card.contacts)
    parts = {
        "what": card.summary, "who": card.who, "amount": card.amount, "where": card.where, "time": card.time,
        "cost": card.cost, "hours": card.hours, "rules": card.rules,
        "how": "；".join(card.how), "documents": f"要带：{listed(card.documents)}。" if card.documents else "",
        "contact": f"电话：{contacts}。" if contacts else "",
    }
    return parts.get(aspect, "")


def follow_ups(turn: Turn, topic: str) -> list[dict[str, str]]:
    """Buttons that lead on from an answer about ``topic``."""
    name = turn.knowledge.topics[topic].name
    buttons = []
    if any(rules.policy.policy.endswith(f"/{topic}") for rules in turn.knowledge.policies_for(topic, turn.region)):
        buttons.append(button("我够不够条件", f"我能申请{name}吗"))
    card = turn.knowledge.card(topic, turn.region)
    if card is not None and card.card.documents and turn.reading.aspect != "documents":
        buttons.append(button("要带什么材料", f"{name}要带什么材料"))
    if turn.knowledge.topics[topic].site_categories:
        buttons.append(button("附近哪里有", f"附近哪里有{name}"))
    return buttons


def clarify(turn: Turn, topics: tuple[str, ...], *, asking: str = "clarify", repeats: bool = True) -> Message:
    """Ask, in the words of the text ``asking``, which of a few topics is meant.

    ``repeats``: the payload repeats the question with the topic named; else it is the topic's name alone.
    """
    names = [turn.knowledge.topics[topic].name for topic in topics]
    options = [button(name, f"{name}，{turn.text}" if repeats else name) for name in names]
    text = join(turn.say(asking), *(f"{number}. {name}" for number, name in enumerate(names, 1)))
    return message("clarify", text, knowledge=turn.knowledge, region=turn.region, buttons=options, options=options)


def which_one(turn: Turn, choice: Choice) -> Message:
    """Without a sure topic: ask which of its options is meant; without any, say that it is not known."""
    return clarify(turn, choice.options) if choice.options else cannot_answer(turn)


def cannot_answer(turn: Turn, topic: str = "") -> Message:
    """In scope but not known: say so, with the phone."""
    hits = turn.knowledge.index.topics(turn.scores(turn.reading.text), region=turn.region, limit=3)
    nearest = [topic] if topic else [hit.topic for hit in hits]
    phone = turn.hotline
    if topic:
        text = turn.say("cannot_answer_topic", region=turn.region_name, topic=turn.knowledge.topics[topic].name,
                        phone=phone)
    else:
        text = turn.say("cannot_answer", phone=phone)
    return message("cannot_answer", text, knowledge=turn.knowledge, region=turn.region, topic=topic, phone=phone,
                   nearest_topics=nearest)


def aspect_unknown(turn: Turn, topic: str, aspect: str) -> Message:
    """The service is known, what was asked of it is not: say so, with the phone."""
    phone = turn.hotline
    text = turn.say("aspect_unknown", region=turn.region_name, topic=turn.knowledge.topics[topic].name,
                    aspect=turn.say(f"aspect_{aspect}"), phone=phone)
    return message("cannot_answer", text, knowledge=turn.knowledge, region=turn.region, topic=topic, phone=phone,
                   buttons=follow_ups(turn, topic), nearest_topics=[topic])


def decline(turn: Turn) -> Message:
    """One friendly sentence for what is none of the bot's business."""
    return message("out_of_scope", turn.say("out_of_scope"), knowledge=turn.knowledge, region=turn.region)


def validity(turn: Turn, force: Optional[InForce]) -> str:
    """That a rule has ended, or ends soon; "" where neither is known."""
    if force is None or force.until is None:
        return ""
    if force.until < turn.today:
        return turn.say("expired", day=chinese_day(force.until), phone=turn.hotline)
    if (force.until - turn.today).days <= SOON_DAYS:
        return turn.say("expires_soon", day=chinese_day(force.until))
    return ""


def _nationwide(turn: Turn, record_region: str) -> str:
    """Said where a region of which nothing is known is answered with national rules."""
    if turn.region != NATIONWIDE or record_region != NATIONWIDE:
        return ""
    city = turn.reading.foreign_city
    return turn.say("region_unknown", city=city) if city else turn.say("nationwide_only", phone=turn.hotline)
