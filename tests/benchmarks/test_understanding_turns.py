"""A sentence read without Rasa around it is what the bot's own choice of topics works on."""

from typing import Any

from benchmarks.understanding.bot_run import likeliest, told
from benchmarks.understanding.fit import candidates, gather
from benchmarks.understanding.turns import masked
from knowledge.topic_rank import LEARNT
from tests.support.understanding import Result

ITEM: dict[str, Any] = {"text": "公租房怎么申请？", "region": "510100", "style": "plain", "kinds": ["service"],
        "topic": "public-rental-housing"}


def test_the_likeliest_topic_and_its_chance_are_the_bots() -> None:
    topic, chance = likeliest(ITEM)
    assert topic == "public-rental-housing" and chance > 0.5


def test_every_topic_that_competes_has_its_features() -> None:
    names, table = candidates(ITEM["text"], "510100")
    assert len(names) == len(set(names)) == len(table) > 10
    assert table.shape[1] == len(LEARNT)
    named = table[names.index("public-rental-housing")][LEARNT.index("named")]
    assert named == max(table[:, LEARNT.index("named")]) > 0


def test_only_sentences_that_ask_for_one_topic_are_learnt_from() -> None:
    others = [{**ITEM, "topic": None}, {**ITEM, "kinds": ["emergency"], "topic": None}, {**ITEM, "both": True},
              {**ITEM, "topic": "no-such-topic"}]
    items, left_out = gather([ITEM, *others])
    assert (len(items), left_out, items.right.sum()) == (1, 1, 1)


def test_the_classifier_is_shown_no_service() -> None:
    assert "公租房" not in masked("公租房怎么申请")


def test_a_reply_is_told_with_what_it_mentions() -> None:
    reply = {"text": "向社区申请。", "buttons": [],
             "custom": {"kind": "service", "topic": "public-rental-housing", "nearest_topics": ["rental-subsidy"]}}
    found = told(Result(ITEM, "housing", [reply], []), "tuning", "public-rental-housing", 0.9)
    assert found.right and found.kinds == ("service",) and found.answered == ("public-rental-housing",)
    assert found.mentioned == {"public-rental-housing", "rental-subsidy"}
