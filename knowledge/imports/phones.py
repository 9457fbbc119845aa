"""Phone numbers as lists have them: floats, lost zeros, brackets, several in a cell."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from knowledge.check_contacts import PHONE
from knowledge.imports.cells import CellError

_SEPARATOR = re.compile(r"[、,;/|\n。]+|或者?|以及|和|及")
_DASH = re.compile(r"[–—―−‐‑‒﹣－~]+|--+")
_LABEL = re.compile(r"(?:(?:联系|咨询|服务|值班|固定|办公|预约|订餐)?(?:电话|座机|手机|热线|固话)(?:号码?)?|tel\.?):?",
                    re.IGNORECASE)
_EXTENSION = re.compile(r"(?:转|分机号?|ext\.?|x):?(\d{1,5})\Z", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?e\+?(\d{1,2})\Z", re.IGNORECASE)
_FLOAT = re.compile(r"(\d+)\.0+\Z")
_MOBILE = re.compile(r"1[3-9]\d{9}\Z")
_SERVICE = re.compile(r"[48]00\d{7}\Z")
_SHORT = re.compile(r"1[12]\d\Z|12[1-9]\d{2}\Z|9[56]\d{3,4}\Z")
#: Area codes are 010, 02x with 8 digits after them, and 03xx … 09xx with 7 or 8.
_THREE, _FOUR = re.compile(r"(0(?:10|2\d))(.+)\Z"), re.compile(r"(0[3-9]\d{2})(.+)\Z")
_WRITE = "写成 028-87911012、12345 或手机号，几个号码用顿号隔开；真的没有就空着"


@lru_cache(maxsize=65_536)
def read_phone(text: str, area_code: str = "") -> str:
    """The numbers in ``text`` in one form, separated by 、; "" if there are none.

    A zero that a table program took from an area code is put back; ``area_code`` goes before local numbers. Nothing
    else is added, and no digit is left out.

    Raises:
        CellError: for what is no phone number, or not all of one.
    """
    if text.isascii() and text.isdigit():
        return _number(text, area_code)
    plain = _DASH.sub("-", unicodedata.normalize("NFKC", text)).strip()
    found: list[str] = []
    for piece in _SEPARATOR.split(_LABEL.sub("、", plain)):
        piece = piece.strip(" :.")
        if not piece:
            continue
        try:
            numbers = [_number("".join(piece.split()), area_code)]
        except CellError:
            parts = piece.split()
            if len(parts) < 2:
                raise
            numbers = [_number(part, area_code) for part in parts]
        found += [number for number in numbers if number not in found]
    return "、".join(found)


def _number(text: str, area_code: str) -> str:
    scientific = _SCIENTIFIC.match(text)
    if scientific:
        text = _whole(text, scientific)
    whole = _FLOAT.match(text)
    text = whole[1] if whole else text
    extension = _EXTENSION.search(text)
    suffix = f"转{extension[1]}" if extension else ""
    body = text[:extension.start()] if extension else text
    body = re.sub(r"\A(?:\+|00)86-?|\A86-", "", body)
    body = body.replace("(", "").replace(")", "-").strip("-")
    groups = [group for group in re.split("[-.]", body) if group]
    if not groups or not all(re.fullmatch(r"[0-9]+", group) for group in groups):
        raise CellError(f"电话“{text}”里有不是号码的字", _WRITE)
    for end, tail in ((len(groups), ""), (len(groups) - 1, groups[-1])):
        if (tail and (suffix or len(tail) > 5)) or end < 1:
            continue
        number = _canonical("".join(groups[:end]), area_code)
        if number and PHONE.fullmatch(number):
            return number + (f"转{tail}" if tail else suffix)
    raise CellError(f"电话“{text}”不是完整的号码{_hint(''.join(groups))}", _WRITE)


def _canonical(digits: str, area_code: str) -> str:
    """The number in its usual form, "" if it is none. ``digits`` may have lost the zero of the area code."""
    if _MOBILE.match(digits) or _SHORT.match(digits):
        return digits
    if len(digits) >= 12 and digits.startswith("86"):
        return _canonical(digits[2:], area_code)
    if _SERVICE.match(digits):
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    if digits.startswith("0"):
        return _with_area(digits)
    if re.match(r"[2-8]\d{6,7}\Z", digits):
        if not area_code:
            return digits
        return _with_area(area_code + digits)
    return _with_area("0" + digits)


def _with_area(digits: str) -> str:
    for pattern, lengths in ((_THREE, (8,)), (_FOUR, (7, 8))):
        match = pattern.match(digits)
        if match:
            local = match[2]
            if (len(local) in lengths and re.match("[2-8]", local)) or _SHORT.match(local):
                return f"{match[1]}-{local}"
    return ""


def _whole(text: str, match: re.Match[str]) -> str:
    """8.6911012e7 with all its digits; CellError where the table has thrown digits away."""
    digits, exponent = match[1] + (match[2] or ""), int(match[3])
    if len(digits.rstrip("0")) <= 4 or len(digits) > exponent + 1:
        raise CellError(f"“{text}”是表格软件的科学计数，后面的数字已经没有了",
                        "在表格软件里把这一栏设为“文本”，从原件重新填号码")
    return digits.ljust(exponent + 1, "0") if len(digits) == exponent + 1 else text


def _hint(digits: str) -> str:
    if len(digits) == 7:
        return "（7位的座机号要有区号）"
    return f"（有{len(digits)}位数字）"
