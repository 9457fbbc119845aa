"""Our own pages, ``/widget.js``, ``/health``, and the security headers of everything we serve."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from bot.channels import connections, heads, receipt_page
from bot.channels.errors import code_of, error_response, json_response, log_failure
from bot.channels.static_files import AN_HOUR, ASK_AGAIN, FOR_GOOD, files_in, send
from bot.knowledge_access import snapshot

logger = logging.getLogger(__name__)

WIDGET = Path(__file__).resolve().parent.parent / "widget"
#: The pages by their address. The mini program's is the same full page; its script reads what the address says.
PAGES = {"/": "index.html", "/chat": "chat.html", "/mini": "chat.html"}

#: Gives the state of the knowledge base: ``knowledge`` is the snapshot's version, "" while there is none.
#: What else is in the mapping is shown beside it (the encoder's state, the last bad edit …).
HealthSource = Callable[[], Mapping[str, Any]]
#: Says in words why nothing can be stored at the moment; "" while all is well.
StorageSource = Callable[[], Awaitable[str]]
Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]
_SELF = ("'self'",)


def security_headers(
    frame_ancestors: str = "'self'", form_action: str = "'none'",
    scripts: Sequence[str] = (), styles: Sequence[str] = (),
) -> dict[str, str]:
    """The headers that go with every answer. A script or style may stand in a page itself only by its hash.

    ``form_action``: where a form of the page may be sent; nowhere, but from the one page that has a form.
    ``scripts``, ``styles``: CSP sources of what stands in the page itself.
    """
    policy = (
        f"default-src 'none'; script-src {' '.join(chain(_SELF, scripts))}; "
        f"style-src {' '.join(chain(_SELF, styles))}; img-src 'self' data:; connect-src 'self'; "
        f"base-uri 'none'; form-action {form_action}; frame-ancestors {frame_ancestors}"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "geolocation=(self), microphone=(self), camera=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def install(
    app: Sanic,
    health_source: HealthSource,
    folder: Path = WIDGET,
    frame_ancestors: str = "'self'",
    storage: StorageSource | None = None,
    public_url: str = "",
) -> None:
    """Adds the pages, ``/widget.js``, ``/static/<file>``, ``/health``, ``/receipt``, Chinese errors and the security
    headers to the app.

    Args:
        app: the Sanic app that Rasa made (or any other); call before it starts.
        health_source: see ``HealthSource``; when it raises, ``/health`` says 503.
        folder: where the widget and the pages' files lie.
        frame_ancestors: CSP sources that may frame the page.
        public_url: where residents find us, for addresses on paper; "" to go by each request.
        storage: see ``StorageSource``; trouble makes ``/health`` say 503 ``degraded``.
    """
    files = files_in((folder, folder / "pages", folder / "dist"))
    if "widget.js" not in files:
        logger.error("没有 dist/widget.js，网页上不会有对话框。请在 bot/widget 里运行 npm ci 和 npm run build")

    def page(name: str) -> Handler:
        async def show(request: Request) -> HTTPResponse:
            file = files.get(name)
            if file is None:
                return error_response("not_found")
            answer = send(request, file)
            if file.scripts or file.styles:
                answer.headers.update(security_headers(frame_ancestors, scripts=file.scripts, styles=file.styles))
            return answer

        return show

    async def script(request: Request) -> HTTPResponse:
        answer = send(request, files["widget.js"], AN_HOUR) if "widget.js" in files else error_response("not_found")
        # The one file that pages of other sites load; some check it by its hash, for which they must read it.
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    async def static(request: Request, name: str) -> HTTPResponse:
        # A look-up in what was read at start: no path from outside ever reaches the file system.
        file = files.get(name)
        if file is None or name.endswith(".html"):
            return error_response("not_found")
        return send(request, file, FOR_GOOD if request.args.get("v") == file.version else ASK_AGAIN)

    async def health(request: Request) -> HTTPResponse:
        status = health_of(app, health_source, await storage() if storage is not None else "")
        return json_response(status, 200 if status["status"] == "ok" else 503)

    for address, name in PAGES.items():
        _claim(app, address, page(name))
    app.add_route(script, "/widget.js", methods=["GET", "HEAD"], name="widget")
    app.add_route(static, "/static/<name:str>", methods=["GET", "HEAD"], name="static_file")
    app.add_route(health, "/health", methods=["GET", "HEAD"], name="health")

    receipt_page.install(app, snapshot, security_headers(frame_ancestors, form_action="'self'"), public_url)
    headers = security_headers(frame_ancestors)

    async def secure(request: Request, response: BaseHTTPResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    app.register_middleware(secure, "response")
    connections.install(app)
    heads.install(app)
    _silence_rasas_cors(app)
    app.error_handler.add(SanicException, _refused)
    app.error_handler.add(Exception, _refused)


def health_of(app: Sanic, health_source: HealthSource, storage_trouble: str = "") -> dict[str, Any]:
    """The body of ``/health``: status ``ok`` once a model and a knowledge snapshot are loaded, else ``starting``.

    With ``storage_trouble`` it is ``degraded``: questions are answered, but nothing is kept or deleted.
    """
    agent = getattr(app.ctx, "agent", None)
    model = str(agent.model_id or "") if agent is not None and agent.is_ready() else None
    try:
        knowledge = dict(health_source())
    except Exception as error:  # a broken knowledge base is a state to report, not a failure of this page
        logger.error("The health source failed: %s", type(error).__name__)
        knowledge = {}
    version = str(knowledge.pop("knowledge", "") or "")
    if storage_trouble:
        knowledge["storage"] = storage_trouble
    able = "degraded" if storage_trouble else "ok"
    return {
        **knowledge,
        "status": able if model is not None and version else "starting",
        "model": model or "",
        "knowledge": version,
    }


def _claim(app: Sanic, address: str, page: Handler) -> None:
    # Rasa puts a greeting of its own at "/", and Sanic lets no second route take its place.
    for route in app.router.routes:
        if f"/{route.path.strip('/')}" == address and "GET" in route.methods:
            route.handler = page
            return
    app.add_route(page, address, methods=["GET", "HEAD"], name=f"page_{address.strip('/')}")


def _silence_rasas_cors(app: Sanic) -> None:
    """Rasa answers every OPTIONS itself, before any route; which sites may call is for the web channel to say."""
    cors = getattr(app.ctx, "sanic_cors", None)
    if cors is not None:
        cors.resources = []


async def _refused(request: Request, exception: Exception) -> HTTPResponse:
    # Sanic makes up a request of method NONE where it could not read one.
    head_read = request.method != "NONE"
    code = code_of(exception, head_read)
    if code == "internal":
        log_failure("A request", exception)
    return error_response(code)
