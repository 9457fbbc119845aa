"""What the web channel says when a request cannot be served: a code for programs, a sentence for people."""

from __future__ import annotations

import json
import logging
import traceback
from functools import partial
from typing import Any

from sanic import response
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse

from bot.channels.limits import MAX_COMMENT_CHARS, MAX_TEXT_CHARS
from bot.channels.script import HANS, written
from bot.observing.metrics import metrics

logger = logging.getLogger(__name__)

#: code → (HTTP status, what a resident can do about it)
ERRORS: dict[str, tuple[int, str]] = {
    "bad_json": (400, "发送的内容没有收完整，请再发一次。"),
    "bad_request": (400, "发送的内容格式不对，请刷新页面后再试。"),
    "bad_message_id": (400, "这条消息的编号不对，请刷新页面后再发。"),
    "bad_region": (400, "没有认出您选的地区，请重新选择地区。"),
    "bad_location": (400, "没有读懂您的位置，请直接打字告诉我地名，例如“五角场”。"),
    "bad_answer_id": (404, "没有找到您评价的那条回答，请刷新页面后再试。"),
    "empty_text": (400, "您还没有写内容，请把想问的事打几个字再发送。"),
    "text_too_long": (413, f"您写得太长了，请缩短到{MAX_TEXT_CHARS}个字以内，或分几次发。"),
    "comment_too_long": (413, f"意见写得太长了，请缩短到{MAX_COMMENT_CHARS}个字以内。"),
    "body_too_large": (413, f"发送的内容太大了，请缩短到{MAX_TEXT_CHARS}个字以内再发。"),
    "head_too_large": (431, "浏览器发来的网址或信息太长了，请清除本网站的 Cookie，再打开首页。"),
    "no_token": (401, "请先刷新页面，再继续提问。"),
    "token_invalid": (401, "这次对话无法确认，请刷新页面后再问。"),
    "token_expired": (401, "隔的时间太久，对话已经结束。请刷新页面，重新提问。"),
    "wrong_origin": (403, "这个网站还没有登记，不能在这里提问。请打开邻里通自己的网页，或拨打12345。"),
    "not_found": (404, "没有这个页面，请回到首页。"),
    "wrong_method": (405, "不能这样打开这个地址，请回到首页提问。"),
    "too_many": (429, "您发得太快了，请等一会儿再发。急事请拨打12345。"),
    "too_many_waiting": (429, "前面几条还没有答完，请等回复出来再发。"),
    "too_many_streams": (429, "同时打开的页面太多了，请关掉几个再试。"),
    "request_timeout": (408, "网络太慢，内容没有收完整，请再发一次。"),
    "starting": (503, "我们正在准备，请过一分钟再试。急事请拨打12345。"),
    "stopping": (503, "这台服务器正要休息，请过几秒再试，会有别的来接。急事请拨打12345。"),
    "storage_down": (503, "记录这会儿读写不了，请过几分钟再试。急事请拨打12345。"),
    "no_order": (503, "这会儿连不上后台，您的话还没有回答，请过几秒再发一次。急事请拨打12345。"),
    "not_deleted": (503, "记录这会儿没有删成，请过几分钟再点一次“清除我的记录”。"),
    "internal": (500, "我们这边出了点问题，请过一会儿再试。急事请拨打12345。"),
}


#: After so many seconds a call that could not be stored is welcome again.
STORAGE_RETRY_S = 2


class WebError(Exception):
    """Ends a request with the error ``code``; ``headers`` go with the answer."""

    def __init__(self, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.headers = headers or {}

    def response(self, script: str = HANS) -> HTTPResponse:
        """The error as the contract has it: ``{"error": {"code", "message"}}``."""
        return error_response(self.code, self.headers, script)


def too_many(code: str, retry_after_s: int) -> WebError:
    """429 with the whole seconds after which another try is welcome."""
    return WebError(code, {"Retry-After": str(retry_after_s)})


def storage_down() -> WebError:
    """503 with the seconds after which another try is welcome."""
    return WebError("storage_down", {"Retry-After": str(STORAGE_RETRY_S)})


def no_order() -> WebError:
    """503 for a message whose turn could not be found out; another try is welcome soon."""
    return WebError("no_order", {"Retry-After": str(STORAGE_RETRY_S)})


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    """``body`` as UTF-8 JSON that no cache keeps, by the same encoder whether ujson is installed or not."""
    dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    return response.json(body, status=status, headers={"Cache-Control": "no-store", **(headers or {})}, dumps=dumps)


def error_response(code: str, headers: dict[str, str] | None = None, script: str = HANS) -> HTTPResponse:
    """The body, status and headers for ``code``; the sentence in ``script``."""
    status, message = ERRORS[code]
    counting = metrics()
    if counting is not None:
        counting.refused(code, status)
    return json_response({"error": {"code": code, "message": written(message, script)}}, status, headers)


def code_of(error: Exception, head_read: bool = True) -> str:
    """The contract's code for an error that Sanic raised, or that nobody expected.

    ``head_read``: whether the request's first lines could be read; if not, whatever went wrong came from outside.
    """
    status = (error.status_code or 500) if isinstance(error, SanicException) else 500
    if not head_read:
        return {408: "request_timeout", 413: "head_too_large"}.get(status, "bad_request")
    known = {404: "not_found", 405: "wrong_method", 408: "request_timeout", 413: "body_too_large"}
    return known.get(status, "bad_request" if status < 500 else "internal")


def log_failure(what: str, error: BaseException) -> None:
    """Logs the kind of an error and where it rose, but not its words: they may quote a resident."""
    frames = "".join(traceback.format_tb(error.__traceback__)[-8:])
    logger.error("%s failed: %s\n%s", what, type(error).__name__, frames)
