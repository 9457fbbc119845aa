"""The commands: serve, train, check, import, ask, receipt … Every failure is one clear sentence and an exit code.

Exit codes: 0 fine, 1 content or training is wrong, 2 the command was misused, 3 the machine says no
(port taken, disk full, no model).
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import sys
from pathlib import Path
from typing import Any, Optional

from bot.serve import CannotServe, configure_logging, quiet_environment
from bot.sparing import spare_pandas, spare_tensorflow

WRONG, MISUSED, REFUSED = 1, 2, 3
logger = logging.getLogger(__name__)


def main(arguments: Optional[list[str]] = None) -> int:
    """Run one command; returns its exit code."""
    _prepare_streams()
    options = _parser().parse_args(arguments)
    sys.unraisablehook = _end_on_interrupt
    try:
        quiet_environment()
        configure_logging(options.verbose)
        if arguments is None and options.command != "import":  # for the life of the process, so in one of our own
            spare_pandas()
            spare_tensorflow()
        code = _run(options)
        sys.stdout.flush()  # here, so that a reader who has gone (| head) is met below and not at the very end
        return code
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read our words has enough; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if _interrupted(error):
            return 0
        return _explain(error, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="邻里通：居民服务查询机器人")
    parser.add_argument("-v", "--verbose", action="store_true", help="显示更多过程")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="启动（缺模型时先训练）")
    commands.add_parser("migrate", help="建好或更新存对话的数据库（启动时也会自己做）")
    train = commands.add_parser("train", help="训练模型")
    train.add_argument("--force", action="store_true", help="模型是新的也重新训练")
    check = commands.add_parser("check", help="检查内容，指出文件和行")
    check.add_argument("files", nargs="*", help="只列这些文件里的问题；不写就列全部")
    check.add_argument("--stats", action="store_true", help="同时打印各类内容的数量")
    check.add_argument("--fast", action="store_true", help="不检查问答是否抢答（不加载句向量）")
    check.add_argument("--draft", action="store_true", help="检查草稿，不检查正在用的内容")
    draft = commands.add_parser("draft", help="把正在用的内容复制成草稿，改草稿不影响居民")
    begin = draft.add_mutually_exclusive_group()
    begin.add_argument("--again", action="store_true", help="不要没发布的修改，重新复制一份")
    begin.add_argument("--keep", action="store_true", help="留着草稿，只记下正在用的内容现在的样子")
    commands.add_parser("diff", help="草稿发布以后有什么不同：哪些问题换了回答，哪些家庭换了结果")
    commands.add_parser("publish", help="检查草稿，没有错误就换上")
    _add_import(commands.add_parser("import", help="从别的单位的名单（CSV、Excel）导入地点；默认只试运行"))
    receipt = commands.add_parser("receipt", help="按回执码重算一遍，看当时的情况、结论和要带的材料")
    receipt.add_argument("code", metavar="回执码", nargs="+", help="回执单上的码，大小写都可以，横线可以不写")
    receipt.add_argument("--html", metavar="文件.html", type=Path, help="写成一页可以打印的清单")
    receipt.add_argument("--draft", action="store_true", help="按草稿里的规定重算")
    _add_wechat(commands.add_parser("wechat", help="微信公众号：推菜单、试一试能不能调用接口"))
    ask = commands.add_parser("ask", help="问一句，看回答和理由")
    ask.add_argument("--draft", action="store_true", help="用草稿回答，不用正在用的内容")
    ask.add_argument("text", nargs="+", help="要问的话；可以写几句，按顺序说")
    ask.add_argument("--region", default=None, help="地区代码，例如 310110")
    ask.add_argument("--why", action="store_true", help="打印理解的过程")
    return parser


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("list", metavar="名单", type=Path, help="名单文件：.xlsx、.xls 或 .csv")
    parser.add_argument("--mapping", metavar="对照文件", type=Path, help="说明哪一栏是什么的 .yml 文件")
    parser.add_argument("--suggest", action="store_true", help="按栏名猜一份对照文件，写在名单旁边")
    parser.add_argument("--apply", action="store_true", help="真的写进内容；不写就只试运行")
    parser.add_argument("--draft", action="store_true", help="导入到草稿里，不动正在用的内容")
    parser.add_argument("--report", metavar="文件.csv", type=Path, help="把全部结果写成表格，放在名单旁边")
    parser.add_argument("--skip-refused", action="store_true", help="读不懂的行不导入，其余照常")
    parser.add_argument("--duplicates", choices=("ask", "keep", "skip"), default="ask",
                        help="可能重复的：ask 停下来问（默认）、keep 都保留、skip 都不导入")
    parser.add_argument("--close-missing", action="store_true", help="同一来源、不在新名单里的地点标为已关闭")
    parser.add_argument("--reopen", action="store_true", help="标着已关闭、名单里又有的地点重新打开")


def _add_wechat(parser: argparse.ArgumentParser) -> None:
    doings = parser.add_subparsers(dest="doing", required=True)
    doings.add_parser("check", help="试一试：AppID、AppSecret 和服务器地址，微信接受不接受")
    menu = doings.add_parser("menu", help="把 wechat/menu.yml 推给微信")
    instead = menu.add_mutually_exclusive_group()
    instead.add_argument("--show", action="store_true", help="只看微信上现在的菜单，和文件一样不一样")
    instead.add_argument("--delete", action="store_true", help="删掉微信上的菜单")


def _run(options: argparse.Namespace) -> int:
    if getattr(options, "draft", False):
        _work_on_the_draft()
    if options.command == "import":
        from bot.importing import run_import_command

        return run_import_command(options)
    if options.command in ("draft", "diff", "publish"):
        return _drafting(options)
    if options.command == "check":
        from bot.checking import run_check

        return run_check(stats=options.stats, deep=not options.fast, only=options.files)
    if options.command == "migrate":
        return _migrate()
    if options.command == "train":
        from bot.training import ensure_model

        print(f"模型：{ensure_model(force=options.force).name}")
        return 0
    if options.command == "receipt":
        from bot.receipts import run_receipt

        return run_receipt(options.code, html=options.html)
    if options.command == "wechat":
        from bot.channels.wechat.menu import run_menu, run_try

        return run_try() if options.doing == "check" else run_menu(show=options.show, delete=options.delete)
    if options.command == "ask":
        return _ask(options)
    return _serve()


def _work_on_the_draft() -> None:
    """From here on the draft is the content."""
    from bot.settings import settings

    os.environ["LINLITONG_CONTENT"] = str(settings().draft)
    settings.cache_clear()


def _drafting(options: argparse.Namespace) -> int:
    from bot import drafting

    if options.command == "draft":
        return drafting.run_draft(again=options.again, keep=options.keep)
    return drafting.run_diff() if options.command == "diff" else drafting.run_publish()


def _ask(options: argparse.Namespace) -> int:
    try:
        "".join([*options.text, options.region or ""]).encode("utf-8")
    except UnicodeEncodeError:
        print("要问的话不是 UTF-8 文字，请检查终端的编码。", file=sys.stderr)
        return MISUSED
    from bot.settings import adcode, settings

    region = adcode("--region", options.region) if options.region else settings().region
    from bot.asking import run_ask

    return run_ask(options.text, region=region, why=options.why)


def _migrate() -> int:
    from bot.serve import check_var
    from bot.settings import settings
    from bot.state.command import run_migrate

    check_var(settings().var)
    return run_migrate(settings().var)


def _serve() -> int:
    from bot import hangups

    hangups.heed()
    from bot.cluster.joining import check_shared
    from bot.cluster.worker import inherited
    from bot.serve import address_of, check_var, claim, serve
    from bot.settings import settings

    options, worker = settings(), inherited()
    door = worker.door if worker is not None else claim(options.host, options.port)
    check_var(options.var)
    # At once: loading the libraries alone takes several seconds.
    if worker is None:
        print("正在启动，大约要 10 到 20 秒……", flush=True)
        check_shared(options)
    from bot.state.command import prepare_state
    from bot.training import ensure_model

    prepare_state(options.var)
    if options.workers > 1 and worker is None:
        from bot.cluster.parent import Parent

        ensure_model()
        return Parent(door, options.workers, address_of(options.host, options.port)).run()
    serve(ensure_model(), door, worker)
    return 0


# --- how it ends ------------------------------------------------------------------------------------


def _explain(error: Exception, options: argparse.Namespace) -> int:
    """Say in one sentence what went wrong; the exit code for it."""
    from knowledge.errors import ContentError

    what = "不能启动" if options.command == "serve" else "没有成功"
    if isinstance(error, ContentError):
        for item in error.problems:
            print(item, file=sys.stderr)
        print(f"内容有 {len(error.problems)} 处错误，改好再试。", file=sys.stderr)
        return WRONG
    if isinstance(error, CannotServe):
        print(f"{what}：{error}。", file=sys.stderr)
        return REFUSED
    if isinstance(error, OSError):
        reason = "磁盘满了，请腾出空间再试" if error.errno == errno.ENOSPC else _of_the_system(error)
        print(f"{what}：{reason}。", file=sys.stderr)
        return REFUSED
    if isinstance(error, RuntimeError) and not isinstance(error, (NotImplementedError, RecursionError)):
        print(f"{what}：{error}。", file=sys.stderr)
        return WRONG
    print(f"{what}：程序出了意料之外的错误（{type(error).__name__}: {error}）。"
          "请把下面这几行交给维护人员。", file=sys.stderr)
    logger.error("unexpected", exc_info=error)
    return WRONG


def _of_the_system(error: OSError) -> str:
    where = f"{error.filename} " if error.filename else ""
    return f"系统不允许：{where}{error.strerror or type(error).__name__}，请检查文件和权限"


def _interrupted(error: Optional[BaseException]) -> bool:
    """Whether Ctrl-C is behind ``error``: a library that is being loaded may turn it into an error of its own."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _end_on_interrupt(unraisable: Any) -> None:
    """Ctrl-C in a place where Python cannot raise (a weak reference's callback) ends the program all the same."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.stdout.flush()
        os._exit(0)
    sys.__unraisablehook__(unraisable)


def _prepare_streams() -> None:
    # A terminal that is not UTF-8 shows ? for a character that it lacks, instead of ending the program.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace" if stream is sys.stderr else "replace")
