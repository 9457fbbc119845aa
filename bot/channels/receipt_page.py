"""``/receipt``: a form for a receipt's code, and the checklist that comes of it, ready to print.

The code holds what a person told. It therefore comes in the body of a POST, never in an address, which servers on the
way write down; nothing of it is kept or logged, and no cache may keep the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, html

from bot.channels.errors import WebError, log_failure, too_many
from bot.channels.limits import MAX_DRAIN_BYTES, RateLimiter
from bot.cluster.joining import shared_buckets
from bot.receipt_sheet import Base, html_of, page_html, replay, sheet_of
from knowledge.receipt import ReceiptError

#: A form with a code of ours is far smaller.
MAX_FORM_BYTES = 4096
#: Sheets a minute for one address: a clerk with a queue, not a machine that tries codes.
PER_MINUTE = 60.0
_HEAD = ('<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
         '<link rel="stylesheet" href="/static/receipt.css"><script src="/static/receipt.js" defer></script>')
_AGAIN = '<p class="again"><a href="/receipt">再查一个</a>　要打印请按 Ctrl+P，手机上用浏览器菜单里的“打印”。</p>'
_FORM = """<h1>回执码重算</h1>
<p>把回执单上的回执码输进来，会按现在的规定重算一遍，列出结论、要带的材料和地点电话。</p>{wrong}
<form method="post" action="/receipt" autocomplete="off">
<label for="code">回执码</label>
<input id="code" name="code" required maxlength="800" autocapitalize="characters" autocorrect="off" spellcheck="false"
 placeholder="大小写都可以，横线可以不输" value="{code}">
<button>看清单</button>
</form>
<p>这里不保存回执码，也不保存里面的情况。</p>"""


def install(app: Sanic, base: Callable[[], Base], headers: dict[str, str], public_url: str = "") -> None:
    """Adds ``GET`` and ``POST /receipt``.

    Args:
        app: the app; call before it starts.
        base: gives the knowledge that serves, asked anew for every code.
        headers: the security headers of this page, which alone of all may send a form (to itself).
        public_url: the address of this server on paper; "" to go by the request.
    """
    limiter = RateLimiter(PER_MINUTE, burst=int(PER_MINUTE / 3), shared=shared_buckets(), limit="receipt")
    always = {**headers, "Cache-Control": "no-store"}

    async def form(request: Request) -> HTTPResponse:
        return html(_form(), headers=always)

    async def sheet(request: Request) -> HTTPResponse:
        try:
            wait = await limiter.retry_after(request.remote_addr or request.ip)
            if wait:
                raise too_many("too_many", wait)
            return _answer(await _code_of(request), base(), always, public_url or _address_of(request))
        except WebError as error:
            return error.response()
        except SanicException:
            raise
        except Exception as error:  # the kind of it is logged, and nothing that was sent
            log_failure("A receipt", error)
            return WebError("internal").response()

    app.add_route(form, "/receipt", methods=["GET", "HEAD"], name="receipt_form")
    app.add_route(sheet, "/receipt", methods=["POST"], name="receipt_sheet", stream=True)


def _answer(code: str, base: Base, headers: dict[str, str], public_url: str) -> HTTPResponse:
    try:
        made = sheet_of(replay(code, base), base)
    except ReceiptError as error:
        return html(_form(code, str(error)), status=422, headers=headers)
    return html(html_of(made, _HEAD, _AGAIN, public_url), headers=headers)


def _form(code: str = "", wrong: str = "") -> str:
    said = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    return page_html("回执码重算", _FORM.format(wrong=said, code=escape(code)), _HEAD)


def _address_of(request: Request) -> str:
    """The address by which this request came, as far as Sanic believes what stands in it; "" for one that is none."""
    host = request.host
    return f"{request.scheme}://{host}" if re.fullmatch(r"[A-Za-z0-9.:\[\]-]{1,255}", host) else ""


async def _code_of(request: Request) -> str:
    """The form's code as it was typed. Raises WebError for what is no form, or is too large."""
    assert request.stream is not None
    request.stream.request_max_size = MAX_DRAIN_BYTES
    raw = b""
    while chunk := await request.stream.read():
        raw += chunk
        if len(raw) > MAX_FORM_BYTES:
            raise WebError("body_too_large")
    try:
        fields = parse_qs(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=5, errors="strict")
    except ValueError:
        raise WebError("bad_request") from None
    return (fields.get("code") or [""])[0].strip()
