"""Skill: steering the conversation — cancel, restart, repeat, summary, another region, forget me."""

from __future__ import annotations

from actions import eligibility
from actions.say import ack, button, join
from actions.told import told
from actions.turn import Turn, take_fact
from actions.understood import MOST_SHOWN, wording_of
from bot.memory import Memory
from bot.nlu.aspects import matter_of

#: Below this confidence a sentence that says so much beside the city's name asks for something there.
BELIEVED, SAYS_MORE = 0.5, 6


def cancel(turn: Turn) -> None:
    """Leave the open question and its case; what was told stays known."""
    busy = turn.memory.case is not None or turn.memory.open is not None
    turn.memory.case = turn.memory.open = None
    turn.memory.waiting = []
    _ack(turn, "cancel" if busy else "nothing_to_cancel", of="cancel")


def restart(turn: Turn) -> None:
    """Begin anew: every fact is forgotten, the region stays."""
    turn.memory = Memory(region=turn.memory.region, greeted=True)
    _ack(turn, "restart", of="restart")


def forget(turn: Turn) -> None:
    """Delete what the resident told; the channel deletes the conversation itself."""
    turn.memory = Memory(region=turn.memory.region, greeted=True)
    _ack(turn, "forgotten", of="forget")


def repeat(turn: Turn) -> None:
    """Say the last answer again."""
    if not turn.memory.last_messages:
        _ack(turn, "nothing_to_repeat", of="repeat")
        return
    turn.replies.extend(turn.memory.last_messages)


def summary(turn: Turn) -> None:
    """What was understood so far, each fact with a button to have it asked again, and which question is open."""
    facts, buttons = _told(turn)
    text = turn.say("summary", facts=facts) if facts else turn.say("summary_none")
    rules, asked = eligibility.current_rules(turn), turn.memory.open
    if rules is not None and asked is not None and asked.kind == "fact":
        question = eligibility.question(turn, rules, asked.fact)
        text = join(text, turn.say("summary_open", question=question["text"]))
        turn.replies.append(ack(turn, text, of="summary", buttons=[*question["buttons"], *buttons]))
        return
    turn.replies.append(ack(turn, text, of="summary", buttons=buttons))


def _told(turn: Turn) -> tuple[str, list[dict[str, str]]]:
    """Every remembered fact in words, person by person, and the buttons 改：年龄 that have one asked again."""
    lines, buttons = [], []
    for item in told(turn):
        lines.append(f"{item.whose}：{'，'.join(item.words.values())}")
        for slug in item.words if item.owner else ():
            payload = wording_of(turn, slug, item.owner)
            buttons.append(button(payload.replace("改一下：", "改：", 1), payload))
    return "；".join(lines), buttons[:MOST_SHOWN]


def change_region(turn: Turn) -> None:
    """Speak of another city from now on (the turn has already taken its name in)."""
    if turn.reading.region is None and turn.memory.case is not None and turn.reading.places:
        _take_district(turn)
        return
    if turn.memory.case is not None and turn.reading.region is not None and turn.region == turn.region_before:
        eligibility.ask_again(turn)
        return
    turn.memory.case = turn.memory.open = None
    if turn.reading.topics or turn.reading.aspect is not None:
        eligibility.answer_or_judge(turn)
        return
    if turn.confidence < BELIEVED and len(matter_of(turn.reading.text)) >= SAYS_MORE:
        eligibility.answer_or_judge(turn)  # 保定 雾霾 后天: a city is named, but something else is asked
        return
    city = turn.reading.foreign_city
    if not city and turn.reading.region is None:
        eligibility.inform(turn)
        return
    text = turn.say("region_unknown", city=city) if city else turn.say("region_changed", region=turn.region_name)
    turn.replies.append(ack(turn, text, of="change_region"))


def _take_district(turn: Turn) -> None:
    """高新区, in the middle of a check: where the home is rented or the hukou is, and no other region."""
    case, rules = turn.memory.case, eligibility.current_rules(turn)
    if case is not None and rules is not None:
        known = turn.known(case.person, rules.policy)
        slug = next((slug for slug in DISTRICTS if slug in rules.base_facts and slug not in known), None)
        if slug is not None and take_fact(turn, slug, turn.reading.places[0].name, case.person):
            eligibility.step(turn)
            return
    eligibility.ask_again(turn)


#: What a district may be the answer to, the likeliest first.
DISTRICTS = ("lease.district", "person.residence_district", "person.hukou_district")


def _ack(turn: Turn, key: str, *, of: str) -> None:
    turn.replies.append(ack(turn, turn.say(key), of=of))
