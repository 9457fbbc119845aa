"""One account's settings, from the environment or from files (for secrets that are mounted as files)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from bot.channels.wechat.api_account import account_rights
from bot.channels.wechat.codec import KEY_CHARS
from bot.settings import CannotServe, adcode, given, secret_of
from bot.strength import guessable_token

Mode = Literal["plain", "compatible", "safe"]
MODES: tuple[Mode, ...] = ("plain", "compatible", "safe")
WECHAT, WECOM = "LINLITONG_WECHAT", "LINLITONG_WECOM"


@dataclass(frozen=True)
class Account:
    """What an account is set to. Secrets are never shown.

    ``receive_id``: AppID of an official account, CorpID of WeCom. ``rights``: of ``api_account.RIGHTS``; empty for
    passive replies alone. ``region``: the adcode that conversations begin in, "" for the server's own.
    """

    receive_id: str
    token: str = field(repr=False)
    mode: Mode = "safe"
    aes_key: str = field(default="", repr=False)
    rights: frozenset[str] = frozenset()
    region: str = ""
    #: The EncodingAESKey before a change in the console: WeChat goes on with it for a while.
    old_aes_key: str = field(default="", repr=False)
    #: WeCom: the URL check brings its echo encrypted, and nothing ever comes in the clear.
    wecom: bool = False


def official_account() -> Account | None:
    """The official account of ``LINLITONG_WECHAT_…``; None without a token. Raises CannotServe for a wrong value."""
    token = secret_of(f"{WECHAT}_TOKEN")
    if not token:
        return None
    mode = given(f"{WECHAT}_MODE", "safe")
    if mode not in MODES:
        raise CannotServe(f"{WECHAT}_MODE 要写 plain（明文）、compatible（兼容）或 safe（安全），现在是 {mode!r}")
    return Account(
        receive_id=_receive_id(f"{WECHAT}_APPID", "公众号的 AppID，wx 开头"), token=_token(WECHAT, token),
        mode=mode, aes_key="" if mode == "plain" else _aes_key(WECHAT),
        rights=account_rights(WECHAT), region=_region(WECHAT),
        old_aes_key="" if mode == "plain" else _old_aes_key(WECHAT),
    )


def wecom_app() -> Account | None:
    """The app in WeCom of ``LINLITONG_WECOM_…``; None without a token. Raises CannotServe for a wrong value."""
    token = secret_of(f"{WECOM}_TOKEN")
    if not token:
        return None
    return Account(
        receive_id=_receive_id(f"{WECOM}_CORPID", "企业ID，ww 或 wx 开头"), token=_token(WECOM, token), mode="safe",
        aes_key=_aes_key(WECOM), rights=account_rights(WECOM), region=_region(WECOM),
        old_aes_key=_old_aes_key(WECOM), wecom=True,
    )


def _token(prefix: str, token: str) -> str:
    # The form that the console accepts. The value itself is never repeated.
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", token):
        raise CannotServe(f"{prefix}_TOKEN 要和后台填的一样，是 3 到 32 个英文字母或数字")
    if guessable_token(token):
        raise CannotServe(f"{prefix}_TOKEN 猜得出来，别人就能冒充微信：请换成 8 位以上随便取的字母和数字，后台也一起改")
    return token


def _aes_key(prefix: str) -> str:
    key = _key_of(f"{prefix}_AES_KEY")
    if not key:
        raise CannotServe(f"{prefix}_AES_KEY 要写后台的 EncodingAESKey，{KEY_CHARS} 个英文字母或数字，现在没有写")
    return key


def _old_aes_key(prefix: str) -> str:
    """The key before a change in the console; "" where there was none."""
    return _key_of(f"{prefix}_AES_KEY_OLD", "换之前的")


def _key_of(name: str, which: str = "的") -> str:
    key = secret_of(name)
    if key and not re.fullmatch(rf"[A-Za-z0-9]{{{KEY_CHARS}}}", key):
        raise CannotServe(f"{name} 要写后台{which} EncodingAESKey，{KEY_CHARS} 个英文字母或数字，"
                          f"现在是 {len(key)} 个字符")
    if key and len(set(key)) < 10:
        raise CannotServe(f"{name} 猜得出来，请在后台点“随机生成”，再复制过来")
    return key


def _receive_id(name: str, what: str) -> str:
    value = secret_of(name)
    if not re.fullmatch(r"[A-Za-z0-9_-]{4,64}", value):
        raise CannotServe(f"{name} 要写{what}，现在是 {value!r}")
    return value


def _region(prefix: str) -> str:
    raw = given(f"{prefix}_REGION", "")
    return adcode(f"{prefix}_REGION", raw) if raw else ""
