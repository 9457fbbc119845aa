"""The server: bot, actions and demo page on one port, in one process."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Optional

from bot.cluster.worker import Worker
from bot.private_files import EARLIER, STATE, private_folder
from bot.settings import CannotServe, Settings, settings

logger = logging.getLogger(__name__)
#: How long a session of the web channel is good for.
TOKEN_HOURS = 24


def quiet_environment() -> None:
    """What must be set before Rasa and numpy load: no telemetry, one thread for small matrices, no chatter."""
    for name, value in {
        "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        # Rasa draws a progress bar for each step of a training unless it is told to log no more than warnings.
        "SANIC_REGISTER": "false", "LOG_LEVEL": "WARNING",
    }.items():
        os.environ.setdefault(name, value)
    # Rasa's pinned libraries warn about one another at every start; nothing there is ours to mend, and
    # Sanic resets warning filters, so that only taking the warnings over keeps them off the screen.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def claim(host: str, port: int) -> socket.socket:
    """A socket that holds the port, not listening yet; raises CannotServe if the port cannot be had.

    Held from the first moment, so that nobody takes the port while a model is trained or loaded.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError):
        raise CannotServe(f"认不出地址 HOST={host!r}，请写本机的地址，例如 127.0.0.1") from None
    door = socket.socket(family, kind, protocol)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        # Reuse is for the connections of the last run, which linger for a minute. Left on, a second server could
        # bind too, and would fail only when it listens.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except OSError as error:
        door.close()
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else port - 1
            raise CannotServe(f"端口 {port} 已经有程序在用，请先停掉那个程序，或换一个端口：PORT={other} make serve"
                              f"（port {port} is taken）") from error
        if error.errno == errno.EACCES:
            raise CannotServe(f"没有权限用端口 {port}，请换一个 1024 以上的：PORT=5005 make serve") from error
        raise CannotServe(f"不能在 {address_of(host, port)} 上监听（{error.strerror}），请检查 HOST 和 PORT") from error
    return door


def address_of(host: str, port: int) -> str:
    """``host`` and ``port`` as they stand in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_var(var: Path) -> None:
    """Make the folder for conversations and look into it; raises CannotServe if they could not be kept there."""
    try:
        private_folder(var)
        probe = var / "secret.probe"
        probe.write_bytes(b"x" * 65536)
        probe.unlink()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CannotServe(f"{var} 所在的磁盘满了，请腾出空间再启动") from error
        raise CannotServe(f"对话存不进 {var}（{error.strerror}），请检查 LINLITONG_VAR 指的文件夹和它的权限") from error
    for name in (STATE, *EARLIER):
        if (var / name).exists():
            _check_database(var / name)


def _check_database(path: Path) -> None:
    try:
        # A file that is none is found by the first read; opening alone reads nothing.
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA schema_version").fetchone()
        database.close()
    except sqlite3.OperationalError:
        pass  # locked by another process for a moment; the stores wait for that themselves
    except sqlite3.DatabaseError as error:
        raise CannotServe(f"{path} 坏了，不是数据库，请把它移走再启动（对话会从头开始）") from error


def check_region(region: str, known: Any) -> None:
    """Raise CannotServe unless the snapshot ``known`` has something for ``region``."""
    if region not in known.regions and not known.knows(region):
        names = "、".join(f"{code} {item.short}" for code, item in sorted(known.regions.items()))
        raise CannotServe(f"没有地区 {region} 的内容，能用的有：{names}")


async def load_agent(model: Path, endpoints: Any) -> Any:
    """Rasa's agent, ready to answer. Raises CannotServe where the model cannot be loaded."""
    from rasa.core import agent as rasa_agent

    # Rasa logs a traceback, swallows the error and gives an agent that will never answer.
    rasas_log = logging.getLogger(rasa_agent.__name__)
    level = rasas_log.level
    if not logging.getLogger().isEnabledFor(logging.INFO):
        rasas_log.setLevel(logging.CRITICAL)
    try:
        agent = await rasa_agent.load_agent(str(model), endpoints=endpoints)
    finally:
        rasas_log.setLevel(level)
    if not agent.is_ready():
        raise CannotServe(f"模型 {model.name} 装不进来，请运行 make train 重新训练（the model cannot be loaded）")
    return agent


