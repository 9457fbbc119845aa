"""Rules as trees with three-valued truth (Kleene): True, False, or None for "not known yet".

``compile_rule`` turns the YAML form into a tree; what the form may be is in ``docs/content-guide.md``.
A tree never changes and holds no facts, so it can be evaluated by many conversations at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from knowledge.eligibility.arithmetic import ArithmeticSyntaxError, Expression, compile_expression
from knowledge.eligibility.values import OneOf, Range, Value, read_day

#: A longer list of conditions to count is no list that anybody could check by hand.
MOST_COUNTED = 12
COUNT_EXAMPLE = "count: {of: [条件一, 条件二, 条件三], at_least: 2}"
#: The least that may be written for each, and by how much the most stays below the number of conditions: what always
#: holds ("at least 0", "at most all") is a slip.
_COUNTS: dict[str, tuple[int, int]] = {"at_least": (1, 0), "at_most": (0, 1), "exactly": (0, 0)}

Truth = Optional[bool]
Scalar = Union[bool, int, float, str, dt.date]
Facts = Mapping[str, Value]


class RuleError(ValueError):
    """A rule that cannot be compiled; ``path`` leads to the wrong part (keys and indexes)."""

    def __init__(self, message: str, path: tuple[Union[str, int], ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


@dataclass(frozen=True)
class Comparison:
    """``fact op operand`` or ``expression op operand``."""

    subject: str
    operator: str
    operand: Any
    expression: Optional[Expression] = None
    facts: tuple[str, ...] = field(default=())

    def truth(self, known: Facts) -> Truth:
        if self.expression is not None:
            value = self.expression.value(known)
            return None if value is None else _OPERATORS[self.operator](value, self.operand)
        if self.subject not in known:
            return None
        return _OPERATORS[self.operator](known[self.subject], self.operand)


@dataclass(frozen=True)
class All:
    children: tuple[Rule, ...]
    facts: tuple[str, ...]

    def truth(self, known: Facts) -> Truth:
        result: Truth = True
        for child in self.children:
            found = child.truth(known)
            if found is False:
                return False
            if found is None:
                result = None
        return result


@dataclass(frozen=True)
class AnyOf:
    children: tuple[Rule, ...]
    facts: tuple[str, ...]

    def truth(self, known: Facts) -> Truth:
        result: Truth = False
        for child in self.children:
            found = child.truth(known)
            if found is True:
                return True
            if found is None:
                result = None
        return result


@dataclass(frozen=True)
class Tally:
    """How many members of a ``Count`` hold, fail, or are still open."""

    holding: int
    failing: int
    open: int


def tally(truths: Sequence[Truth]) -> Tally:
    """Count the truths of the members of a ``Count``."""
    return Tally(truths.count(True), truths.count(False), truths.count(None))


@dataclass(frozen=True)
class Count:
    """So many of ``children`` hold: at least ``least`` and at most ``most`` (both included, 0 to their number)."""

    children: tuple[Rule, ...]
    least: int
    most: int
    facts: tuple[str, ...]

    def tally(self, known: Facts) -> Tally:
        return tally([child.truth(known) for child in self.children])

    def truth(self, known: Facts) -> Truth:
        return self.judge(self.tally(known))

    def judge(self, counted: Tally) -> Truth:
        """The truth where so many of the members hold and so many are open."""
        possible = counted.holding + counted.open
        if possible < self.least or counted.holding > self.most:
            return False
        return True if counted.holding >= self.least and possible <= self.most else None


@dataclass(frozen=True)
class Not:
    child: Rule
    facts: tuple[str, ...]

    def truth(self, known: Facts) -> Truth:
        found = self.child.truth(known)
        return None if found is None else not found


@dataclass(frozen=True)
class Constant:
    value: bool
    facts: tuple[str, ...] = ()

    def truth(self, known: Facts) -> Truth:
        return self.value


Rule = Union[Comparison, All, AnyOf, Count, Not, Constant]


def comparisons(rule: Rule) -> list[Comparison]:
    """Every comparison in ``rule``, in reading order."""
    if isinstance(rule, Comparison):
        return [rule]
    if isinstance(rule, Not):
        return comparisons(rule.child)
    if isinstance(rule, (All, AnyOf, Count)):
        return [leaf for child in rule.children for leaf in comparisons(child)]
    return []


def all_of(children: Sequence[Rule]) -> Rule:
    """The conjunction of rules (True for none)."""
    if len(children) == 1:
        return children[0]
    return All(tuple(children), _union(children)) if children else Constant(True)


def any_of(children: Sequence[Rule]) -> Rule:
    """The disjunction of rules (False for none)."""
    if len(children) == 1:
        return children[0]
    return AnyOf(tuple(children), _union(children)) if children else Constant(False)


def count_of(children: Sequence[Rule], least: int, most: int) -> Rule:
    """The rule that ``least`` to ``most`` of ``children`` hold, as "all", "any" or a constant where it is one."""
    size = len(children)
    least, most = max(least, 0), min(most, size)
    if least > most or (least == 0 and most == size):
        return Constant(least <= most)
    if most == size and least in (1, size):
        return any_of(children) if least == 1 else all_of(children)
    if least == 0 and most in (0, size - 1):
        child = any_of(children) if most == 0 else all_of(children)
        return Not(child, child.facts)
    return Count(tuple(children), least, most, _union(children))


def compile_rule(form: Any, path: tuple[Union[str, int], ...] = ()) -> Rule:
    """Compile the YAML form of a rule; raises RuleError with the path of what is wrong."""
    if not isinstance(form, dict) or not form:
        raise RuleError("条件要写成“键: 值”的形式，例如 {fact: person.age, at_least: 60}", path)
    if "all" in form or "any" in form:
        return _compile_group(form, path)
    if "count" in form:
        return _compile_count(form, path)
    if "not" in form:
        _only(form, {"not"}, path)
        child = compile_rule(form["not"], (*path, "not"))
        return Not(child, child.facts)
    if "always" in form:
        _only(form, {"always"}, path)
        if not isinstance(form["always"], bool):
            raise RuleError("always 后面写 true 或 false", (*path, "always"))
        return Constant(form["always"])
    if "fact" in form or "expr" in form:
        return _compile_comparison(form, path)
    raise RuleError("条件里要有 fact、expr、all、any、count、not 或 always 之一", path)


def _compile_group(form: dict[str, Any], path: tuple[Union[str, int], ...]) -> Rule:
    key = "all" if "all" in form else "any"
    _only(form, {key}, path)
    members = form[key]
    if not isinstance(members, list) or not members:
        raise RuleError(f"{key} 下面要列出一条以上的条件", (*path, key))
    children = [compile_rule(member, (*path, key, index)) for index, member in enumerate(members)]
    return all_of(children) if key == "all" else any_of(children)


def _compile_count(form: dict[str, Any], path: tuple[Union[str, int], ...]) -> Rule:
    _only(form, {"count"}, path)
    path = (*path, "count")
    counted = form["count"]
    if not isinstance(counted, dict):
        raise RuleError(f"count 下面要写 of 和几条，例如 {COUNT_EXAMPLE}", path)
    unknown = [str(key) for key in counted if key not in ("of", *_COUNTS)]
    if unknown:
        raise RuleError(f"count 里没有“{'、'.join(unknown)}”这一项，只能写 of 和 {'、'.join(_COUNTS)}", path)
    members = counted.get("of")
    if not isinstance(members, list) or not 2 <= len(members) <= MOST_COUNTED:
        raise RuleError(f"count 的 of 下面要列出 2 到 {MOST_COUNTED} 条条件，例如 {COUNT_EXAMPLE}",
                        (*path, "of") if "of" in counted else path)
    twice = next((index for index, member in enumerate(members) if member in members[:index]), None)
    if twice is not None:
        raise RuleError(f"of 下面第 {members.index(members[twice]) + 1} 条和第 {twice + 1} 条一样，会数两遍",
                        (*path, "of", twice))
    least, most = _bounds(counted, len(members), path)
    return count_of([compile_rule(member, (*path, "of", index)) for index, member in enumerate(members)], least, most)


def _bounds(counted: dict[str, Any], size: int, path: tuple[Union[str, int], ...]) -> tuple[int, int]:
    """How many of ``size`` members must hold, and how many may."""
    named = [key for key in _COUNTS if key in counted]
    if not named or ("exactly" in named and len(named) > 1):
        raise RuleError(f"count 里要写至少几条（at_least）、至多几条（at_most）或正好几条（exactly），"
                        f"exactly 不和另外两个一起写，例如 {COUNT_EXAMPLE}", path)
    for key in named:
        number, (lowest, below) = counted[key], _COUNTS[key]
        if isinstance(number, bool) or not isinstance(number, int) or not lowest <= number <= size - below:
            raise RuleError(f"{key} 要写 {lowest} 到 {size - below} 之间的整数（of 下面有 {size} 条）", (*path, key))
    if "exactly" in counted:
        return counted["exactly"], counted["exactly"]
    least, most = counted.get("at_least", 0), counted.get("at_most", size)
    if least > most:
        raise RuleError(f"at_least 写的是 {least}，比 at_most 的 {most} 还大，谁也达不到", (*path, "at_least"))
    return least, most


def _compile_comparison(form: dict[str, Any], path: tuple[Union[str, int], ...]) -> Rule:
    subject_key = "fact" if "fact" in form else "expr"
    operators = [key for key in form if key != subject_key]
    if len(operators) != 1 or operators[0] not in _OPERATORS:
        known = "、".join(_OPERATORS)
        raise RuleError(f"{subject_key} 后面要跟一个比较：{known}", path)
    operator = operators[0]
    operand = _operand(operator, form[operator], (*path, operator))
    subject = form[subject_key]
    if not isinstance(subject, str):
        raise RuleError("事实名要是文字", (*path, subject_key))
    if subject_key == "fact":
        return Comparison(subject, operator, operand, None, (subject,))
    try:
        expression = compile_expression(subject)
    except ArithmeticSyntaxError as error:
        raise RuleError(str(error), (*path, "expr")) from error
    return Comparison(subject, operator, operand, expression, expression.facts)


def _operand(operator: str, raw: Any, path: tuple[Union[str, int], ...]) -> Any:
    if operator in ("in", "not_in"):
        if not isinstance(raw, list) or not raw:
            raise RuleError(f"{operator} 后面要列出一个以上的值，例如 [a, b]", path)
        if any(isinstance(item, (dict, list)) or item is None for item in raw):
            raise RuleError(f"{operator} 后面的每一项都要是一个值", path)
        return frozenset(raw)
    if operator in ("before", "after", "on_or_before", "on_or_after"):
        day = read_day(raw)
        if day is None:
            raise RuleError("日期要写成 2025-01-01 的样子", path)
        return day
    if operator == "is":
        if isinstance(raw, (dict, list)) or raw is None:
            raise RuleError("is 后面写一个值", path)
        return raw
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise RuleError(f"{operator} 后面要写一个数", path)
    return raw


def _only(form: dict[str, Any], allowed: set[str], path: tuple[Union[str, int], ...]) -> None:
    extra = [key for key in form if key not in allowed]
    if extra:
        raise RuleError(f"{'、'.join(map(str, extra))} 不能和 {'、'.join(allowed)} 写在一起", path)


def _union(children: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact for child in children for fact in child.facts))


# --- comparisons ---------------------------------------------------------------------------------


def _is(value: Value, operand: Scalar) -> Truth:
    if isinstance(value, OneOf):
        return _in(value, frozenset({operand}))
    if isinstance(value, Range):
        if value.low is not None and value.low == value.high:
            return bool(value.low == operand)
        return False if _outside(value, operand) else None
    return bool(value == operand)


def _in(value: Value, operands: frozenset[Any]) -> Truth:
    if isinstance(value, OneOf):
        if value.values <= operands:
            return True
        return None if value.values & operands else False
    if isinstance(value, Range):
        truths = [_is(value, operand) for operand in operands]
        return True if True in truths else (None if None in truths else False)
    return value in operands


def _outside(value: Range, operand: Any) -> bool:
    try:
        return bool(
            (value.low is not None and operand < value.low) or (value.high is not None and operand > value.high)
        )
    except TypeError:
        return False


def _at_least(value: Value, bound: Any) -> Truth:
    if isinstance(value, Range):
        if value.low is not None and value.low >= bound:
            return True
        return False if value.high is not None and value.high < bound else None
    return bool(value >= bound)


def _more_than(value: Value, bound: Any) -> Truth:
    if isinstance(value, Range):
        if value.low is not None and value.low > bound:
            return True
        return False if value.high is not None and value.high <= bound else None
    return bool(value > bound)


def _negate(truth: Truth) -> Truth:
    return None if truth is None else not truth


_OPERATORS: dict[str, Callable[[Value, Any], Truth]] = {
    "is": _is,
    "in": _in,
    "not_in": lambda value, operands: _negate(_in(value, operands)),
    "at_least": _at_least,
    "more_than": _more_than,
    "at_most": lambda value, bound: _negate(_more_than(value, bound)),
    "less_than": lambda value, bound: _negate(_at_least(value, bound)),
    "on_or_after": _at_least,
    "after": _more_than,
    "on_or_before": lambda value, bound: _negate(_more_than(value, bound)),
    "before": lambda value, bound: _negate(_at_least(value, bound)),
}
