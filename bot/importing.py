"""The command ``import``: another office's list of sites, tried out or taken over."""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Optional

from bot.checking import shown_path
from bot.settings import settings
from knowledge.errors import ContentError, Problem
from knowledge.imports.plan import Options, Plan
from knowledge.imports.reading import read_list
from knowledge.imports.report import screen, summary, write_report
from knowledge.imports.suggesting import suggested
from knowledge.imports.trial import Trial, carry_out, try_out
from knowledge.imports.world import load_world
from knowledge.imports.writing import Edited

FINE, WRONG, MISUSED = 0, 1, 2
_MOST_WARNINGS = 10


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    list: Path
    mapping: Optional[Path] = None
    apply: bool = False
    suggest: bool = False
    report: Optional[Path] = None
    skip_refused: bool = False
    duplicates: Literal["ask", "keep", "skip"] = "ask"
    close_missing: bool = False
    reopen: bool = False


def run_import_command(options: argparse.Namespace) -> int:
    """``run_import`` with what was parsed from the command line."""
    given = vars(options)
    return run_import(Request(**{name: given[name] for name in Request.__dataclass_fields__}))


def run_import(request: Request) -> int:
    """Carry out one ``import``; its exit code: 0 fine, 1 the list or the content is wrong, 2 misused."""
    wrong = _misuse(request)
    if wrong:
        print(f"{wrong}。", file=sys.stderr)
        return MISUSED
    # Nothing here is a circle; looking for some among millions of cells takes a third of the time.
    gc.disable()
    try:
        return _suggest(request) if request.suggest else _import(request)
    except ContentError as error:
        for item in error.problems:
            print(_told(item), file=sys.stderr)
        print("没有导入，什么也没有改。", file=sys.stderr)
        return WRONG
    except Edited as error:
        print(f"{error}。", file=sys.stderr)
        return WRONG
    finally:
        gc.enable()


def _misuse(request: Request) -> str:
    if not request.list.is_file():
        return f"找不到名单 {request.list}，请检查文件名"
    if request.suggest:
        target = _mapping_path(request)
        if request.apply:
            return "--suggest 只写对照文件，不能和 --apply 一起用"
        return f"{target} 已经有了，没有覆盖；要重新生成就先改名或删掉" if target.exists() else ""
    if request.mapping is None:
        return "要用 --mapping 指明对照文件；还没有就先用 --suggest 生成一份"
    if not request.mapping.is_file():
        return f"找不到对照文件 {request.mapping}；还没有就先用 --suggest 生成一份"
    report = _report_path(request)
    if report is not None:
        if report.suffix.lower() != ".csv":
            return "--report 的文件名要以 .csv 结尾"
        if report.resolve() in (request.list.resolve(), request.mapping.resolve()):
            return "--report 不能写到名单或对照文件上"
        if report.resolve().is_relative_to(settings().content.resolve()):
            return "--report 不能写到内容文件夹里"
    return ""


def _mapping_path(request: Request) -> Path:
    return request.mapping or request.list.with_suffix(".mapping.yml")


def _report_path(request: Request) -> Optional[Path]:
    """Where the report goes: a bare name lies beside the list."""
    if request.report is None or len(request.report.parts) > 1:
        return request.report
    return request.list.parent / request.report


def _told(item: Problem) -> str:
    where = f"{shown_path(item.path)}:{item.line}:{item.column}" if item.line else shown_path(item.path)
    return f"{where}: {item.code} {item.message}。{item.remedy}。"


def _suggest(request: Request) -> int:
    sheet = read_list(request.list, any_sheet=True)
    target = _mapping_path(request)
    target.write_text(suggested(sheet, load_world(settings().content), target), encoding="utf-8")
    print(f"写好了 {target}：打开它，逐行核对，把写着“请填”的填上。然后试运行：\n"
          f"  .venv/bin/python -m bot import {request.list} --mapping {target}")
    return FINE


def _import(request: Request) -> int:
    assert request.mapping is not None
    options = Options(duplicates=request.duplicates, skip_refused=request.skip_refused,
                      close_missing=request.close_missing, reopen=request.reopen)
    trial = try_out(request.list, request.mapping, settings().content, options, today=dt.date.today())
    _print(trial)
    report = _report_path(request)
    if report is not None:
        write_report(report, trial.plan, trial.world.words)
        print(f"全部结果写在 {report}。")
    if trial.errors:
        if not trial.at_fault:
            print("下面的错误是内容里原来就有的，和名单无关。先改好（make check），再导入：", file=sys.stderr)
        raise ContentError(trial.errors)
    if trial.plan.blocked:
        print(_hindrance(trial.plan, apply=request.apply))
        return WRONG
    if not trial.files:
        print("名单和现有内容一样，没有要改的。")
    elif request.apply:
        carry_out(trial)
        print(f"导入好了，改了 {'、'.join(map(shown_path, trial.files))}。")
    else:
        print("这是试运行，什么也没有改。都对的话，加 --apply 再运行一次。")
    return FINE


def _print(trial: Trial) -> None:
    sheet, plan = trial.sheet, trial.plan
    name = f"“{sheet.path.name}”" + (f"的工作表“{sheet.name}”" if sheet.name else "")
    print(f"名单{name}，表头在第{sheet.header_row}行，有{len(sheet.frame)}行内容。\n")
    table = screen(plan, trial.world.words)
    if table:
        print(table + "\n")
    print(f"合计：{summary(plan, sheet.empty_rows)}。")
    for remark in plan.remarks:
        print(f"注意：{remark}。")
    for item in trial.warnings[:_MOST_WARNINGS]:
        print(f"导入后会有这样的提醒：{_told(item)}")
    if len(trial.warnings) > _MOST_WARNINGS:
        print(f"导入后还会有{len(trial.warnings) - _MOST_WARNINGS}条这样的提醒，导入后用 make check 看。")


def _hindrance(plan: Plan, *, apply: bool) -> str:
    kinds = {row.kind for row in plan.blocked}
    said = []
    if "refused" in kinds:
        said.append("有读不懂的行：改名单或对照文件；确实不要这些行，就加 --skip-refused")
    if "duplicate" in kinds:
        said.append("有可能重复的：在对照文件的 decisions 里逐个写明；都是不同的地点就加 --duplicates keep，"
                    "都不要就加 --duplicates skip")
    if "missing" in kinds:
        said.append("有读不出名称的行，不能用 --close-missing")
    done = "没有导入，什么也没有改。" if apply else "现在还不能导入。"
    return done + "".join(f"\n- {item}。" for item in said)
