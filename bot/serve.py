"""The server: bot, actions and demo page on one port, in one process."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bot.settings import Settings, settings

logger = logging.getLogger(__name__)


class CannotServe(RuntimeError):
    """The server cannot start; the message says why in one sentence."""


def quiet_environment() -> None:
    """What must be set before Rasa and numpy load: no telemetry, one thread for small matrices, no chatter."""
    for name, value in {
        "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "SANIC_REGISTER": "false",
    }.items():
        os.environ.setdefault(name, value)
    # Rasa's pinned libraries warn about one another at every start; nothing there is ours to mend, and
    # Sanic resets warning filters, so that only taking the warnings over keeps them off the screen.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def check_port(host: str, port: int) -> None:
    """Raise CannotServe if the port cannot be had."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotServe(f"port {port} is taken: stop the other program or choose another, "
                                  f"e.g. PORT={port + 1} make serve") from error
            raise CannotServe(f"cannot listen on {host}:{port}: {error.strerror}") from error


def make_app(model: Path, options: Settings) -> Any:
    """The Sanic app with the web channel, the pages and everything that runs beside them."""
    from rasa.core import run as rasa_run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    from bot.channels import pages
    from bot.channels.web import WebInput
    from bot.in_process import InProcessActions
    from bot.knowledge_access import knowledge_base
    from bot.retention import keep_clean
    from bot.tuning import tune
    from bot.watching import health, watch
    from knowledge.encoder import shared_encoder

    options.var.mkdir(parents=True, exist_ok=True)
    tune()
    base = knowledge_base()
    shared_encoder().encode(["您好"])
    endpoints = AvailableEndpoints(
        action=InProcessActions(),
        tracker_store=EndpointConfig(type="bot.conversations.Conversations", dialect="sqlite",
                                     db=str(options.var / "conversations.db")),
    )
    app = rasa_run.configure_app(
        input_channels=[WebInput.from_credentials({"var": str(options.var), "token_lifetime_hours": 24})],
        enable_api=False,
        endpoints=endpoints, port=options.port,
    )
    pages.install(app, partial(health, base))
    app.register_listener(partial(rasa_run.load_agent_on_start, str(model), endpoints, None), "before_server_start")
    app.register_listener(rasa_run.close_resources, "after_server_stop")

    beside: list[asyncio.Task[None]] = []

    async def announce(running: Any, loop: Any) -> None:
        beside.append(loop.create_task(watch(base)))
        beside.append(loop.create_task(keep_clean(running, options.keep_hours)))
        for region in base.snapshot.regions:
            loop.run_in_executor(None, base.snapshot.gazetteer.warm, region)
        print(f"邻里通已启动：http://{options.host}:{options.port}/ （按 Ctrl-C 结束）", flush=True)

    async def leave(_running: Any, _loop: Any) -> None:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)

    app.register_listener(announce, "after_server_start")
    app.register_listener(leave, "before_server_stop")
    return app


def serve(model: Path) -> None:
    """Serve until Ctrl-C. Raises CannotServe with a clear sentence if that is impossible."""
    options = settings()
    check_port(options.host, options.port)
    app = make_app(model, options)
    try:
        app.run(host=options.host, port=options.port, workers=1, access_log=False, debug=False)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CannotServe("the disk is full: free some space and start again") from error
        raise CannotServe(str(error)) from error


def configure_logging(verbose: bool = False) -> None:
    """Warnings of libraries, information of ours; never a resident's words."""
    import structlog

    logging.basicConfig(stream=sys.stderr, level=logging.INFO if verbose else logging.WARNING,
                        format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Rasa logs through structlog, whose default prints everything: residents' words would be in the log.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for name in ("bot", "actions", "knowledge"):
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("rasa", "sanic", "apscheduler", "matplotlib", "tensorflow", "h5py"):
        logging.getLogger(name).setLevel(logging.WARNING)
