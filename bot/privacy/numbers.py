"""Finds numbers that identify a person: on IDs, of phones and cards, and whatever is called somebody's number.

All of it works on ``spans.as_digits``: spoken 幺三八 and full-width １３８ are found like 138. Every pattern begins
where no digit stands before and is bounded, so that a long text costs as little a character as a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.privacy.spans import Span

#: What may stand between two digits of one number: as people write it, dictate it, or a phone shows it (1️⃣).
_SEP = r"[ \t\-.·•/()，,、_\u200b-\u200f\u2060\ufe0f\u20e3]{1,2}"
_D = rf"(?:{_SEP})?[0-9]"
#: Eleven digits in a row are a phone; more are a card, an ID, a case. No amount, date, code or hotline has as many.
_LONG = (r"[0-9]{11,}(?:[ \-]?[Xx](?![A-Za-z0-9]))?")
#: 18 digits, however they are parted, with a day of birth in their middle; the last may be X.
_ID = re.compile(
    rf"(?<![0-9])[1-8](?:{_D}){{5}}"
    rf"(?:{_SEP})?(?:1(?:{_SEP})?[89]|2(?:{_SEP})?0)(?:{_D}){{2}}"
    rf"(?:{_SEP})?(?:0{_D}|1(?:{_SEP})?[0-2])(?:{_SEP})?(?:[0-2]{_D}|3(?:{_SEP})?[01])"
    rf"(?:{_D}){{3}}(?:{_SEP})?[0-9Xx](?![0-9])")
#: The same in the parts that people make, and then the check digit needs not fit: somebody may mistype it.
_ID_PARTED = (
    rf"(?<![0-9])[1-8][0-9]{{5}}(?:{_SEP})(?:(?:18|19|20)[0-9]{{2}}(?:{_SEP})?[01][0-9][0-3][0-9](?:{_SEP})[0-9]{{3}}[0-9Xx]"
    rf"|[0-9]{{6}}(?:{_SEP})[0-9]{{3}}|[0-9]{{11}}[0-9Xx])(?![0-9])")
_OLD_ID = (rf"(?<![0-9])[1-8][0-9]{{5}}(?:{_SEP})[0-9]{{2}}[01][0-9][0-3][0-9](?:{_SEP})[0-9]{{3}}(?![0-9])")
#: Digit by digit, as somebody reads them out; nothing but a number is so long.
_ONE_BY_ONE = (rf"(?<![0-9])[0-9](?:(?:{_SEP})[0-9](?![0-9])){{10,}}(?:(?:{_SEP})?[Xx](?![A-Za-z0-9]))?")
#: 138 0013 8000 and the other ways to part it; 1958-10-01 100 is a day and a size.
_MOBILE = (
    rf"(?<![0-9])(?:(?:\+|00)?86(?:{_SEP})?)?1[3-9](?:"
    rf"[0-9](?:{_SEP})[0-9]{{4}}(?:{_SEP})?[0-9]{{4}}|[0-9](?:{_SEP})[0-9]{{3}}(?:{_SEP})[0-9]{{5}}"
    rf"|[0-9]{{5}}(?:{_SEP})[0-9]{{4}}|(?<!19)[0-9]{{2}}(?:{_SEP})[0-9]{{4}}(?:{_SEP})[0-9]{{3}}"
    rf"|[0-9]{{2}}(?:{_SEP})[0-9]{{3}}(?:{_SEP})[0-9]{{4}}|[0-9]{{3}}(?:{_SEP})[0-9]{{3}}(?:{_SEP})[0-9]{{3}}"
    rf"|[0-9]{{4}}(?:{_SEP})[0-9]{{5}}|[0-9]{{3}}(?:{_SEP})[0-9]{{6}}"
    rf")(?![0-9])")
_LANDLINE = (
    rf"(?<![0-9])0[0-9]{{2,3}}(?:{_SEP})?(?:[2-9][0-9]{{6,7}}|[2-9][0-9]{{2,3}}(?:{_SEP})[0-9]{{4}})(?![0-9])"
    r"(?:(?:转|-| |ext\.?){1,2}[0-9]{1,5}(?![0-9]))?")
_ABROAD = re.compile(rf"(?<![0-9])(?:\+|00)[1-9][0-9]{{0,2}}(?:{_D}){{7,12}}(?![0-9])")
#: A number in the town, where somebody says that it is a phone's. 400 and 800 are services'.
_LOCAL = re.compile(
    r"(?:电话|電話|座机|座機|固话|[Tt][Ee][Ll]|手机|手機|号码|號碼|联系方式|联系我|打我|打给我)[^0-9]{0,6}"
    rf"(?P<number>(?!400|800)[2-9](?:[0-9]{{6,7}}|[0-9]{{2,3}}(?:{_SEP})[0-9]{{4}}))(?!(?:{_SEP})?[0-9])")
_CARD = (
    rf"(?<![0-9])[3-9][0-9]{{3}}(?:{_SEP})[0-9]{{4}}(?:{_SEP})[0-9]{{4}}(?:{_SEP})[0-9]{{3,4}}(?:(?:{_SEP})[0-9]{{1,4}})?"
    rf"(?![0-9])|(?<![0-9])[3-9][0-9]{{5}}(?:{_SEP})[0-9]{{9,13}}(?![0-9])")
#: 护照, 港澳通行证, 台胞证 and the like: a letter or two and eight digits.
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9])(?:[CDEGHKMPSWcdeghkmpsw][0-9]{8}(?:[0-9]{2})?|[Ee][A-Za-z][0-9]{7})(?![A-Za-z0-9])")
#: Whatever is called the number of one of somebody's papers.
_CALLED = re.compile(
    r"(?:身份证|身份證|证件|證件|护照|護照|通行证|居住证|居住證|驾驶证|驾照|社保|医保|醫保|社会保障|就医|银行|存折|公积金"
    r"|养老金|残疾|优待|低保|户口|户籍|户|学|工|学籍|准考|病历|住院|产权|房产|不动产|受理|办件|工单|车架|支付宝)"
    r"(?:卡|证|證|簿|本|账|帐|户)?(?:的)?(?:号码|號碼|编号|账号|帐号|卡号|号|號)[是为爲叫 :\t，,]{0,4}"
    r"(?P<number>[A-Za-z]{0,4}[0-9](?:[ \-]?[A-Za-z0-9]){5,24})"
    r"|(?:卡号|账号|帐号)[是为 :\t，,]{0,4}(?P<other>[A-Za-z]{0,4}[0-9](?:[ \-]?[A-Za-z0-9]){5,24})")
_LAST_DIGITS = re.compile(
    r"(?:[后末尾][四六4-6]位(?:数字?)?|尾号)[是为 :\t，,]{0,3}(?P<number>[0-9]{4,6}[Xx]?|[0-9]{3}[Xx])(?![0-9])")
#: 川A·12345, 沪A·D12345
_PLATE = re.compile(
    r"(?<![A-Za-z])[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬遼魯蘇贛鄂蒙陝閩貴粵寧瓊雲]"
    r"[A-HJ-NP-Za-hj-np-z][ ·•.\-]?(?=[A-Za-z]{0,4}[0-9])[A-HJ-NP-Za-hj-np-z0-9]{4,5}"
    r"[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?![A-Za-z0-9])")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


#: All that begin with a digit, in one walk; where two would do, the first.
_NUMBER = re.compile("|".join((_LONG, _ID_PARTED, _OLD_ID, _ONE_BY_ONE, _CARD, _MOBILE, _LANDLINE)))
#: Digits that may belong together. In fewer than eight there is nothing that is not called a number in words.
_CLUSTER = re.compile(rf"[+]?[0-9](?:(?:{_SEP})?[0-9]){{7,}}")


def numbers(plain: str) -> Iterator[Span]:
    """Spans of numbers in ``plain``, a text as ``spans.as_digits`` gives it."""
    for cluster in _CLUSTER.finditer(plain):
        # A little more, for the X or the extension behind the digits.
        start, end = cluster.start(), cluster.end() + 8
        for pattern in (_NUMBER, _ABROAD):
            for match in pattern.finditer(plain, start, end):
                yield Span(match.start(), match.end())
        for match in _ID.finditer(plain, start, end):
            if fits_check_digit(re.sub(r"[^0-9Xx]", "", match.group())):
                yield Span(match.start(), match.end())
    for match in _PASSPORT.finditer(plain):
        yield Span(match.start(), match.end())
    for pattern in (_LOCAL, _CALLED, _LAST_DIGITS):
        for match in pattern.finditer(plain):
            group = match.lastgroup or "number"
            yield Span(match.start(group), match.end(group))


def plates(plain: str) -> Iterator[Span]:
    """Spans of licence plates, which may have a single digit."""
    for match in _PLATE.finditer(plain):
        yield Span(match.start(), match.end())


def fits_check_digit(number: str) -> bool:
    """Whether the last of 18 characters is the check digit of GB 11643 for those before it."""
    rest = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11
    return number[17].upper() == "10X98765432"[rest]
