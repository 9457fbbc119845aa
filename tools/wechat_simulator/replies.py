"""Reads what the server answered to a push, as strictly as WeChat does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional
from xml.etree.ElementTree import Element

from tools.wechat_simulator.account import Account
from tools.wechat_simulator.cipher import CipherError, sign
from tools.wechat_simulator.pushes import Push
from tools.wechat_simulator.xml_text import NotXml, read, text_of

#: Bytes of UTF-8 in a text; over it users of WeChat measured the notice (passive) and errcode 45002 (API).
MOST_TEXT_BYTES = 2048
#: Articles of a reply to one of these kinds of message; WeChat shows the first and drops the others.
ARTICLES_TO_MESSAGE, ARTICLES_TO_OTHER = 1, 8
_MEDIA = {"image": "Image", "voice": "Voice", "video": "Video"}
_ONE_ARTICLE = ("text", "image", "voice", "video", "shortvideo", "location", "link")


class Malformed(ValueError):
    """An answer for which WeChat shows the user its notice; the message says what is wrong."""


@dataclass(frozen=True)
class Reply:
    """A reply that the user gets to see; see ``Bubble`` for the fields."""

    kind: str
    text: str
    articles: tuple[dict[str, str], ...] = ()
    note: str = ""


def read_reply(body: bytes, account: Account, openid: str, push: Push) -> Optional[Reply]:
    """The reply in the body of a 200; None for "success" or an empty body, which end the matter.

    Raises:
        Malformed: anything else, such as JSON, a plain reply in safe mode, a wrong signature or an empty text.
    """
    if body.strip() in (b"", b"success"):
        return None
    try:
        root = _opened(read(body), account)
        if text_of(root, "ToUserName") != openid:
            raise Malformed("ToUserName 不是发消息的人")
        if text_of(root, "FromUserName") != account.name:
            raise Malformed(f"FromUserName 不是 {account.name}")
        created = text_of(root, "CreateTime")
        if not (created.isascii() and created.isdigit()):
            raise Malformed(f"CreateTime 不是整数：{created!r}")
        return _content(root, push)
    except NotXml as error:
        raise Malformed(str(error)) from None


def _opened(root: Element, account: Account) -> Element:
    """The reply inside its envelope; in plain mode there is none, in compatible mode there may be none."""
    cipher = account.cipher()
    if root.find("Encrypt") is None:
        if account.mode == "safe":
            raise Malformed("安全模式下的回复没有加密")
        return root
    if cipher is None:
        raise Malformed("明文模式下的回复加密了")
    encrypted = text_of(root, "Encrypt")
    wanted = sign(account.token, text_of(root, "TimeStamp"), text_of(root, "Nonce"), encrypted)
    if text_of(root, "MsgSignature") != wanted:
        raise Malformed("MsgSignature 不对")
    try:
        return read(cipher.decrypt(encrypted))
    except CipherError as error:
        raise Malformed(str(error)) from None


def _content(root: Element, push: Push) -> Reply:
    kind = text_of(root, "MsgType")
    if kind == "text":
        content = text_of(root, "Content")
        size = len(content.encode())
        if not content.strip():
            raise Malformed("Content 是空的")
        if size > MOST_TEXT_BYTES:
            raise Malformed(f"Content 有 {size} 字节，最多 {MOST_TEXT_BYTES}")
        return Reply("text", content)
    if kind in _MEDIA:
        media = root.find(_MEDIA[kind])
        if media is None or not text_of(media, "MediaId"):
            raise Malformed(f"{kind} 没有 MediaId")
        return Reply(kind, f"〔{kind}〕")
    if kind == "news":
        return _news(root, push)
    raise Malformed(f"不认识的 MsgType {kind!r}")


def _news(root: Element, push: Push) -> Reply:
    holder = root.find("Articles")
    items = [] if holder is None else holder.findall("item")
    count = text_of(root, "ArticleCount")
    if not items or count != str(len(items)):
        raise Malformed(f"ArticleCount 是 {count!r}，文章有 {len(items)} 篇")
    articles = tuple({"title": text_of(item, "Title"), "description": item.findtext("Description") or "",
                      "picture": item.findtext("PicUrl") or "", "url": text_of(item, "Url")} for item in items)
    if not all(article["title"] for article in articles):
        raise Malformed("有一篇文章没有 Title")
    most = ARTICLES_TO_MESSAGE if push.kind in _ONE_ARTICLE else ARTICLES_TO_OTHER
    left_off = len(articles) - most
    note = f"{left_off} 篇文章超过了限制，没有显示" if left_off > 0 else ""
    return Reply("news", articles[0]["title"], articles[:most], note)
