"""The commands: serve, train, check, ask. Every failure is one clear sentence and an exit code.

Exit codes: 0 fine, 1 content or training is wrong, 2 the command was misused, 3 the machine says no
(port taken, disk full, no model).
"""

from __future__ import annotations

import argparse
import errno
import sys
from typing import Optional

from bot.serve import CannotServe, configure_logging, quiet_environment

WRONG, MISUSED, REFUSED = 1, 2, 3


def main(arguments: Optional[list[str]] = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="邻里通：居民服务查询机器人")
    parser.add_argument("-v", "--verbose", action="store_true", help="显示更多过程")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="启动（缺模型时先训练）")
    train = commands.add_parser("train", help="训练模型")
    train.add_argument("--force", action="store_true", help="模型是新的也重新训练")
    check = commands.add_parser("check", help="检查内容，指出文件和行")
    check.add_argument("--stats", action="store_true", help="同时打印各类内容的数量")
    check.add_argument("--fast", action="store_true", help="不检查问答是否抢答（不加载句向量）")
    ask = commands.add_parser("ask", help="问一句，看回答和理由")
    ask.add_argument("text", nargs="+", help="要问的话；可以写几句，按顺序说")
    ask.add_argument("--region", default=None, help="地区代码，例如 310110")
    ask.add_argument("--why", action="store_true", help="打印理解的过程")
    options = parser.parse_args(arguments)
    quiet_environment()
    configure_logging(options.verbose)
    try:
        return _run(options)
    except CannotServe as error:
        print(f"不能启动：{error}", file=sys.stderr)
        return REFUSED
    except OSError as error:
        if error.errno == errno.ENOSPC:
            print("磁盘满了，请腾出空间再试。", file=sys.stderr)
            return REFUSED
        raise
    except KeyboardInterrupt:
        return 0


def _run(options: argparse.Namespace) -> int:
    from knowledge.errors import ContentError

    try:
        if options.command == "check":
            from bot.checking import run_check

            return run_check(stats=options.stats, deep=not options.fast)
        if options.command == "train":
            from bot.training import ensure_model

            print(f"模型：{ensure_model(force=options.force).name}")
            return 0
        if options.command == "ask":
            from bot.asking import run_ask

            return run_ask(options.text, region=options.region, why=options.why)
        return _serve()
    except ContentError as error:
        for item in error.problems:
            print(item, file=sys.stderr)
        print(f"内容有 {len(error.problems)} 处错误，改好再试。", file=sys.stderr)
        return WRONG
    except RuntimeError as error:
        if isinstance(error, CannotServe):
            raise
        print(f"没有成功：{error}", file=sys.stderr)
        return WRONG


def _serve() -> int:
    from bot.serve import check_port, serve
    from bot.settings import settings
    from bot.training import ensure_model, model_path

    check_port(settings().host, settings().port)
    if not model_path().exists():
        print("模型还没有或已过时，先训练（一两分钟）……", flush=True)
    serve(ensure_model())
    return 0
