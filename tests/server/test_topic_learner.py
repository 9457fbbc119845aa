"""A line between each topic and the others, learnt from the content's phrases."""

from __future__ import annotations

import numpy as np
import pytest

from bot import knowledge_access
from bot.nlu.topic_learner import learn
from tests.support.driver import Bot

SAID = {
    "rent": ["租房补贴怎么申请", "房租太贵了", "租房的钱能补吗", "房租补贴多少钱"],
    "meal": ["老年食堂在哪里", "老人吃饭打折吗", "食堂几点开饭", "吃饭的地方有没有"],
    "loan": ["创业贷款怎么办", "贷款利息多少", "开店想贷款", "贷款要抵押吗"],
}


def test_each_topic_lies_on_its_own_side() -> None:
    topics = [topic for topic, said in SAID.items() for _ in said]
    model = learn(topics, [text for said in SAID.values() for text in said])
    for text, topic in (("补点房租", "rent"), ("哪儿吃饭", "meal"), ("要贷款", "loan"), ("注房补贴", "rent")):
        assert list(model.topics)[int(model.of(text).argmax())] == topic
    assert model.has_learnt(["rent"], ["房租太贵了"]).all() and not model.has_learnt(["meal"], ["房租太贵了"]).any()


def test_two_topics_have_two_sides() -> None:
    model = learn(["rent", "rent", "meal", "meal"], ["房租", "房租钱", "吃饭", "吃饭钱"])
    found = model.of("房租")
    assert found[model.topics["rent"]] > 0 > found[model.topics["meal"]]
    assert found.sum() == pytest.approx(0, abs=1e-5)


def test_the_bots_model_has_learnt_the_content(bot: Bot) -> None:
    """Loading the bot's model hands over what it learnt; nearly every phrase of the content was there."""
    index = knowledge_access.snapshot().index
    text = "房租涨得受不了"
    sides = [item.side for item in index.topic_evidence(text, index.scores(text, "510100"), region="510100")]
    known = [side for side in sides if side is not None]
    assert len(known) > 0.9 * len(sides) and max(known) == 0 and np.isfinite(known).all()
