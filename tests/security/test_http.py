"""HTTP as such: requests that two servers would read in two ways, slow ones, too many connections."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from bot.channels import connections
from bot.channels.heads import sound
from tests.channels.server import Server
from tests.server.process import free_port, within

Serve = Callable[..., Server]
_POST = "POST /webhooks/web/session HTTP/1.1\r\nHost: x\r\n"
_GET = "GET /health HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
#: Each of them is one request to some servers and two, or none, to others.
AMBIGUOUS = [
    _POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    _POST + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
    _POST + "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
    _POST + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    _POST + "Content-Length: 2, 40\r\n\r\n{}",
    _POST + "Content-Length: +2\r\n\r\n{}",
    _POST + "Content-Length: 0_2\r\n\r\n{}",
    _POST + "Content-Length: 0x2\r\n\r\n{}",
    _POST + "Content-Length : 2\r\n\r\n{}",
    _POST + "Content-Length: 2\r\n folded: x\r\n\r\n{}",
    _POST + "X: y\r\n\tContent-Length: 2\r\n\r\n{}",
    _POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    _POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    _POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    _POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    _POST + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    _POST + "X: a\rContent-Length: 2\r\n\r\n{}",
    _POST + "X: a\nContent-Length: 2\r\n\r\n{}",
    _POST + "Host: y\r\nContent-Length: 2\r\n\r\n{}",
    _POST + "X\x00: a\r\nContent-Length: 2\r\n\r\n{}",
    _GET + f"Content-Length: {len(SMUGGLED)}\r\n\r\n",
    _GET + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    _GET + "Upgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n",
    "GET /health HTTP/1.1 \r\nHost: x\r\n\r\n",
    "GET  /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /\x80\xff HTTP/1.1\r\nHost: x\r\n\r\n",
]


def answers(port: int, raw: bytes) -> bytes:
    """Everything that comes back until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(raw)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := wire.recv(65536):
                got += chunk
    return got


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def test_what_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_answered(serve: Serve) -> None:
    server = serve()
    for raw in AMBIGUOUS:
        got = answers(port_of(server), (raw + SMUGGLED).encode("latin-1"))
        assert got.startswith(b"HTTP/1.1 400 ") and got.count(b"HTTP/1.1 ") == 1, (raw, got[:300])
        error = json.loads(got.partition(b"\r\n\r\n")[2])["error"]
        assert error["code"] in ("bad_request", "bad_json"), raw
    assert server.session()["token"]


def test_after_a_body_in_chunks_nothing_follows(serve: Serve) -> None:
    """Sanic does not check where a chunk ends; so the connection does."""
    server = serve()
    for chunks in ("2\r\n{}\r\n0\r\n\r\n", "2\r\n{}XX0\r\n\r\n", "2;a=b\r\n{}\r\n0\r\nGET / HTTP/1.1\r\n\r\n"):
        got = answers(port_of(server), (_POST + "Transfer-Encoding: chunked\r\n\r\n" + chunks + SMUGGLED).encode())
        assert got.count(b"HTTP/1.1 ") == 1 and b"connection: close" in got.lower(), chunks


def test_ordinary_requests_are_sound() -> None:
    for head in (
        b"GET /x?y=%20 HTTP/1.1\r\nHost: a\r\nCookie: \xc3\xa9=1; b\r\nAccept:*/*",
        b"POST / HTTP/1.0\r\nContent-Length:  12 \r\nContent-Type: application/json; charset=utf-8",
        b"DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked",
    ):
        assert sound(head), head


