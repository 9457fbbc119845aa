"""The widget's own Traditional: the table is of today, right for every text, and no Chinese stands outside ``t()``."""

from __future__ import annotations

import pytest

from bot.channels.script import traditional
from tools.make_hant import SOURCE, TABLE, all_pieces, by_sign, file_of, pieces_of, table_of

PIECES = list(all_pieces())
#: What is sent to the bot (and, as starters, shown through ``t()`` of a variable): always Simplified.
PAYLOADS = {
    "不清楚", "用我现在的位置", "附近哪儿能吃上便宜饭", "租房子政府补不补钱", "我妈七十五了能领什么", "有没有育儿补贴",
}  # fmt: skip
#: What is looked for in a text, in either script; patterns begin with a slash.
LOOKED_FOR = {"急事"}
#: The names of the two scripts, each in itself: JSX text.
NAMES = {"简体", "繁體"}
ALLOWED = PAYLOADS | LOOKED_FOR | NAMES


def test_the_table_is_what_the_source_needs() -> None:
    table, wrong = table_of(piece.text for piece in PIECES)
    assert wrong == [], "say these in other words (python -m tools.make_hant lists them)"
    assert TABLE.read_text(encoding="utf-8") == file_of(table), "run python -m tools.make_hant"


def test_sign_by_sign_gives_what_the_server_gives_for_every_text() -> None:
    lines = TABLE.read_text(encoding="utf-8").split("\n")
    of, to = (line.split("'")[1] for line in lines[1:3])
    assert len(of) == len(to) > 0
    table = dict(zip(of, to, strict=True))
    assert [p.text for p in PIECES if by_sign(p.text, table) != traditional(p.text)] == []


def test_no_chinese_stands_outside_t() -> None:
    stray = [f"{p.file}:{p.line} {p.text}" for p in PIECES if not p.translated and p.text not in ALLOWED
             and not p.text.startswith("/")]
    assert stray == []


def test_every_exception_is_still_in_the_source() -> None:
    assert ALLOWED - {p.text for p in PIECES if not p.translated} == set()


def test_there_is_a_source_to_look_at() -> None:
    assert len(list(SOURCE.rglob("*.ts*"))) > 5
    assert sum(p.translated for p in PIECES) > 50


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("t('你好')", [("你好", True)]),
        ("t( \"你好\" ,)", [("你好", True)]),
        ("const a = '你好';", [("你好", False)]),
        ("at('你好')", [("你好", False)]),
        ("x.t('你好')", [("你好", False)]),
        ("t('你好' + name)", [("你好", False)]),
        ("t(ok ? '是' : '否')", [("是", False), ("否", False)]),
        ("// 说明 '你好'\n/* 注\n释 */ t('好')", [("好", True)]),
        ("f(`共${n + t('处')}个`)", [("共", False), ("处", True), ("个", False)]),
        ("s.split(/[，。]|急事/)", [("/[，。]|急事/", False)]),
        ("const half = a / 2; t('半') / b", [("半", True)]),
        ("<p>你好</p>", [("<p>你好</p>", False)]),
        ("'it\\'s 你' ", [("it's 你", False)]),
        ("'\\u4f60\\u597d'", [("你好", False)]),
        ("<p>{t('你好')}</p>", [("你好", True)]),
    ],
)
def test_chinese_is_found_wherever_typescript_can_hide_it(source: str, found: list[tuple[str, bool]]) -> None:
    assert [(p.text, p.translated) for p in pieces_of("a.tsx", source)] == found


def test_a_word_that_is_not_sign_by_sign_is_refused() -> None:
    table, wrong = table_of(["公里", "邻里", "在这里"])
    assert wrong == [("在这里", "在這裡")]
    assert by_sign("邻里", table) == "鄰里"
