"""Several needs in one message: in order, a check last, what waits is said and answered once nothing is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import control, rasa_actions
from actions.rasa_actions import BY_INTENT, ActionEmergency, ActionTakeAnswer, SkillAction
from actions.say import ack, message
from actions.several import ASKING, USUAL, answer_parts, go_on
from actions.turn import Turn
from bot.memory import SLOT, Case, Memory, OpenQuestion, read_memory, write_memory

Turns = Callable[..., Turn]
PLACES = "find_place"


def part(text: str, intent: str = USUAL, topic: str = "") -> dict[str, Any]:
    return {"text": text, "topic": topic, "intent": {"name": intent, "confidence": 0.9}}


def answer(turn: Turn) -> None:
    """A skill that says which question it answers, and remembers it."""
    turn.memory.topic = turn.text
    turn.replies.append(ack(turn, f"答：{turn.text}", of="greet"))


def show_places(turn: Turn) -> None:
    turn.replies.append(ack(turn, f"地点：{turn.text}", of="greet"))


def ask_back(turn: Turn) -> None:
    """A skill that asks the resident something."""
    turn.memory.case = Case(policy="310000/elderly-allowance", person="self")
    turn.memory.open = OpenQuestion(kind="fact", fact="person.age")
    turn.replies.append(message("question", f"问：{turn.text}", knowledge=turn.knowledge, region=turn.region,
                                fact="person.age", policy="310000/elderly-allowance", why=""))


def say_nothing(turn: Turn) -> None:
    """A skill without a word."""


SKILLS = {USUAL: answer, PLACES: show_places, ASKING: ask_back, "human": say_nothing}


def texts(turn: Turn) -> list[str]:
    return [reply["text"] for reply in turn.replies]


# --- in order --------------------------------------------------------------------------------------


def test_parts_are_answered_in_order(turn: Turns) -> None:
    asked = turn()
    answer_parts(asked, [part("甲"), part("乙", PLACES), part("丙")], SKILLS)
    assert texts(asked) == ["答：甲", "地点：乙", "答：丙"]
    assert asked.memory.waiting == [] and asked.memory.open is None


def test_a_part_whose_intent_has_no_skill_is_a_question_about_a_service(turn: Turns) -> None:
    asked = turn()
    answer_parts(asked, [part("甲", "thanks"), part("乙", "nonsense")], SKILLS)
    assert texts(asked) == ["答：甲", "答：乙"]
    assert USUAL in BY_INTENT and ASKING in BY_INTENT


def test_what_one_part_tells_the_next_one_knows(turn: Turns) -> None:
    seen: list[str] = []

    def look(now: Turn) -> None:
        seen.append(now.memory.topic)
        answer(now)

    asked = turn(region="510100")
    asked.memory.topic = "前"
    answer_parts(asked, [part("甲"), part("乙")], {USUAL: look})
    assert seen == ["前", "甲"] and asked.memory.topic == "乙" and asked.memory.region == "510100"


def test_each_part_is_read_by_itself(turn: Turns) -> None:
    """Its own text, intent and moment; the message's device location was taken already."""
    seen: list[tuple[str, str, Any]] = []
    asked = turn("甲，乙")
    answer_parts(asked, [part("甲"), part("乙", PLACES)],
                 {name: lambda now: seen.append((now.text, now.intent, now.now)) for name in (USUAL, PLACES)})
    assert seen == [("甲", USUAL, asked.now), ("乙", PLACES, asked.now)]


def test_a_check_goes_last(turn: Turns) -> None:
    asked = turn()
    answer_parts(asked, [part("够不够格", ASKING), part("乙"), part("丙", PLACES)], SKILLS)
    assert texts(asked) == ["答：乙", "地点：丙", "问：够不够格"]
    assert asked.memory.waiting == [] and asked.memory.open is not None
    assert "queued" not in asked.replies[-1]["custom"]


def test_replies_that_say_the_same_are_said_once(turn: Turns) -> None:
    asked = turn()
    answer_parts(asked, [part("甲"), part("乙"), part("甲")], SKILLS)
    assert texts(asked) == ["答：甲", "答：乙"]


def test_a_part_without_an_answer_leaves_the_others(turn: Turns) -> None:
    asked = turn()
    answer_parts(asked, [part("甲", "human"), part("乙")], SKILLS)
    assert texts(asked) == ["答：乙"]


# --- waiting ---------------------------------------------------------------------------------------


@pytest.fixture
def waits(turn: Turns) -> Turn:
    """A question is open, another part waits behind it."""
    asked = turn()
    answer_parts(asked, [part("甲", ASKING, "elderly-allowance"), part("乙", ASKING, "nursing-home"),
                         part("丙", ASKING)], SKILLS)
    return asked


def test_what_waits_is_said(waits: Turn) -> None:
    assert len(waits.replies) == 1
    reply = waits.replies[0]
    assert reply["text"] == f"问：甲\n{waits.say('waits', question='乙；丙')}"
    assert reply["custom"]["queued"] == ["nursing-home"]
    assert [item["text"] for item in waits.memory.waiting] == ["乙", "丙"]


def test_what_waits_outlives_the_turn(waits: Turn) -> None:
    assert read_memory(write_memory(waits.memory)).waiting == waits.memory.waiting


