"""The demo page, its files, ``/health``, and the security headers of everything we serve."""

from __future__ import annotations

import gzip
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse, empty, raw

from bot.channels import receipt_page
from bot.channels.errors import code_of, error_response, json_response, log_failure
from bot.knowledge_access import snapshot

logger = logging.getLogger(__name__)

WIDGET = Path(__file__).resolve().parent.parent / "widget"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

#: Gives the state of the knowledge base: ``knowledge`` is the snapshot's version, "" while there is none.
#: What else is in the mapping is shown beside it (the encoder's state, the last bad edit …).
HealthSource = Callable[[], Mapping[str, Any]]
#: Says in words why nothing can be stored at the moment; "" while all is well.
StorageSource = Callable[[], Awaitable[str]]
Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


@dataclass(frozen=True)
class Page:
    """A file as it is sent."""

    body: bytes
    zipped: bytes
    content_type: str
    etag: str


def load_pages(folder: Path = WIDGET) -> dict[str, Page]:
    """Reads the files of a known type in ``folder`` by name. Others, and folders in it, are not served."""
    pages = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in TYPES:
            body = path.read_bytes()
            etag = '"' + hashlib.sha256(body).hexdigest()[:20] + '"'
            pages[path.name] = Page(body, gzip.compress(body, mtime=0), TYPES[path.suffix], etag)
    return pages


def security_headers(frame_ancestors: str = "'self'", form_action: str = "'none'") -> dict[str, str]:
    """The headers that go with every answer. No script or style may stand in a page itself.

    ``form_action``: where a form of the page may be sent; nowhere, but from the one page that has a form.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
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
) -> None:
    """Adds ``/``, ``/static/<file>``, ``/health``, ``/receipt``, Chinese errors and the security headers to the app.

    Args:
        app: the Sanic app that Rasa made (or any other); call before it starts.
        health_source: see ``HealthSource``; when it raises, ``/health`` says 503.
        folder: where the page's files lie.
        frame_ancestors: CSP sources that may frame the page.
        storage: see ``StorageSource``; trouble makes ``/health`` say 503 ``degraded``.
    """
    pages = load_pages(folder)

    async def index(request: Request) -> HTTPResponse:
        return _send(request, pages["index.html"])

    async def static(request: Request, name: str) -> HTTPResponse:
        # A look-up in what was read at start: no path from outside ever reaches the file system.
        page = pages.get(name)
        return _send(request, page) if page else error_response("not_found")

    async def health(request: Request) -> HTTPResponse:
        status = health_of(app, health_source, await storage() if storage is not None else "")
        return json_response(status, 200 if status["status"] == "ok" else 503)

    _claim_root(app, index)
    app.add_route(static, "/static/<name:str>", methods=["GET", "HEAD"], name="static_file")
    app.add_route(health, "/health", methods=["GET", "HEAD"], name="health")

    receipt_page.install(app, snapshot, security_headers(frame_ancestors, form_action="'self'"))
    headers = security_headers(frame_ancestors)

    async def secure(request: Request, response: BaseHTTPResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    app.register_middleware(secure, "response")
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


def _claim_root(app: Sanic, index: Handler) -> None:
    # Rasa puts a greeting of its own at "/", and Sanic lets no second route take its place.
    for route in app.router.routes:
        if route.path in ("", "/") and "GET" in route.methods:
            route.handler = index
            return
    app.add_route(index, "/", methods=["GET", "HEAD"], name="index")


def _send(request: Request, page: Page) -> HTTPResponse:
    # no-cache: kept by the browser, but asked for anew, so that an update is seen at once.
    headers = {"ETag": page.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if page.etag in request.headers.get("if-none-match", ""):
        return empty(304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return raw(page.zipped, content_type=page.content_type, headers={**headers, "Content-Encoding": "gzip"})
    return raw(page.body, content_type=page.content_type, headers=headers)


async def _refused(request: Request, exception: Exception) -> HTTPResponse:
    # Sanic makes up a request of method NONE where it could not read one.
    head_read = request.method != "NONE"
    code = code_of(exception, head_read)
    if code == "internal":
        log_failure("A request", exception)
    return error_response(code)
