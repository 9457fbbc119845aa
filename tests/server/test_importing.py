"""The command ``import`` from end to end: exit codes, what is printed, what is written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from bot.settings import settings
from tests.knowledge.import_lists import MAPPING, Desk
from tests.server.process import PROJECT

GOOD = ["示例甲窗口", "玄武区示例路1号", "2586911012.0"]
BAD = ["示例乙窗口", "玄武区示例路2号", "138"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path)
    monkeypatch.setenv("LINLITONG_CONTENT", str(made.root))
    monkeypatch.setattr(cli, "configure_logging", lambda verbose: None)
    settings.cache_clear()
    yield made
    monkeypatch.undo()
    settings.cache_clear()


def run(*arguments: object) -> int:
    return cli.main(["import", *map(str, arguments)])


def test_a_trial_then_the_import_then_nothing_more(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path, mapping, before = desk.list([GOOD]), desk.mapping(), desk.site_file.read_bytes()
    assert run(path, "--mapping", mapping) == 0
    assert "这是试运行" in capsys.readouterr().out and desk.site_file.read_bytes() == before
    assert run(path, "--mapping", mapping, "--apply") == 0
    assert "导入好了" in capsys.readouterr().out and desk.sites()["示例甲窗口"].phone == "025-86911012"
    assert run(path, "--mapping", mapping, "--apply") == 0
    assert "没有要改的" in capsys.readouterr().out


def test_a_list_that_is_not_understood_ends_with_one(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path, mapping, before = desk.list([GOOD, BAD]), desk.mapping(), desk.site_file.read_bytes()
    assert run(path, "--mapping", mapping) == 1
    assert run(path, "--mapping", mapping, "--apply") == 1
    out = capsys.readouterr().out
    assert "不是完整的号码" in out and "--skip-refused" in out and desk.site_file.read_bytes() == before
    assert run(path, "--mapping", mapping, "--apply", "--skip-refused") == 0


def test_a_mapping_that_is_wrong_ends_with_one_and_names_the_place(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = desk.mapping(MAPPING.replace("phone: 电话", "phone: 座机"))
    assert run(desk.list([GOOD]), "--mapping", mapping) == 1
    said = capsys.readouterr().err
    assert f"{mapping}:4:" in said and "E092" in said and "什么也没有改" in said


def test_content_that_is_wrong_ends_with_one(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.root / "hotlines.yml").write_text("hotlines: []\n", encoding="utf-8")
    assert run(desk.list([GOOD]), "--mapping", desk.mapping(), "--apply") == 1
    assert "原来就有的" in capsys.readouterr().err and "示例甲窗口" not in desk.sites()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no.csv", "--mapping", "{mapping}"], "找不到名单"),
        (["{list}"], "--mapping"),
        (["{list}", "--mapping", "no.yml"], "找不到对照文件"),
        (["{list}", "--suggest", "--mapping", "{mapping}"], "已经有了"),
        (["{list}", "--suggest", "--apply"], "--apply"),
        (["{list}", "--mapping", "{mapping}", "--report", "r.txt"], ".csv"),
        (["{list}", "--mapping", "{mapping}", "--report", "{list}"], "不能写到名单"),
        (["{list}", "--mapping", "{mapping}", "--report", "{root}/sites/r.csv"], "内容文件夹"),
    ],
)
def test_misuse_ends_with_two_and_a_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    names = {"list": desk.list([GOOD]), "mapping": desk.mapping(), "root": desk.root}
    assert run(*(argument.format(**names) for argument in arguments)) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--duplicates", "merge"], []])
def test_what_the_parser_refuses_ends_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2


def test_a_mapping_is_suggested_beside_the_list(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk.list([GOOD])
    assert run(path, "--suggest") == 0
    assert "请填" in path.with_suffix(".mapping.yml").read_text(encoding="utf-8")
    assert run(path, "--suggest") == 2


def test_the_report_lies_beside_the_list(desk: Desk) -> None:
    path = desk.list([GOOD])
    assert run(path, "--mapping", desk.mapping(), "--report", "结果.csv") == 0
    assert "示例甲窗口" in (path.parent / "结果.csv").read_text(encoding="utf-8-sig")


def test_an_import_loads_no_rasa_and_other_commands_no_pandas(desk: Desk) -> None:
    def loaded(*arguments: str) -> str:
        code = (
            "import sys; from bot.cli import main; sys.argv[1:] = sys.argv[1:]; code = main()\n"
            "print(code, *sorted({'rasa', 'pandas', 'tensorflow'} & {n for n, m in sys.modules.items() if m}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            env={**os.environ, "LINLITONG_CONTENT": str(desk.root)},
            check=True,
        )
        return done.stdout.splitlines()[-1]

    assert loaded("import", str(desk.list([GOOD])), "--mapping", str(desk.mapping())) == "0 pandas"
    assert loaded("check", "--fast") == "0"
    code = "from bot.sparing import spare_pandas; spare_pandas(); import keras, sys; print(sys.modules['pandas'])"
    assert subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True
    ).stdout.split() == ["None"]
