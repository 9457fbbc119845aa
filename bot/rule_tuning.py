"""Makes Rasa's RulePolicy and its debug lines cheaper without changing any prediction.

For each prediction RulePolicy holds every rule against every state of the conversation, though a rule says nothing of
states before its own first one; and it asks twice, once for rules on a message's very words.
"""

from __future__ import annotations

import copy
import functools
import logging
from types import ModuleType
from typing import Any, Optional

import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT, TEXT

#: What RulePolicy says for "no rule": the action, where the prediction came from, whether a form was interrupted.
_NOTHING = (None, None, False)
#: A state's last action and the intent before it.
_End = tuple[Any, Any]
_Found = tuple[Optional[str], Optional[str], bool]


def tune_rules() -> None:
    """Apply everything once."""
    if getattr(RulePolicy, "_tuned", False):
        return
    RulePolicy._tuned = True
    RulePolicy._get_possible_keys = _get_possible_keys
    RulePolicy._find_action_from_rules = _only_where_there_may_be(RulePolicy._find_action_from_rules)
    Domain.is_empty = _asked_once(Domain.is_empty)
    for module in (rasa.core.processor, rasa.core.policies.rule_policy):
        _quieten(module)


def _get_possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """As RulePolicy's, but a rule is held against no state from before its own first one (there every rule fits), and
    only the rules that end with the last state's action and intent are held against any."""
    if not states:
        return set(lookup)
    longest, by_end = _indexed(tuple(lookup))
    possible = [*by_end.get(_end(states[-1]), ()), *by_end.get(None, ())]
    for number, state in enumerate(reversed(states[-longest:])):
        possible = [key for key in possible if self._is_rule_applicable(key, number, state)]
    return set(possible)


@functools.lru_cache(maxsize=64)
def _indexed(keys: tuple[str, ...]) -> tuple[int, dict[Optional[_End], list[str]]]:
    """How many states the longest rule has, and the rules by how they end (None: whatever the intent)."""
    longest, by_end = 1, dict[Optional[_End], list[str]]()
    for key in keys:
        rule = RulePolicy._rule_key_to_state(key)
        longest = max(longest, len(rule))
        end = _end(rule[-1])
        by_end.setdefault(end if all(name and name != SHOULD_NOT_BE_SET for name in end) else None, []).append(key)
    return longest, by_end


def _end(state: State) -> _End:
    return state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME), state.get(USER, {}).get(INTENT)


def _only_where_there_may_be(original: Any) -> Any:
    """Where no rule is about a message's very words, none needs to be sought by them."""

    def find(self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
             ) -> _Found:
        if use_text_for_last_user_input and not tracker.active_loop_name \
                and not _speak_of_words(tuple(self.lookup[RULES])):
            return _NOTHING
        found: _Found = original(self, tracker, domain, use_text_for_last_user_input)
        return found

    return find


@functools.lru_cache(maxsize=64)
def _speak_of_words(keys: tuple[str, ...]) -> bool:
    return any(TEXT in state.get(USER, {}) for key in keys for state in RulePolicy._rule_key_to_state(key))


def _asked_once(original: Any) -> Any:
    """A domain does not change; Rasa makes two dictionaries of it at each message to see whether it is empty."""

    def is_empty(self: Domain) -> bool:
        known: Optional[bool] = self.__dict__.get("_known_empty")
        if known is None:
            known = self.__dict__["_known_empty"] = bool(original(self))
        return known

    return is_empty


class _Quiet:
    """A module's logger whose debug lines cost nothing while nobody reads them."""

    def __init__(self, logger: Any, name: str) -> None:
        self._logger = logger
        self._level = logging.getLogger(name)

    def debug(self, *args: Any, **kwargs: Any) -> None:
        """Logs if debug lines are wanted."""
        if self._level.isEnabledFor(logging.DEBUG):
            self._logger.debug(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name)


class _Copies:
    """The module ``copy`` for a module that deep-copies only what it logs as debug lines."""

    def __init__(self, name: str) -> None:
        self._level = logging.getLogger(name)

    def deepcopy(self, value: Any, memo: Optional[dict[int, Any]] = None) -> Any:
        """A copy if it will be logged, else the thing itself."""
        return copy.deepcopy(value, memo) if self._level.isEnabledFor(logging.DEBUG) else value

    def __getattr__(self, name: str) -> Any:
        return getattr(copy, name)


def _quieten(module: ModuleType) -> None:
    module.structlogger = _Quiet(module.structlogger, module.__name__)  # type: ignore[attr-defined]
    module.copy = _Copies(module.__name__)  # type: ignore[attr-defined]