def make_app(model: Path, options: Settings, worker: Optional[Worker] = None) -> Any:
    """The Sanic app with the web channel, the pages and everything that runs beside them.

    ``worker``: this process, where it is one of several that a parent started.
    """
    from rasa.core import run as rasa_run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    from bot import draining, hangups
    from bot.channels import pages
    from bot.channels.web import WebInput
    from bot.channels.wechat.channel import doors as wechat_doors
    from bot.channels.wechat.equip import Beside
    from bot.in_process import InProcessActions
    from bot.knowledge_access import built_from, knowledge_base
    from bot.model_reload import ModelReload
    from bot.model_trial import tried
    from bot.observing.equip import Observing
    from bot.retention import keep_clean
    from bot.tuning import tune
    from bot.watching import health, watch

    web = WebInput.from_credentials({"var": str(options.var), "token_lifetime_hours": TOKEN_HOURS})
    wechat = wechat_doors()
    equipment = Beside.of_environment(wechat, var=options.var, public_url=options.public_url,
                                      keep_s=options.keep_hours * 3600, token_lifetime_s=TOKEN_HOURS * 3600)
    observing = Observing.of_environment(options.port)
    tune()
    base = knowledge_base()
    check_region(options.region, base.snapshot)
    base.snapshot.warm(options.region)
    endpoints = AvailableEndpoints(
        action=InProcessActions(),
        tracker_store=EndpointConfig(type="bot.conversations.Conversations", var=str(options.var)),
    )
    app = rasa_run.configure_app(input_channels=[web, *wechat], enable_api=False, endpoints=endpoints,
                                 port=options.port)
    if options.proxies:
        app.config.PROXIES_COUNT = options.proxies
    trouble = partial(_trouble, [web, *wechat])

    # For the first model and for each that takes its place. What ``tune`` changes are Rasa's classes: it holds for all.
    def put(agent: Any) -> None:
        observing.loaded(agent)
        app.ctx.agent = agent

    models = ModelReload(options.models, model, load=lambda path: tried(path, endpoints, app.ctx.agent),
                         ready=lambda new: base.learn(new.margins), put=lambda new: put(new.agent))

    def state() -> dict[str, Any]:
        return {**health(base), **models.health()}

    observing.install(app, state, trouble, lambda: models.name)
    observing.gauge("turns_waiting", "Messages of the web that are answered or wait for it", web.turns_waiting)
    observing.gauge("streams_open", "Open event streams of the web", web.streams_open)
    pages.install(app, state, storage=trouble,
                  frame_ancestors=options.frame_ancestors, public_url=options.public_url)
    equipment.install(app, pages.security_headers(options.frame_ancestors))
    sweeps = [web.sweep, *equipment.sweeps, *(door.sweep for door in wechat)]
    # Before the server runs and not in it: there a failure or Ctrl-C would end in a traceback of Sanic's.
    put(asyncio.run(load_agent(model, endpoints)))
    # What was loaded stays: the collector need not walk a million objects again and again.
    gc.collect()
    gc.freeze()
    app.register_listener(rasa_run.close_resources, "after_server_stop")

    beside: list[asyncio.Task[None]] = []

    async def announce(running: Any, loop: Any) -> None:
        beside.append(loop.create_task(watch(base, built_from())))
        beside.append(loop.create_task(keep_clean(running, options.keep_hours, *sweeps)))
        beside.append(loop.create_task(_warm(base.snapshot)))
        hangups.hand_over(loop, models.wish)
        if worker is not None:
            worker.announce()
        else:
            print(f"邻里通已启动：http://{address_of(options.host, options.port)}/ （按 Ctrl-C 结束）", flush=True)

    async def leave(_running: Any, _loop: Any) -> None:
        await models.stop()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)

    app.register_listener(announce, "after_server_start")
    app.register_listener(leave, "before_server_stop")
    draining.install(app)
    return app


async def _trouble(doors: Sequence[Any]) -> str:
    """Why one of the doors can keep nothing at the moment, in words; "" while all is well."""
    for door in doors:
        trouble: str = await door.storage_trouble()
        if trouble:
            return trouble
    return ""


async def _warm(known: Any) -> None:
    """Make every region ready, one after the other so that residents are not kept waiting."""
    for region in known.regions:
        await asyncio.get_running_loop().run_in_executor(None, known.warm, region)
    logger.info("ready for every region")


@contextmanager
def _ends_at_once() -> Iterator[None]:
    """Ctrl-C ends the process where it stands: a library that is being loaded may swallow the exception for good.

    Nothing is lost: nobody is answered yet.
    """
    def end(_number: int, _frame: Any) -> None:
        sys.stdout.flush()
        os._exit(0)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A million objects are made that all stay: looking for garbage among them takes a tenth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def serve(model: Path, door: Optional[socket.socket] = None, worker: Optional[Worker] = None) -> None:
    """Serve until Ctrl-C. Raises CannotServe with a clear sentence if that is impossible.

    ``door``: the port, if it was claimed before. ``worker``: see ``make_app``.
    """
    options = settings()
    door = door or claim(options.host, options.port)
    with _ends_at_once(), _nothing_collected():
        app = make_app(model, options, worker)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections inherit it: for the next run
    # Sanic's own 100 are full while a rush of residents waits for one turn; then whoever comes is not let in at all.
    app.run(sock=door, workers=1, access_log=False, debug=False, backlog=1024)


def configure_logging(verbose: bool = False) -> None:
    """Warnings of libraries, information of ours; never a resident's words. A wrong LOG_FORMAT: CannotServe."""
    from bot.observing import logs

    logs.configure(verbose)
