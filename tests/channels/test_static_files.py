"""How files are sent: the best coding the browser takes, a tag for each form, a life that fits the address."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import re
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from bot.channels.pages import PAGES, WIDGET
from bot.channels.static_files import AN_HOUR, ASK_AGAIN, FOR_GOOD, coding_for, file_of, files_in, in_one_piece
from tests.channels.server import Server

Serve = Callable[..., Server]
ALL = ("br", "gzip", "identity")


@pytest.mark.parametrize(("accepted", "coding"), [
    (None, "identity"), ("", "identity"), ("identity", "identity"), ("gzip", "gzip"), ("br", "br"),
    ("gzip, deflate, br, zstd", "br"), ("deflate", "identity"), ("GZIP", "gzip"), ("gzip;q=0", "identity"),
    ("br;q=0, gzip", "gzip"), ("gzip;q=0.000, br;q=0", "identity"), ("gzip;q=0.5, br;q=0.1", "gzip"),
    ("br;q=1.0, gzip;q=1.000", "br"), ("*", "br"), ("*;q=0", "identity"), ("gzip, *;q=0", "gzip"),
    ("br;q=0, *", "gzip"), ("identity;q=0, gzip;q=0.1", "gzip"), ("identity, gzip;q=0.5", "identity"),
    ("gzip ; q=0.5 , identity;q=0.3", "gzip"), ("gzip;q=1.5", "identity"), ("gzip;q=abc", "identity"),
    ("gzip;q=-1", "identity"), ("gzip;level=9", "identity"), (",,;,", "identity"), ("gzip;q=0.001", "gzip"),
    ("xgzip, brx", "identity"), ("identity;q=0", "identity"), ("identity;q=0, *;q=0", "identity"),
])  # fmt: skip
def test_the_coding_is_what_the_browser_likes_best(accepted: str | None, coding: str) -> None:
    assert coding_for(accepted, ALL) == coding


def test_only_codings_that_make_a_file_smaller_are_kept() -> None:
    small = file_of(b"a", ".css")
    assert set(small.bodies) == {"identity"}
    assert coding_for("br, gzip", small.bodies) == "identity"
    large = file_of(b"body { color: red }" * 99, ".css")
    assert brotli.decompress(large.bodies["br"]) == gzip.decompress(large.bodies["gzip"]) == large.bodies["identity"]
    assert file_of(b"b", ".css").version != small.version == file_of(b"a", ".css").version


def fetch(server: Server, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer as it comes over the line: no library unpacks it or adds a header."""
    connection = http.client.HTTPConnection(server.url[7:], timeout=10)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer, answer.read()


def test_each_form_of_a_file_has_its_own_tag_and_is_the_same_file(serve: Serve) -> None:
    server = serve()
    plain = (WIDGET / "dist" / "widget.js").read_bytes()
    tags = set()
    for accepted, coding, unpack in (("identity", None, bytes), ("gzip", "gzip", gzip.decompress),
                                     ("gzip, br", "br", brotli.decompress)):
        answer, body = fetch(server, "/widget.js", Accept_Encoding=accepted)
        assert answer.status == 200 and answer.headers["Content-Encoding"] == coding
        assert unpack(body) == plain
        assert answer.headers["Vary"] == "Accept-Encoding"
        tag = answer.headers["ETag"]
        tags.add(tag)
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again, nothing = fetch(server, "/widget.js", Accept_Encoding=accepted, If_None_Match=known)
            assert (again.status, nothing) == (304, b"")
            assert again.headers["ETag"] == tag and again.headers["Cache-Control"] == AN_HOUR
            assert again.headers["Vary"] == "Accept-Encoding"
        assert fetch(server, "/widget.js", Accept_Encoding=accepted, If_None_Match='"other"')[0].status == 200
        # A tag that holds ours is another tag.
        assert fetch(server, "/widget.js", Accept_Encoding=accepted, If_None_Match=f'"x{tag[1:]}')[0].status == 200
    assert len(tags) == 3


def test_the_widget_may_be_loaded_by_every_site_and_nothing_else(serve: Serve) -> None:
    server = serve()
    answer = server.get("/widget.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == AN_HOUR == "public, max-age=3600, stale-while-revalidate=86400"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    for path in ("/", "/chat", "/receipt", "/health", "/static/site.css", "/static/widget.js", "/webhooks/web/regions"):
        others = server.get(path).headers
        assert others["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert "Access-Control-Allow-Origin" not in others, path


def test_an_address_that_names_the_content_is_kept_for_good_and_pages_are_asked_for_again(serve: Serve) -> None:
    server = serve()
    named = set()
    for path in PAGES:
        page = server.get(path)
        assert page.headers["Cache-Control"] == ASK_AGAIN == "no-cache"
        named |= set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    plain = {name.partition("?")[0] for name in named}
    assert plain >= {"/static/site.css", "/static/icon.svg"}
    for address in named:
        name, _, version = address.partition("?v=")
        assert re.fullmatch("[0-9a-f]{20}", version), address
        assert server.get(address).headers["Cache-Control"] == FOR_GOOD
        for other in (name, f"{name}?v=", f"{name}?v={version[::-1]}", f"{name}?w={version}"):
            assert server.get(other).headers["Cache-Control"] == ASK_AGAIN, other
            assert server.get(other).content == server.get(address).content


def test_another_content_has_another_address(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<link href="/static/a.css"><link href="/static/b.css">', encoding="utf-8")
    pages = []
    for looks in ("p { color: red }", "p { color: blue }"):
        (tmp_path / "a.css").write_text(looks, encoding="utf-8")
        pages.append(files_in([tmp_path])["page.html"].bodies["identity"].decode())
    assert pages[0] != pages[1]
    assert all('"/static/b.css"' in page and "/static/a.css?v=" in page for page in pages)


def test_heads_have_no_body(serve: Serve) -> None:
    server = serve()
    connection = http.client.HTTPConnection(server.url[7:], timeout=10)
    for path in ("/widget.js", "/chat", "/static/site.css"):
        connection.request("HEAD", path)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"") and answer.headers["ETag"]


def test_what_is_marked_stands_in_the_page_with_its_hash_for_the_csp() -> None:
    page = ('<link rel="stylesheet" href="/static/a.css" data-inline><script src="/static/a.js" data-inline></script>'
            '<script src="/static/b.js"></script>')
    made, scripts, styles = in_one_piece(page, {"a.css": "p{color:red}", "a.js": "go()", "b.js": "stay()"})
    assert made == '<style>p{color:red}</style><script>go()</script><script src="/static/b.js"></script>'

    def source(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    assert (scripts, styles) == ((source("go()"),), (source("p{color:red}"),))


@pytest.mark.parametrize("text", ["a = '</script>'", "a = '</SCRIPT >'", "a = '<!--<script>'", None])
def test_what_could_end_its_element_or_is_not_there_stays_a_link(text: str | None) -> None:
    made, scripts, _ = in_one_piece('<script src="/static/a.js" data-inline></script>',
                                    {} if text is None else {"a.js": text})
    assert made == '<script src="/static/a.js"></script>' and scripts == ()
