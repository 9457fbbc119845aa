"""Replies within WeChat's 2,048 bytes: cut at the ends of sentences, the rest on 更多, numbers only where they show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.cut import MAX_BYTES, clip, pages, size
from bot.channels.wechat.fit import MOST_CHOICES, Fitter
from bot.channels.wechat.state import Answer, Kept, Place, State
from tests.channels.wechat.conftest import say

FITTER = Fitter(say)
ANY = st.text(st.sampled_from("一二。，\n a;；！😀é"), max_size=400)


@given(ANY, st.integers(4, 90))
def test_pages_hold_everything_but_blanks(text: str, most: int) -> None:
    cut = pages(text, most)
    assert all(size(page) <= most for page in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())
    assert len(cut) == 1 or all(cut)


def test_pages_end_with_sentences() -> None:
    sentence = "这是一句十个字的话。"
    assert pages(sentence * 7, 75) == [sentence * 2, sentence * 2, sentence * 2, sentence]
    assert pages("第一行很长很长\n第二行", 30) == ["第一行很长很长", "第二行"]
    assert pages("没有标点" * 10, 31) == ["没有标点" * 2 + "没有", *pages("标点" + "没有标点" * 7, 31)]
    assert pages("", 30) == [""]


@given(ANY, st.integers(4, 90))
def test_clipping(text: str, most: int) -> None:
    clipped = clip(text, most)
    assert size(clipped) <= most
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))


def test_a_short_answer_is_one_reply_with_its_numbers() -> None:
    reply = FITTER.fit(Answer("一句话。", (("是", "是"), ("要带什么", "高龄津贴要带什么材料"))), (), State())
    assert reply.text == "一句话。\n\n回复 1：是\n回复 2：要带什么"
    documents = "高龄津贴要带什么材料"
    assert reply.state.choices == {"1": "是", "2": documents, "是": "是", "要带什么": documents}
    assert reply.state.rest == () and reply.state.serial == 1


def test_a_long_answer_goes_on_with_more() -> None:
    body = "".join(f"第{number}句话写在这里。" for number in range(200))
    answer = Answer(body, (("好", "好"),), numbered={"甲": "乙"})
    reply = FITTER.fit(answer, (), State())
    said, state = [reply.text], reply.state
    while state.rest:
        assert state.choices == {} and said[-1].endswith(say("wechat_more"))
        reply = FITTER.fit(Answer(state.rest[0], numbered=state.waiting, page_of=state.rest[1:]), (), state)
        said, state = [*said, reply.text], reply.state
    assert len(said) > 2 and all(size(text) <= MAX_BYTES for text in said)
    assert "".join(said).replace(say("wechat_more"), "").replace("\n", "").startswith(body)
    assert said[-1].endswith("回复 1：好") and state.choices["1"] == "好" and state.choices["甲"] == "乙"


@given(ANY, st.lists(st.tuples(ANY.filter(bool), st.just("p")), max_size=12),
       st.lists(st.builds(Kept, ANY, st.builds(Answer, ANY)), max_size=5))
def test_no_reply_is_too_long(body: str, choices: list[tuple[str, str]], kept: list[Kept]) -> None:
    reply = FITTER.fit(Answer(body * 9, tuple(choices)), kept, State())
    assert all(size(text) <= MAX_BYTES for text in (reply.text, *reply.state.rest))
    assert len([key for key in reply.state.choices if key.isascii() and key.isdigit()]) <= MOST_CHOICES
    assert bool(reply.text) == bool(body.strip())


def test_what_came_too_late_goes_first_without_its_numbers() -> None:
    kept = [Kept("食堂在哪", Answer("在国定路。", (("近的", "近的"),)))]
    reply = FITTER.fit(Answer("不客气。"), kept, State())
    assert reply.text == "您刚才问的“食堂在哪”，查到了：\n在国定路。\n\n不客气。"
    assert reply.took == 1 and reply.state.choices == {}
    unsaid = FITTER.fit(Answer("好。"), [Kept("", Answer("在国定路。"))], State()).text
    assert unsaid.startswith(say("wechat_late_unsaid"))
    long = FITTER.fit(Answer("好。"), [Kept("问" * 100, Answer("在国定路。"))], State()).text
    assert "问问…”" in long and size(long.partition("\n")[0]) < 130


def test_of_many_the_oldest_go_first_and_the_others_wait() -> None:
    kept = [Kept(f"问{number}", Answer(f"答{number}。")) for number in range(5)]
    reply = FITTER.fit(Answer("好。"), kept, State())
    assert reply.took == 3 and "答0。" in reply.text and "答2。" in reply.text and "答3。" not in reply.text


def test_what_will_have_no_answer_is_said_to_have_none() -> None:
    reply = FITTER.fit(Answer("好。"), [Kept("食堂在哪", None), Kept("", None)], State())
    assert reply.text == f"{say('wechat_lost', question='食堂在哪')}\n\n{say('wechat_lost_unsaid')}\n\n好。"
    assert reply.took == 2
    assert FITTER.fit_late(Kept("食堂在哪", None), State()).text == say("wechat_lost", question="食堂在哪")


def test_nothing_stands_before_an_emergency() -> None:
    assert FITTER.fit(Answer("好。"), (), State()).state == State()
    reply = FITTER.fit(Answer("马上打120！", urgent=True), [Kept("食堂", Answer("在国定路。"))], State())
    assert reply.text == "马上打120！" and not reply.took
    assert FITTER.fit(Answer(""), [Kept("食堂", Answer("在国定路。"))], State()) == type(reply)("", State())


def test_a_message_of_its_own_says_what_it_answers() -> None:
    answer = Answer("在国定路。", (("近的", "近的"),))
    reply = FITTER.fit_late(Kept("食堂在哪", answer), State(serial=4))
    assert reply.text == "您刚才问的“食堂在哪”，查到了：\n在国定路。\n\n回复 1：近的"
    assert reply.state.choices["1"] == "近的" and reply.state.serial == 5
    assert FITTER.fit_late(Kept("疼", Answer("马上打120！", urgent=True)), State()).text == "马上打120！"


def test_a_page_with_more_is_a_line_to_tap() -> None:
    reply = FITTER.fit(Answer("三处。", link=("看地图 <1>", "", "https://a.example/c/x?y=1&z=2")), (), State())
    assert reply.text == '三处。\n\n<a href="https://a.example/c/x?y=1&amp;z=2">看地图 &lt;1&gt;</a>'


@given(st.builds(State, st.lists(ANY).map(tuple), st.dictionaries(ANY, ANY), st.dictionaries(ANY, ANY), ANY,
                 st.one_of(st.none(), st.builds(Place, st.floats(70, 130), st.floats(1, 50), st.just("gcj02"),
                                                st.floats(0, 1e10))), st.integers(0, 10**9)))
def test_a_state_survives_the_store(state: State) -> None:
    assert State.load(state.dump()) == state


@given(st.builds(Answer, ANY, st.lists(st.tuples(ANY, ANY)).map(tuple), st.dictionaries(ANY, ANY), st.booleans(), ANY,
                 st.one_of(st.none(), st.lists(ANY).map(tuple)), st.booleans(),
                 st.one_of(st.none(), st.tuples(ANY, ANY, ANY))))
def test_an_answer_survives_the_store(answer: Answer) -> None:
    assert Answer.load(answer.dump()) == answer
