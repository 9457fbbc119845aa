"""Messages of the contract as WeChat's texts: what is said, what a number means, and when it means nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.draw import Drawer, Message
from bot.channels.wechat.fit import Fitter
from bot.channels.wechat.state import Answer, State
from tests.channels.messages import ALL_KINDS, SECONDARY, SITE, SOURCE, message
from tests.channels.wechat.conftest import say

DRAWER = Drawer(say)
FITTER = Fitter(say)


def draw(*messages: Message) -> Answer:
    return DRAWER.draw(messages, "附近的食堂")


def choices(*messages: Message) -> dict[str, str]:
    return FITTER.fit(draw(*messages), (), State()).state.choices


def question(text: str, *titles: str, fact: str = "household.owns_home_in_city") -> Message:
    made = message("question")
    options = [{"title": title, "payload": title} for title in titles]
    made["text"], made["buttons"] = text, options
    made["custom"] |= {"options": options, "fact": fact}
    return made


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_says_its_text(kind: str) -> None:
    answer = draw(message(kind))
    assert message(kind)["text"] in answer.body
    assert answer.urgent == (kind == "emergency")


def test_places_are_named_with_distance_and_phone() -> None:
    body = draw(message("sites")).body
    assert "1. 五角场街道社区长者食堂，约420米，现在开着，国定路某弄12号一楼，021-65550007" in body
    assert "2. 殷行街道助餐点，国定路某弄12号一楼" in body  # neither distance, hours nor phone are known
    assert "3. 长海路街道长者食堂，约1.8公里，现在没开" in body


def test_a_list_that_the_text_gives_is_not_given_twice() -> None:
    listed = message("sites")
    listed["text"] = "\n".join(["最近的是：", *(f"{number}. {item['name']}" for number, item in
                                            enumerate(listed["custom"]["items"], 1))])
    assert draw(listed).body.count(str(SITE["name"])) == 1
    one = {**message("sites")}
    one["custom"] = {**one["custom"], "items": [SITE]}
    one["text"] = f"{SITE['name']}在国定路。"
    assert draw(one).body.count(str(SITE["name"])) == 1 and str(SITE["phone"]) in draw(one).body


def test_a_number_behind_a_list_of_places_is_the_place() -> None:
    assert choices(message("sites")) == {"1": "第1家", "2": "第2家", "3": "第3家", "更远的也看看": "更远的也看看"}
    assert "也可以回复“更远的也看看”。" in draw(message("sites")).body


def test_a_later_page_of_places_keeps_its_numbers() -> None:
    more = message("sites")
    more["text"] = "再往后是这几处。\n6. 五角场街道社区长者食堂\n7. 殷行街道助餐点\n8. 长海路街道长者食堂"
    assert choices(more)["7"] == "第7家" and "1" not in choices(more)


def test_a_verdict_says_reasons_steps_and_receipt() -> None:
    body = draw(message("verdict")).body
    assert "没达到或者还不清楚的：毕业不超过两年；没有领过其他住房补贴。" in body and "硕士学历" not in body
    assert "怎么办：登录“我的南京”App；填写申请，上传劳动合同；等社区审核。" in body
    assert "NJ-7K2M-0421" in body
    order = [body.index(word) for word in ("可以领", "没达到", "怎么办", "NJ-7K2M", "来源")]
    assert order == sorted(order)


def test_what_the_text_says_is_not_said_again() -> None:
    verdict = message("verdict")
    verdict["text"] += "要带：身份证、劳动合同。回执码：NJ-7K2M-0421，窗口可以按它重算。"
    verdict["custom"]["next_steps"] = ["带齐：身份证、劳动合同"]
    body = draw(verdict).body
    assert body.count("劳动合同") == 1 and body.count("NJ-7K2M-0421") == 1


def test_a_service_says_steps_documents_and_phone() -> None:
    body = draw(message("service")).body
    assert "怎么办：带身份证到食堂登记；领助餐卡；刷卡用餐。" in body and "要带：身份证、敬老卡（有的话）。" in body
    assert "五角场街道办 021-65551234" in body


def test_an_emergency_begins_with_the_number_and_offers_nothing() -> None:
    assert draw(message("emergency")).body.startswith("请马上拨打120")
    late = message("emergency")
    late["text"] = "让病人侧躺。请拨打120。"
    assert draw(late).body.startswith("马上打120！\n")
    late["buttons"] = [{"title": "好", "payload": "好"}]
    assert choices(late, message("faq")) == {}


def test_sources_stand_at_the_end_with_their_trust() -> None:
    body = draw(message("faq")).body
    assert body.endswith("来源：杨浦区民政局《关于社区助餐服务的通知》2024-03-11；"
                         "地方媒体整理《社区食堂名录》2023（转述）")
    many = message("faq")
    many["custom"]["sources"] = [SOURCE, SECONDARY, {**SOURCE, "title": "又一份"}, SOURCE]
    assert draw(many).body.endswith("（转述）等")
    for trust in ("plan", "sample"):
        many["custom"]["sources"] = [{**SOURCE, "trust": trust}]
        assert say(f"wechat_trust_{trust}") in draw(many).body
    assert "来源" not in draw(message("question")).body


def test_buttons_become_numbers() -> None:
    faq = message("faq")
    faq["buttons"] = [{"title": "要带什么材料", "payload": "老年助餐要带什么材料"},
                      {"title": "附近哪里有", "payload": "附近"}]
    reply = FITTER.fit(draw(faq), (), State())
    assert reply.text.endswith("回复 1：要带什么材料\n回复 2：附近哪里有")
    assert reply.state.choices["1"] == reply.state.choices["要带什么材料"] == "老年助餐要带什么材料"


def test_buttons_beside_a_numbered_text_are_words() -> None:
    plan = message("faq")
    plan["text"] = "要办两件事。\n1. 登记\n2. 领卡"
    plan["buttons"] = [{"title": "要带什么材料", "payload": "老年助餐要带什么材料"}]
    assert "也可以回复“要带什么材料”。" in draw(plan).body
    assert choices(plan) == {"要带什么材料": "老年助餐要带什么材料"}


def test_asking_back_that_lists_its_options_takes_their_numbers() -> None:
    clarify = message("clarify")
    clarify["text"] = "您问的是下面哪一样？\n1. 租房补贴\n2. 育儿补贴"
    assert FITTER.fit(draw(clarify), (), State()).text == clarify["text"]
    assert choices(clarify) == {"1": "租房补贴", "2": "育儿补贴", "租房补贴": "租房补贴", "育儿补贴": "育儿补贴"}


def test_yes_and_no_are_numbered() -> None:
    assert choices(message("question")) == {"1": "是", "2": "不是", "3": "不清楚", "是": "是", "不是": "不是",
                                            "不清楚": "不清楚"}
    assert "1" in choices(question("您现在住的是什么房子？", "公租房", "自己的房子", "不清楚"))


@pytest.mark.parametrize(("text", "titles"), [
    ("您母亲多大年纪？", ["不清楚"]),
    ("您住在哪？", []),
    ("您家几口人？", ["不清楚"]),
    ("您的残疾证是哪一级？", ["一级", "二级", "三级", "四级", "不清楚"]),
    ("您的收入在哪一档？", ["2000元以下", "2000元以上", "不清楚"]),
    ("您家有两个孩子吗？", ["是", "不是", "不清楚"]),
    ("第几个孩子？", ["老大", "老小", "不清楚"]),
    ("您一个月挣多少？", ["不多", "很多", "不清楚"]),
])
def test_where_a_number_may_be_the_answer_nothing_is_numbered(text: str, titles: list[str]) -> None:
    asked = question(text, *titles)
    assert not [key for key in choices(asked) if key.isdigit()]
    for title in titles:
        assert f"“{title}”" in draw(asked).body


def test_behind_an_answer_the_open_question_counts() -> None:
    faq = message("faq")
    faq["buttons"] = [{"title": "要带什么材料", "payload": "老年助餐要带什么材料"}]
    assert "要带什么材料" not in choices(faq, message("question"))


def test_a_question_for_a_place_waits_for_it() -> None:
    assert draw(question("您在哪一片？", fact="location")).asked == "附近的食堂"
    assert draw(message("question")).asked == ""


@given(st.lists(st.sampled_from(ALL_KINDS), min_size=1, max_size=5))
def test_any_turn_is_drawn(kinds: list[str]) -> None:
    messages = [message(kind) for kind in kinds]
    answer = DRAWER.draw(messages, "问")
    assert all(item["text"] in answer.body for item in messages)
    if "emergency" in kinds:
        assert answer.urgent and not answer.choices and not answer.numbered
