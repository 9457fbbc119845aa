"""Finds where exactly somebody lives: house, building, entrance and room behind a street, a lane or an estate.

Street, lane and estate stay: what is near is looked for from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.privacy.spans import Span

#: Stands for the rest of an address.
REST = "…"
_NUMBER = r"(?:[0-9０-９]{1,5}|[零〇一二两三四五六七八九十百]{1,6}|[甲乙丙丁东西南北A-Za-zＡ-Ｚａ-ｚ][0-9０-９]{0,4})"
#: 3号楼, 2单元, 502室; 两室一厅 is a size, 2号线 a railway, 3号门 a door of something public.
_HOUSE = (rf"{_NUMBER}(?:[ \-—之]{_NUMBER}){{0,2}}[ ]?"
          r"(?:号楼|號樓|号院|號院|栋楼|栋|棟|幢|座(?!位)|单元|單元|门洞|弄堂|室(?!{half}厅|{half}廳)"
          r"|号房|号(?!{public})|號(?!{public}))")
_HOUSE = _HOUSE.replace("{half}", r"[0-9一二两三四]?").replace("{public}", (
    r"[线線口门門文出站台臺窗令公通机楼院房]|[之\-]?[0-9]{1,2}[日号]"
    r"|上午|下午|早上|晚上|中午|开|之前|以前|前|办|领|发|到账"))
#: Floors and bare numbers say something only behind a building: 3栋502, 2号楼5层.
_BARE = (r"(?:[0-9０-９]{2,4}|[零〇一二三四五六七八九幺]{3,4})(?![0-9０-９零〇一二三四五六七八九十百千万])"
         r"(?!年|岁|元|块|平|米|人|个|多|㎡)")
_MORE = rf"[ \-，,]{{0,2}}(?:{_HOUSE}|{_NUMBER}[ ]?(?:楼|樓|层|層)(?!梯)|{_BARE})"
#: 国和路36号: the house in a street, a lane or a village's group.
_IN_STREET = re.compile(
    r"(?:[路街巷弄里坊]|胡同|(?<!街)道|[0-9０-９一二三四五六七八九十][组組队隊段])(?:上|的)?[ ]{0,2}"
    rf"(?P<rest>{_HOUSE}(?:{_MORE}){{0,5}})")
#: 万科城市花园5栋: a building, not 社区5号, which is a day.
_IN_ESTATE = re.compile(
    r"(?:[村苑园園区區城庭府湾灣院寓厦廈墅邸居舍里期郡座阁閣轩軒庐廬台])(?:里|的)?[ ]{0,2}"
    rf"(?P<rest>(?!{_NUMBER}[ ]?[号號](?!楼|樓|院|房)(?![ ]?{_NUMBER}[ ]?(?:室|栋|幢|单元|楼|层)))"
    rf"{_HOUSE}(?:{_MORE}){{0,5}})")
#: 5栋3单元501, without any place.
_ALONE = re.compile(rf"(?<![0-9０-９A-Za-z月])(?P<rest>{_HOUSE}[ \-，,]{{0,2}}(?:{_HOUSE}|{_BARE})(?:{_MORE}){{0,4}})")
#: 3-2-502 behind an estate or a word for living somewhere.
_DASHES = re.compile(
    r"(?:[村苑园区區城庭府湾院寓厦居]|住在?|家在)[ ]?"
    r"(?P<rest>[0-9]{1,3}(?:[\-—][0-9]{1,4}){1,2}(?![0-9])(?!年|岁|元|块|个|人|平|号|月))")
_ROOM = re.compile(r"(?<![0-9０-９])(?P<rest>[0-9０-９]{3,4}室)(?![内外])")


def addresses(text: str) -> Iterator[Span]:
    """Spans of what is too exact in ``text``."""
    for pattern in (_IN_STREET, _IN_ESTATE, _ALONE, _DASHES, _ROOM):
        for match in pattern.finditer(text):
            yield Span(match.start("rest"), match.end("rest"), REST)