def test_nginx_before_us_lets_no_second_request_through(serve: Serve, tmp_path: Path) -> None:
    """The same with the proxy of ``deploy/`` in front: one answer each, whatever nginx makes of it."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None:
        import os

        assert os.environ.get("CI") != "true", "CI has to have nginx"
        pytest.skip("nginx is not installed: smuggling through a proxy is not tested")
    server, port = serve(), free_port()
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p;\n"
        f"fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n"
        "keepalive_timeout 1; client_header_timeout 1; client_body_timeout 1;\n"
        f"upstream bot {{ server 127.0.0.1:{port_of(server)}; keepalive 4; }}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://bot; proxy_http_version 1.1;"
        ' proxy_set_header Connection ""; } } }\n'
    )
    process = subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)])
    try:
        within(20, lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0 or None)
        for raw in AMBIGUOUS:
            requests.get(f"http://127.0.0.1:{port}/health", timeout=20)
            got = answers(port, (raw + SMUGGLED).encode("latin-1"))
            # nginx may take the two for two honest requests; never may one of them be answered as the other's.
            assert got.count(b"HTTP/1.1 404") == 0 or got.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400")), (
                raw,
                got[:300],
            )
            ours = requests.get(f"http://127.0.0.1:{port}/health", timeout=20)
            assert ours.json()["status"] == "ok", raw
    finally:
        process.terminate()
        process.wait(20)


# --- slow ones --------------------------------------------------------------------------------------


@pytest.fixture
def hasty(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that waits no longer than 1.5 seconds for a request."""
    monkeypatch.setattr(connections, "REQUEST_S", 1.5)
    return serve()


@pytest.mark.parametrize(
    "raw",
    [
        _POST + "Content-Type: application/json\r\nX: " + "x" * 500,
        _POST + "Content-Length: 500\r\n\r\n{" + " " * 400,
        "POST /receipt HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\ncode=" + "A" * 700,
        "GET /" + "x" * 500,
    ],
    ids=["head", "body", "form", "address"],
)
def test_a_byte_now_and_then_does_not_keep_a_connection(hasty: Server, raw: str) -> None:
    """As slowloris does it: never so long a silence that an idle connection would be closed."""
    began, left = time.monotonic(), raw.encode()
    with socket.create_connection(("127.0.0.1", port_of(hasty)), timeout=0.2) as wire:
        wire.sendall(left[:-400])
        got, left = b"", left[-400:]
        while time.monotonic() - began < 30:
            try:
                chunk = wire.recv(65536)
                got += chunk
                if not chunk:
                    break
            except TimeoutError:
                with contextlib.suppress(OSError):
                    wire.sendall(left[:1])
                    left = left[1:]
            except ConnectionResetError:
                break
        else:
            pytest.fail("the connection is still open")
    assert time.monotonic() - began < 20
    assert got.startswith(b"HTTP/1.1 408 ") and "网络太慢" in got.decode()


def test_a_slow_bot_is_not_a_slow_request(hasty: Server) -> None:
    async def slow(heard: object) -> None:
        import asyncio

        from tests.channels.conftest import echo

        await asyncio.sleep(4)
        await echo(heard)  # type: ignore[arg-type]

    hasty.agent.bot = slow
    assert hasty.post(hasty.session()["token"], "你好").json()["messages"][0]["text"] == "您说：你好"


@pytest.fixture
def crowd() -> Iterator[list[socket.socket]]:
    """Connections that are closed after the test."""
    opened: list[socket.socket] = []
    yield opened
    for wire in opened:
        wire.close()


def test_one_address_cannot_hold_all_connections(
    serve: Serve, crowd: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_OF_ONE", 40)
    server = serve()
    for _ in range(80):
        wire = socket.socket()
        wire.bind(("127.0.0.9", 0))
        wire.connect(("127.0.0.1", port_of(server)))
        crowd.append(wire)

    def open_ones() -> int:
        still = 0
        for wire in crowd:
            wire.setblocking(False)
            try:
                still += wire.recv(1, socket.MSG_PEEK) != b""
            except BlockingIOError:
                still += 1
            except OSError:
                pass
        return still

    within(10, lambda: open_ones() <= 40 or None)
    assert server.session()["token"], "others are served"
    for wire in crowd:
        wire.close()
    crowd.clear()
    within(10, lambda: not server.app.ctx.open_from["127.0.0.9"] or None)


def test_a_proxy_that_sanic_believes_may_hold_as_many_as_it_needs(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANIC_PROXIES_COUNT", "1")
    assert serve().app.ctx.most_of_one is None
    monkeypatch.delenv("SANIC_PROXIES_COUNT")
    monkeypatch.setenv("LINLITONG_ADDRESS_PER_MINUTE", "0")
    assert serve().app.ctx.most_of_one is None


def test_connections_leave_files_for_the_databases(serve: Serve) -> None:
    import resource

    assert serve().app.ctx.most_open < resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert threading.active_count() > 0
