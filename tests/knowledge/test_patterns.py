"""Patterns of content: what is no pattern is told in Chinese, and what a sentence could stop for good is refused."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.patterns import ambiguous_sign, fault_of


@pytest.mark.parametrize(("pattern", "said"), [
    ("(a", "左括号"), ("a)", "第2个字“)”处，多了一个右括号"), ("*a", "前面没有可以重复的字"), ("a**", "连着写了两个"),
    ("[a", "“[”没有关上"), ("a\\", "不认识的字"), (r"\q", "不认识的字"), ("[z-a]", "前后写反"), ("(?<=a+)b", "一样长"),
    ("a{3,1}", "前面的数比后面的大"), ("a{99999999999}", "数太大"), ("(?x", "没有写全"), ("(?<a)", "不认识"),
    ("(?", "写到一半"), (r"\1", "没有的括号"), ("(?P<1>a)", "名字写错"), ("(?(1)a|b|c)", "写法不对"),
])
def test_what_is_no_pattern_is_told_in_chinese(pattern: str, said: str) -> None:
    fault = fault_of(pattern)
    assert fault is not None and fault.code == "E060"
    assert said in fault.details["detail"] and pattern in fault.details["detail"]
    assert not re.search("[a-z]{4}", fault.details["detail"].replace(pattern, ""))


@pytest.mark.parametrize("pattern", [
    "(a+)+$", "((a+)+)+$", "(a|a)*b", "(a|aa)+$", "(a*)*b", "(.*a)*$", "(a?b?)*c", "(x(a?|b?)y)*z", "(?=(a+)+b)a",
    "(?!.*(a+)+b)a", "(一点都?|都)*没", "(a{0,4})*b", "(a|b|ab)*c", r"(\w+\s?)*$", "(a{1,3}){2,}b", "(a*b?)*?c",
    "([^x]|a)*y", "(?:(?:a|b)+,?)+$", "a(b|c(d|d)e)*f", "(?:(x+)|y)*z", "((?=(b+)+c)a)*",
])
def test_what_can_be_read_in_two_ways_is_refused(pattern: str) -> None:
    fault = fault_of(pattern)
    assert fault is not None and fault.code == "E061"


@pytest.mark.parametrize("pattern", [
    "", "(a|b)*", "a*b*", "(ab?)*c", "(没|没有)*x", "(a{2}b)*", ".*.*", "^(?!.*(a|b)).*c", "(a|ab)*c", r"(\d+,)*x",
    "(啥子?|什么|得)*x", "(ab){2,5}(ab)*", "((a|b)(c|d))*", "(?:a.)*b", "[^，]+(，[^，]+)*", "(a+){2}b", "(a?){3}x",
    "(一点|都|也)*(没|无)", r"(\d|a)+", r"(\d|5)+x", "(?<=a)b+", "^a+$",
])
def test_what_can_be_read_in_one_way_is_fine(pattern: str) -> None:
    assert fault_of(pattern) is None


_PATTERNS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "."]),
    lambda inner: st.one_of(st.builds("{}{}".format, inner, inner), st.builds("(?:{}|{})".format, inner, inner),
                            st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{1,2}"]))),
    max_leaves=5,
)


@given(_PATTERNS)
def test_a_pattern_that_passes_never_takes_long(pattern: str) -> None:
    if ambiguous_sign(pattern):
        return
    matcher = re.compile(f"(?:{pattern})c")
    for text in ("a" * 40, "ab" * 20, "b" * 40, "aab" * 13):
        began = time.process_time()
        matcher.match(text)
        assert time.process_time() - began < 0.5, text


def test_what_is_refused_would_really_stand_still() -> None:
    program = 'import re; re.search("活(真|一点都?|都)*没", "活" + "一点都" * 60)'
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", program], timeout=1, check=False)
    assert ambiguous_sign("活(真|一点都?|都)*没") == "都"
    assert ambiguous_sign("活(真|一点|都)*没") == ""
