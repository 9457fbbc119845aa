"""What of a turn is kept, in the tracker and beside it."""

from __future__ import annotations

import json
from typing import Any

from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered

from bot.privacy.keeping import Quotes, kept_events, kept_row
from bot.privacy.spans import HIDDEN

SAID = "我叫张三，住国和路100弄3号502室，附近有食堂吗"
KEPT = f"我叫{HIDDEN}，住国和路100弄…，附近有食堂吗"
ANSWER = "张三您好，离国和路100弄3号最近的是国权路3号食堂，电话021-65551234。"


def turn(said: str, answer: str) -> list[Event]:
    read = {"intent": {"name": "find_place", "confidence": 1.0}, "reading": {
        "text": said, "places": [{"name": "国和路100弄3号", "start": 6, "end": 14}]}}
    memory = {"asked": said, "spot": {"name": "国和路100弄3号"}, "region": "310110",
              "waiting": [{"text": said}], "last_messages": [{"text": answer}],
              "shown_sites": {"center": "国和路100弄3号", "items": ["国权路3号"]}}
    return [ActionExecuted("action_listen"), UserUttered(said, parse_data=read, message_id="12345678901234"),
            ActionExecuted("action_find_sites"), SlotSet("memory", memory),
            BotUttered(answer, {"custom": {"address": "国权路3号", "phone": "021-65551234"}})]


def dumped(events: list[Event]) -> str:
    return json.dumps([event.as_dict() for event in events], ensure_ascii=False)


def test_the_tracker_keeps_neither_name_nor_room_but_everything_public() -> None:
    kept = list(kept_events(turn(SAID, ANSWER)))
    told = dumped(kept)
    for word in ("张三", "502", "100弄3号"):
        assert word not in told
    # Sites and their phones are nobody's secret, ids are no words.
    assert told.count("国权路3号") == 4 and told.count("021-65551234") == 3 and "12345678901234" in told
    assert kept[1].as_dict()["text"] == KEPT
    assert kept[1].as_dict()["parse_data"]["reading"]["text"] == KEPT
    slot: Any = kept[3]
    assert slot.value["asked"] == KEPT and slot.value["waiting"] == [{"text": KEPT}]
    assert slot.value["spot"]["name"] == "国和路100弄…" and slot.value["region"] == "310110"


def test_kinds_and_order_of_events_stay() -> None:
    events = turn(SAID, ANSWER)
    kept = list(kept_events(events))
    assert [type(event) for event in kept] == [type(event) for event in events]
    assert [event.timestamp for event in kept] == [event.timestamp for event in events]


def test_a_turn_that_says_nothing_personal_is_not_touched() -> None:
    events = turn("国和路附近有食堂吗", ANSWER)
    assert all(kept is event for kept, event in zip(kept_events(events), events, strict=True))


def test_each_turn_is_judged_by_its_own_words() -> None:
    events = [*turn(SAID, ANSWER), *turn("还有吗", "国和路100弄3号旁边还有国权路3号食堂。")]
    later = dumped(list(kept_events(events))[5:])
    assert "国和路100弄3号旁边" in later


def test_an_answer_loses_what_it_quotes_in_whatever_form() -> None:
    quotes = Quotes("我叫張三，住國和路１００弄３號５０２室")
    answer = {"text": "张三，您在国和路100弄3号502室附近", "buttons": [{"title": "國和路１００弄３號５０２室"}]}
    told = quotes.taken_out_of(answer)
    assert told == {"text": f"{HIDDEN}，您在国和路100弄…附近", "buttons": [{"title": "國和路１００弄…"}]}


def test_a_house_number_is_taken_out_only_behind_its_street() -> None:
    told = Quotes("国定路3号附近").taken_out_of("国定路3号往东；地铁3号线；沪民规〔2024〕3号")
    assert told == "国定路…往东；地铁3号线；沪民规〔2024〕3号"


def test_nothing_to_hide_gives_the_very_same_answer() -> None:
    answer = [{"text": ANSWER}]
    assert not Quotes("附近有食堂吗") and Quotes("附近有食堂吗").taken_out_of(answer) is answer


# --- rows of an earlier release, which hid nothing --------------------------------------------------------------------


def test_what_an_earlier_release_kept_is_masked_when_it_is_brought_over() -> None:
    said = f"{SAID}，电话13800138000"
    events = turn(said, "好的")
    rows: list[dict[str, Any]] = [{"text": said, "session": "s"}, {"comment": said, "helpful": 1},
                                  {"question": said, "answer": None},
                                  {"state": json.dumps({"asked": said, "rest": []}), "at": 1.0},
                                  *({"data": json.dumps(event.as_dict()), "sender_id": "s"} for event in events)]
    for row in rows:
        kept = json.dumps(kept_row(dict(row)), ensure_ascii=True).encode().decode("unicode_escape")
        for word in ("张三", "502", "13800138000"):
            assert word not in kept and json.dumps(word).strip('"') not in json.dumps(kept_row(dict(row)))
    assert kept_row({"number": 7, "at": 1.0, "body": "{}"}) == {"number": 7, "at": 1.0, "body": "{}"}
