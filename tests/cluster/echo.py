"""Small servers that stand for the app behind nginx: they say what came to them, or break off as they are told."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any


class Echo(socketserver.ThreadingTCPServer):
    """Answers each request with its method, path, headers and body as JSON. ``seen``: what came, in order.

    ``behaviour``: ``echo``; ``break``: reads the request and ends the connection; ``unready``: 503; ``stream``: an
    event now and the next when ``go_on`` is set.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port: int = self.server_address[1]
        self.behaviour = "echo"
        self.seen: list[dict[str, Any]] = []
        self.go_on = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Echo

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = {"method": self.command, "path": self.path, "headers": list(self.headers.items()),
                "body": body.decode("utf-8", "replace"), "at": time.monotonic()}
        self.server.seen.append(told)
        if self.server.behaviour == "break":
            self.close_connection = True
        elif self.server.behaviour == "unready":
            self._say(503, b"{}")
        elif self.server.behaviour == "stream":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for number in (1, 2):
                event = f"data: {number}\n\n".encode()
                self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
                self.wfile.flush()
                self.server.go_on.wait(30)
            self.wfile.write(b"0\r\n\r\n")
        else:
            self._say(200, json.dumps(told).encode())

    do_GET = do_POST = do_DELETE = do_OPTIONS = _any

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def echoes(count: int) -> Iterator[list[Echo]]:
    """``count`` of them, each on a port of its own."""
    servers = [Echo() for _ in range(count)]
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield servers
    finally:
        for server in servers:
            server.go_on.set()
            server.shutdown()
            server.server_close()