def test_while_a_question_is_open_nothing_goes_on(waits: Turn) -> None:
    said = texts(waits)
    go_on(waits, SKILLS)
    assert texts(waits) == said and len(waits.memory.waiting) == 2


def settled(turn: Turns, before: Turn) -> Turn:
    """The next turn, in which the verdict was said and nothing is open any more."""
    now = turn("八十三")
    now.memory = read_memory(write_memory(before.memory))
    now.memory.open = now.memory.case = None
    now.replies.append(ack(now, "结论", of="greet"))
    return now


def test_after_the_verdict_the_next_part_is_answered(turn: Turns, waits: Turn) -> None:
    now = settled(turn, waits)
    go_on(now, SKILLS)
    assert texts(now) == ["结论", f"{now.say('waited', question='乙')}\n问：乙"]
    assert [item["text"] for item in now.memory.waiting] == ["丙"]  # 乙 asks something again
    last = settled(turn, now)
    go_on(last, {**SKILLS, ASKING: answer})
    assert texts(last) == ["结论", f"{last.say('waited', question='丙')}\n答：丙"]
    assert last.memory.waiting == []


def test_all_that_waits_is_answered_if_nothing_is_asked(turn: Turns, waits: Turn) -> None:
    now = settled(turn, waits)
    go_on(now, {**SKILLS, ASKING: answer})
    assert [text.split("\n")[-1] for text in texts(now)] == ["结论", "答：乙", "答：丙"]
    assert now.memory.waiting == []


def test_what_waited_and_was_said_already_is_dropped(turn: Turns, waits: Turn) -> None:
    now = settled(turn, waits)
    now.replies.append(ack(now, "答：乙", of="greet"))
    go_on(now, {**SKILLS, ASKING: answer})
    assert [text.split("\n")[-1] for text in texts(now)] == ["结论", "答：乙", "答：丙"]


def test_nothing_waits_nothing_happens(turn: Turns) -> None:
    now = turn()
    go_on(now, SKILLS)
    assert now.replies == []


@pytest.mark.parametrize("leave", [control.cancel, control.restart, control.forget])
def test_leaving_clears_what_waits(waits: Turn, leave: Callable[[Turn], None]) -> None:
    waits.replies = []
    leave(waits)
    assert waits.memory.waiting == [] and waits.memory.open is None
    go_on(waits, SKILLS)
    assert len(waits.replies) == 1


# --- in the action ---------------------------------------------------------------------------------


def run(action: type[SkillAction], memory: Memory, **latest: Any) -> tuple[list[dict[str, Any]], Memory]:
    """What the action says, and the memory after it."""
    given = {"text": "", "intent": {"name": USUAL, "confidence": 1.0}, "entities": [], **latest}
    tracker = Tracker("t", {SLOT: write_memory(memory)}, given, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action().run(dispatcher, tracker, {}))
    return dispatcher.messages, read_memory(events[0]["value"])


@pytest.fixture
def skills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa_actions, "BY_INTENT", SKILLS)


@pytest.mark.usefixtures("skills")
def test_an_action_answers_the_parts_of_its_message() -> None:
    said, memory = run(rasa_actions.ActionAnswerService, Memory(region="310110"), text="甲？乙？",
                       parts=[part("甲"), part("乙", PLACES)])
    assert [item["text"] for item in said] == ["答：甲", "地点：乙"]
    assert [item["text"] for item in memory.last_messages] == ["答：甲", "地点：乙"]


@pytest.mark.usefixtures("skills")
def test_while_a_question_is_open_parts_are_no_new_questions() -> None:
    memory = Memory(region="310110", open=OpenQuestion(kind="fact", fact="person.age"))
    said, _ = run(rasa_actions.ActionUnclear, memory, text="甲？乙？", parts=[part("甲"), part("乙")])
    assert not {"答：甲", "答：乙"} & {item["text"] for item in said}


@pytest.mark.usefixtures("skills")
def test_the_answer_that_settles_the_check_is_followed_by_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def settle(turn: Turn) -> None:
        turn.memory.open = turn.memory.case = None
        turn.replies.append(ack(turn, "结论", of="greet"))

    monkeypatch.setattr(ActionTakeAnswer, "skill", staticmethod(settle))
    memory = Memory(region="310110", open=OpenQuestion(kind="fact", fact="person.age"), waiting=[part("乙")])
    said, after = run(ActionTakeAnswer, memory, text="八十三", intent={"name": "answer_fact", "confidence": 1.0})
    assert [item["text"].split("\n")[-1] for item in said] == ["结论", "答：乙"]
    assert after.waiting == []


@pytest.mark.usefixtures("skills")
def test_after_a_call_for_help_nothing_else_is_said() -> None:
    memory = Memory(region="310110", open=OpenQuestion(kind="fact", fact="person.age"), waiting=[part("乙")])
    said, _ = run(ActionEmergency, memory, text="我妈倒在地上叫不醒", intent={"name": "emergency", "confidence": 1.0})
    assert [item["custom"]["kind"] for item in said] == ["emergency"]


@pytest.mark.usefixtures("skills")
def test_what_waits_from_before_is_not_forgotten_over_new_parts(turn: Turns) -> None:
    now = turn()
    now.memory.waiting = [part("先")]
    answer_parts(now, [part("甲", ASKING), part("乙", ASKING)], SKILLS)
    assert {item["text"] for item in now.memory.waiting} == {"先", "乙"}
    assert len(now.memory.waiting) == 2
