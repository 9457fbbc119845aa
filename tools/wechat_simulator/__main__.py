"""``python -m tools.wechat_simulator``: chat with a bot as if through WeChat, in the terminal or in the browser."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from aiohttp import web

from tools.wechat_simulator.account import Account, Timing
from tools.wechat_simulator.acts import Person
from tools.wechat_simulator.api import Api
from tools.wechat_simulator.page import Page
from tools.wechat_simulator.presets import Place, places
from tools.wechat_simulator.terminal import chat
from tools.wechat_simulator.wechat import WeChat

CONTENT = Path(__file__).parent.parent.parent / "knowledge" / "content"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.wechat_simulator",
                                     description="微信模拟器：像微信那样推送消息、等待、重试，也提供接口")
    parser.add_argument("--url", default="http://127.0.0.1:5005/webhooks/wechat/",
                        help="推送到哪里（默认 %(default)s）")
    parser.add_argument("--token", required=True, help="和机器人设的 Token 一样")
    parser.add_argument("--appid", required=True, help="AppID（企业微信写 CorpID）")
    parser.add_argument("--aes-key", default="", help="EncodingAESKey，43 个字符；明文模式不用写")
    parser.add_argument("--mode", choices=("plain", "compatible", "safe"), default="safe",
                        help="明文、兼容、安全（默认安全）")
    parser.add_argument("--wecom", action="store_true", help="当企业微信用")
    parser.add_argument("--secret", default="simulator-secret", help="AppSecret，接口用（默认 %(default)s）")
    parser.add_argument("--unverified", action="store_true", help="当没有认证的公众号：只能被动回复")
    parser.add_argument("--page", type=int, metavar="端口", help="在浏览器里聊，接口也在这个端口")
    parser.add_argument("--api", type=int, metavar="端口", help="在终端里聊时，接口开在哪个端口")
    parser.add_argument("--wait", type=float, default=5.0, metavar="秒", help="等多久算超时（微信是 5 秒）")
    return parser


async def _listen(app: web.Application, port: int) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


async def _run(options: argparse.Namespace, account: Account, known: list[Place]) -> int:
    runner = None
    async with WeChat(account, timing=Timing().scaled(options.wait / 5)) as wechat:
        person = Person(wechat, wechat.new_user(follows=False))
        api = Api(wechat)
        try:
            if options.page:
                runner = await _listen(Page(person, api, known).app(), options.page)
            elif options.api:
                runner = await _listen(api.app(), options.api)
        except OSError as error:
            print(f"端口用不了（{error.strerror}），请换一个", file=sys.stderr)
            return 1
        trouble = await wechat.verify()
        print(f"校验 {account.url}：{trouble or '通过'}", flush=True)
        try:
            if options.page:
                print(f"请在浏览器里打开 http://127.0.0.1:{options.page}/ （按 Ctrl-C 结束）", flush=True)
                await asyncio.Event().wait()
            await chat(person, known)
        finally:
            if runner is not None:
                await runner.cleanup()
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        account = Account(url=options.url, token=options.token, appid=options.appid, aes_key=options.aes_key,
                          mode=options.mode, wecom=options.wecom, secret=options.secret,
                          verified=not options.unverified)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        return asyncio.run(_run(options, account, places(CONTENT)))
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
