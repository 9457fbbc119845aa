"""The second opinion on danger: what it learns from, and how both opinions are weighed. No Rasa, seconds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.danger import OF_ITS_OWN, OURS, label_of, log_odds, together
from bot.nlu.danger_model import DangerModel

CHANCES = st.floats(0.0, 1.0)


@pytest.mark.parametrize(("intent", "label"), [
    ("emergency_suicide", "emergency_suicide"), ("out_of_scope", "out_of_scope"), ("state_need", OURS),
    ("complain", OURS), ("greet", OF_ITS_OWN), ("human", OF_ITS_OWN)])
def test_every_intent_is_something_to_it(intent: str, label: str) -> None:
    assert label_of(intent) == label


@settings(max_examples=300, deadline=None)
@given(CHANCES, CHANCES, CHANCES, CHANCES, st.floats(0.0, 0.5))
def test_more_fear_is_never_less_danger(heard: float, second: float, nearest: float, chance: float,
                                        more: float) -> None:
    weighed = together(heard, second, nearest=nearest, chance=chance)
    assert 0.0 <= weighed <= 1.0
    assert together(min(1.0, heard + more), second, nearest=nearest, chance=chance) >= weighed
    assert together(heard, min(1.0, second + more), nearest=nearest, chance=chance) >= weighed
    assert together(heard, second, nearest=min(1.0, nearest + more), chance=chance) <= weighed
    assert together(heard, second, nearest=nearest, chance=min(1.0, chance + more)) <= weighed


def test_the_logit_is_finite_at_both_ends() -> None:
    assert log_odds(0.0) == pytest.approx(-log_odds(1.0))
    assert abs(log_odds(0.0)) < 10


def test_needs_keep_sad_words_from_being_danger() -> None:
    danger = ["爸爸倒下去叫不醒", "他吞了一瓶药", "妈妈不想活了", "屋里着火了"] * 3
    needs = ["爸爸走了以后补贴去哪停", "妈妈瘫了谁来护理", "着火保险在哪问", "老人走了丧葬费"] * 3
    without, beside = DangerModel(), DangerModel()
    chat = ["你好", "谢谢", "再见"]
    labels = ["emergency_medical"] * len(danger) + [OF_ITS_OWN] * len(chat)
    without.fit([*danger, *chat], np.zeros((len(labels), 0), dtype=np.float32), labels)
    both = [*danger, *chat, *needs]
    beside.fit(both, np.zeros((len(both), 0), dtype=np.float32), [*labels, *[OURS] * len(needs)])
    nothing = np.zeros((2, 0), dtype=np.float32)
    asked = ["妈妈走了，补贴去哪停", "爸爸叫不醒"]
    calm, real = beside.chances(asked, nothing)
    assert calm < 0.5 < real
    assert calm < without.chances(asked, nothing)[0]
