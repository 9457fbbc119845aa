"""One account's settings, from the environment or from files (for secrets that are mounted as files)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.channels.wechat.codec import KEY_CHARS
from bot.settings import CannotServe, adcode, given

Mode = Literal["plain", "compatible", "safe"]
MODES: tuple[Mode, ...] = ("plain", "compatible", "safe")
#: ``service``: may send customer service messages; ``msgmenu``: may send lines to tap. Replies alone: ``passive``.
RIGHTS = ("service", "msgmenu")
WECHAT, WECOM = "LINLITONG_WECHAT", "LINLITONG_WECOM"


@dataclass(frozen=True)
class Account:
    """What an account is set to. Secrets are never shown.

    ``receive_id``: AppID of an official account, CorpID of WeCom. ``rights``: of ``RIGHTS``; empty for passive replies
    alone. ``region``: the adcode that conversations begin in, "" for the server's own.
    """

    receive_id: str
    token: str = field(repr=False)
    mode: Mode = "safe"
    aes_key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    rights: frozenset[str] = frozenset()
    region: str = ""
    #: The EncodingAESKey before a change in the console: WeChat goes on with it for a while.
    old_aes_key: str = field(default="", repr=False)
    #: WeCom: the URL check brings its echo encrypted, and nothing ever comes in the clear.
    wecom: bool = False


def official_account() -> Account | None:
    """The official account of ``LINLITONG_WECHAT_…``; None without a token. Raises CannotServe for a wrong value."""
    token = _value(f"{WECHAT}_TOKEN")
    if not token:
        return None
    mode = given(f"{WECHAT}_MODE", "safe")
    if mode not in MODES:
        raise CannotServe(f"{WECHAT}_MODE 要写 plain（明文）、compatible（兼容）或 safe（安全），现在是 {mode!r}")
    return Account(
        receive_id=_receive_id(f"{WECHAT}_APPID", "公众号的 AppID，wx 开头"), token=_token(WECHAT, token),
        mode=mode, aes_key="" if mode == "plain" else _aes_key(WECHAT), secret=_value(f"{WECHAT}_SECRET"),
        rights=_rights(WECHAT), region=_region(WECHAT), old_aes_key="" if mode == "plain" else _old_aes_key(WECHAT),
    )


def wecom_app() -> Account | None:
    """The app in WeCom of ``LINLITONG_WECOM_…``; None without a token. Raises CannotServe for a wrong value."""
    token = _value(f"{WECOM}_TOKEN")
    if not token:
        return None
    return Account(
        receive_id=_receive_id(f"{WECOM}_CORPID", "企业ID，ww 或 wx 开头"), token=_token(WECOM, token), mode="safe",
        aes_key=_aes_key(WECOM), secret=_value(f"{WECOM}_SECRET"), rights=_rights(WECOM), region=_region(WECOM),
        old_aes_key=_old_aes_key(WECOM), wecom=True,
    )


def _value(name: str) -> str:
    """The variable, or what stands in the file that ``<name>_FILE`` names; "" where neither is set."""
    direct, path = given(name, ""), given(f"{name}_FILE", "")
    if direct and path:
        raise CannotServe(f"{name} 和 {name}_FILE 只能写一个")
    if not path:
        return direct
    try:
        # One line, as an editor or a secret store leaves it; of a file that is no text nothing is shown.
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise CannotServe(f"{name}_FILE 指的文件读不出来：{path}") from None
    if not value:
        raise CannotServe(f"{name}_FILE 指的文件是空的：{path}")
    return value


def _token(prefix: str, token: str) -> str:
    # The form that the console accepts. The value itself is never repeated.
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", token):
        raise CannotServe(f"{prefix}_TOKEN 要和后台填的一样，是 3 到 32 个英文字母或数字")
    return token


def _aes_key(prefix: str) -> str:
    key = _value(f"{prefix}_AES_KEY")
    if not re.fullmatch(rf"[A-Za-z0-9]{{{KEY_CHARS}}}", key):
        state = f"现在是 {len(key)} 个字符" if key else "现在没有写"
        raise CannotServe(f"{prefix}_AES_KEY 要写后台的 EncodingAESKey，{KEY_CHARS} 个英文字母或数字，{state}")
    return key


def _old_aes_key(prefix: str) -> str:
    key = _value(f"{prefix}_AES_KEY_OLD")
    if key and not re.fullmatch(rf"[A-Za-z0-9]{{{KEY_CHARS}}}", key):
        raise CannotServe(f"{prefix}_AES_KEY_OLD 是换之前的 EncodingAESKey，{KEY_CHARS} 个英文字母或数字，"
                          f"现在是 {len(key)} 个字符；没换过就不用写")
    return key


def _receive_id(name: str, what: str) -> str:
    value = _value(name)
    if not re.fullmatch(r"[A-Za-z0-9_-]{4,64}", value):
        raise CannotServe(f"{name} 要写{what}，现在是 {value!r}")
    return value


def _rights(prefix: str) -> frozenset[str]:
    raw = given(f"{prefix}_RIGHTS", "passive")
    rights = frozenset(word.strip() for word in re.split("[,，]", raw)) - {"", "passive"}
    if rights - set(RIGHTS) or ("msgmenu" in rights and "service" not in rights):
        raise CannotServe(f"{prefix}_RIGHTS 要写 passive（只能被动回复）、service（能发客服消息）"
                          f"或 service,msgmenu（还能发菜单消息），现在是 {raw!r}")
    return rights


def _region(prefix: str) -> str:
    raw = given(f"{prefix}_REGION", "")
    return adcode(f"{prefix}_REGION", raw) if raw else ""


def is_set(prefix: str) -> bool:
    """Whether a token is given, in either way."""
    return bool(os.environ.get(f"{prefix}_TOKEN", "").strip() or os.environ.get(f"{prefix}_TOKEN_FILE", "").strip())
