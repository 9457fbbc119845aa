"""Intents that forget, leave, greet or go on are believed only with a word for it; others as they are."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bot import knowledge_access
from bot.memory import Memory
from bot.nlu.context import _WORDED, read_in_context
from bot.nlu.reading import Reading, read
from bot.settings import PROJECT
from knowledge.text import normalise
from tests.parsers.support import TODAY

#: [intent, sentences with a word for it]
SAID = {
    "more": ["往下翻翻", "还有别的吗", "再来几个", "下一页", "换一批看看", "剩下的呢"],
    "greet": ["你好呀", "有人吗", "嗨", "新年好", "hello"],
    "goodbye": ["我先挂了", "再见了", "拜拜", "没别的事了", "我先走了", "晚安"],
    "start_over": ["从第一步开始", "重新来过", "从头开始", "清空再问", "推倒重来"],
    "human": ["接线员呢", "转人工", "找个真人", "叫个人来跟我讲", "我要跟你们的人说", "客服在不在"],
    "forget_me": ["把我的记录删了", "清除我说过的", "忘掉我刚才讲的", "不要记我的电话", "不要保存我的聊天",
                  "我不想让你们存我的资料", "请把我的资料销毁"],
    "cancel": ["先不问了", "算了吧", "这个不办了", "撤了吧"],
    "life_circle": ["我家附近都有啥", "走路一刻钟有哪些去处", "周边配套怎么样"],
    "find_benefits": ["我这种情况有啥优惠", "国家给点啥", "我能领哪些"],
}
#: [intent, a sentence that has none of its words and is something else]
ELSE = [
    ("more", "高龄津贴怎么办"), ("greet", "公租房怎么申请"), ("goodbye", "育儿补贴怎么申请"),
    ("start_over", "老年食堂几点开门"), ("human", "人才公寓怎么申请"), ("human", "老人体检去哪"),
    ("human", "多少人口算大家庭"),
    ("forget_me", "租房补贴发多少"),
]

def meant(intent: str, text: str, *others: str, sure: float = 0.7) -> str:
    """The intent of a sentence that the classifier takes for ``intent``, with what it thinks of next."""
    ranking: list[dict[str, Any]] = [{"name": intent, "confidence": sure},
                                     *({"name": name, "confidence": 0.1} for name in others)]
    read = read_in_context(Reading(text=normalise(text)), ranking[0], Memory(region="310110"),
                           knowledge_access.snapshot(), TODAY, ranking=ranking)
    return str(read["name"])


def test_every_worded_intent_is_one_of_the_classifiers() -> None:
    domain = yaml.safe_load((PROJECT / "bot" / "domain.yml").read_text(encoding="utf-8"))
    assert set(_WORDED) <= set(domain["intents"]) and set(SAID) == set(_WORDED)


@pytest.mark.parametrize(("intent", "text"), [(intent, text) for intent, texts in SAID.items() for text in texts])
def test_with_a_word_for_it_the_intent_is_believed(intent: str, text: str) -> None:
    assert meant(intent, text, "ask_service") == intent


@pytest.mark.parametrize(("intent", "text"), ELSE)
def test_without_one_the_next_intent_is_meant(intent: str, text: str) -> None:
    assert meant(intent, text, "ask_service", "inform") == "ask_service"
    assert meant(intent, text, sure=1.0) == "unclear"


def test_neither_another_worded_intent_nor_danger_takes_its_place() -> None:
    assert meant("greet", "公租房怎么申请", "goodbye", "emergency_fire", "ask_service") == "ask_service"


def test_other_intents_need_no_words() -> None:
    for intent in ("ask_service", "complain", "thanks", "out_of_scope"):
        assert meant(intent, "公租房怎么申请") == intent


#: [what the classifier guesses, what is said behind an answer about a service, what it means]
BEHIND = [
    ("feedback_bad", "电话呢", "ask_service"), ("affirm", "条件", "ask_service"), ("help", "要带啥子", "ask_service"),
    ("more", "那小的那个呢", "inform"), ("refuse", "大的那个呢", "inform"),
    ("find_benefits", "那我妈能不能领", "check_eligibility"), ("find_benefits", "他可不可以享受", "check_eligibility"),
]


@pytest.mark.parametrize(("guess", "text", "intent"), BEHIND)
def test_a_few_words_behind_an_answer_go_on_about_it(guess: str, text: str, intent: str) -> None:
    snapshot = knowledge_access.snapshot()
    reading = read(normalise(text), snapshot=snapshot, region="510100", today=TODAY)
    for sure, wanted in ((0.3, intent), (0.9, guess)):
        ranking = [{"name": guess, "confidence": sure}]
        meant_now = read_in_context(reading, ranking[0], Memory(region="510100", topic="elderly-allowance"), snapshot,
                                    TODAY, ranking=ranking)
        assert meant_now["name"] in ((wanted,) if guess not in _WORDED or sure < 0.5 else (wanted, intent))


@pytest.mark.parametrize("text", ["请转工作人员", "系统说不出原因，帮我转人工", "叫个真人来"])
def test_who_asks_to_be_put_through_wants_a_person(text: str) -> None:
    assert meant("ask_service", text, "complain") == "human"


@pytest.mark.parametrize("intent", _WORDED)
def test_most_of_what_an_intent_was_taught_has_its_words(intent: str) -> None:
    """What the classifier learnt and this forbids again is learnt for nothing."""
    taught = [line.strip()[2:] for path in sorted((PROJECT / "data" / "nlu").glob("**/*.yml"))
              for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"] if block["intent"] == intent
              for line in block["examples"].splitlines() if line.strip()]
    assert sum(_WORDED[intent].search(normalise(text)) is not None for text in taught) >= 0.65 * len(taught)
