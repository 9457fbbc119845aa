"""Every policy's test households as whole conversations: the engine's verdict, and no question in vain.

The shipped content's own households are played through the whole bot, each in Chinese of its own. ``-s`` prints the
figures of all.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.knowledge_access import snapshot
from knowledge.base import CONTENT, Snapshot
from tests.households.driver import HouseholdDriver, Played
from tests.support.driver import Bot

#: On average a good clerk asks no more than this for one benefit.
MOST_ON_AVERAGE = 4.0
#: The longest conversation: a rent subsidy with four ways to it, of somebody who knows hardly anything.
MOST_AT_ALL = 15


class Conversations:
    """Plays a policy's households once, however many tests look at them."""

    def __init__(self, bot: Bot, knowledge: Snapshot) -> None:
        self._driver = HouseholdDriver(bot, knowledge)
        self._knowledge = knowledge
        self._played: dict[str, list[Played]] = {}

    def of(self, policy: str) -> list[Played]:
        if policy not in self._played:
            rules = self._knowledge.policies[policy]
            self._played[policy] = [self._driver.play(rules, household, number)
                                    for number, household in enumerate(self._knowledge.households[policy])]
        return self._played[policy]


@pytest.fixture(scope="module")
def conversations(bot: Bot) -> Iterator[Conversations]:
    yield Conversations(bot, snapshot())


#: Every policy with test households, by its file.
POLICIES = sorted(f"{path.parent.parent.name}/{path.name.removesuffix('.households.yml')}"
                  for path in CONTENT.glob("*/policies/*.households.yml"))


@pytest.mark.parametrize("policy", POLICIES)
def test_households_of(conversations: Conversations, policy: str) -> None:
    failures = [line for played in conversations.of(policy) if played.problems
                for line in (f"— {played.household}", *played.problems, *played.log)]
    assert not failures, "\n" + "\n".join(failures)


def test_few_questions_over_all(conversations: Conversations) -> None:
    everything = [played for policy in POLICIES for played in conversations.of(policy)]
    counts = [len(played.asked) for played in everything]
    mean = sum(counts) / len(counts)
    print(f"\n{len(counts)} conversations, {sum(counts)} questions, mean {mean:.2f}, most {max(counts)}, "
          f"needless {sum(len(played.needless) for played in everything)}, "
          f"repeated {sum(len(played.repeated) for played in everything)}, "
          f"wrong {sum(bool(played.wrong) for played in everything)}, "
          f"{sum(played.seconds for played in everything):.0f} s")
    assert len(counts) >= 900
    assert mean <= MOST_ON_AVERAGE
    assert max(counts) <= MOST_AT_ALL
