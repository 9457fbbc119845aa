"""Arithmetic over facts: ``household.income_month / household.size``, with ranges carried through.

Only numbers, facts, ``+ - * /``, ``min()``, ``max()`` and parentheses; anything else is refused when
the rule is compiled, so no content can run code.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Optional

from knowledge.eligibility.values import Range, Value

#: Lowest and highest value an expression may have; None: not known at all.
Bounds = Optional[tuple[float, float]]
_Node = Callable[[Mapping[str, Value]], Bounds]


class ArithmeticSyntaxError(ValueError):
    """The text is not an expression of the small language."""


@dataclass(frozen=True)
class Expression:
    """A compiled expression; ``facts`` are the slugs it reads."""

    text: str
    facts: tuple[str, ...]
    bounds: _Node

    def value(self, facts: Mapping[str, Value]) -> Optional[Value]:
        """The number, a Range of numbers, or None while a fact is unknown."""
        found = self.bounds(facts)
        if found is None:
            return None
        low, high = found
        return low if low == high else Range(low, high)


def fact_bounds(value: Value) -> Bounds:
    """Bounds of one fact's value; None for what is not a number."""
    if isinstance(value, Range):
        low = -math.inf if value.low is None else value.low
        high = math.inf if value.high is None else value.high
        if isinstance(low, (int, float)) and isinstance(high, (int, float)):
            return float(low), float(high)
        return None
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float)):
        return None
    return float(value), float(value)


def compile_expression(text: str) -> Expression:
    """Compile ``text``; raises ArithmeticSyntaxError naming what is not allowed."""
    try:
        tree = ast.parse(text, mode="eval")
        facts: list[str] = []
        node = _compile(tree.body, facts, text)
    except ArithmeticSyntaxError:
        raise
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        # ValueError: a NUL or an endless number; RecursionError and MemoryError: parentheses without end.
        raise ArithmeticSyntaxError(f"算式写错了：{text[:80]}") from error
    return Expression(text=text, facts=tuple(dict.fromkeys(facts)), bounds=node)


def _compile(node: ast.expr, facts: list[str], text: str) -> _Node:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        number = float(node.value)
        if not math.isfinite(number):
            raise ArithmeticSyntaxError(f"算式里的数太大：{text}")
        return lambda _facts: (number, number)
    if isinstance(node, ast.Attribute):
        slug = _dotted(node, text)
        facts.append(slug)
        return lambda known: fact_bounds(known[slug]) if slug in known else None
    if isinstance(node, ast.BinOp):
        return _binary(node, facts, text)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _compile(node.operand, facts, text)
        return lambda known: _negated(inner(known))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        if node.keywords or not node.args:
            raise ArithmeticSyntaxError(f"{node.func.id}() 里要写一个以上的数：{text}")
        pick = min if node.func.id == "min" else max
        parts = [_compile(argument, facts, text) for argument in node.args]
        return lambda known: _picked(pick, [part(known) for part in parts])
    raise ArithmeticSyntaxError(f"算式里只能用数字、事实名、+ - * /、min()、max() 和括号：{text}")


def _dotted(node: ast.Attribute, text: str) -> str:
    names: list[str] = []
    current: ast.expr = node
    while isinstance(current, ast.Attribute):
        names.append(current.attr)
        current = current.value
    if not isinstance(current, ast.Name):
        raise ArithmeticSyntaxError(f"看不懂的事实名：{text}")
    return ".".join([current.id, *reversed(names)])


def _negated(bounds: Bounds) -> Bounds:
    return None if bounds is None else (-bounds[1], -bounds[0])


def _picked(pick: Callable[[list[float]], float], parts: list[Bounds]) -> Bounds:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return pick([low for low, _ in known]), pick([high for _, high in known])


def _binary(node: ast.BinOp, facts: list[str], text: str) -> _Node:
    operation = {ast.Add: _add, ast.Sub: _subtract, ast.Mult: _multiply, ast.Div: _divide}.get(type(node.op))
    if operation is None:
        raise ArithmeticSyntaxError(f"算式里只能用 + - * /：{text}")
    left = _compile(node.left, facts, text)
    before = len(facts)
    right = _compile(node.right, facts, text)
    if operation is _divide and len(facts) == before and _has_zero(right({})):
        raise ArithmeticSyntaxError(f"不能除以 0：{text}")

    def apply(known: Mapping[str, Value]) -> Bounds:
        first, second = left(known), right(known)
        return None if first is None or second is None else operation(first, second)

    return apply


def _add(first: tuple[float, float], second: tuple[float, float]) -> Bounds:
    return first[0] + second[0], first[1] + second[1]


def _subtract(first: tuple[float, float], second: tuple[float, float]) -> Bounds:
    return first[0] - second[1], first[1] - second[0]


def _multiply(first: tuple[float, float], second: tuple[float, float]) -> Bounds:
    products = [a * b for a in first for b in second]
    if any(math.isnan(product) for product in products):
        return None
    return min(products), max(products)


def _has_zero(bounds: Bounds) -> bool:
    """Whether a divisor cannot be one: it is, or may be, 0, or it cannot be reckoned itself."""
    return bounds is None or bounds[0] <= 0 <= bounds[1]


def _divide(first: tuple[float, float], second: tuple[float, float]) -> Bounds:
    if _has_zero(second):
        return None
    quotients = [a / b for a in first for b in second]
    if any(math.isnan(quotient) for quotient in quotients):
        return None
    return min(quotients), max(quotients)
