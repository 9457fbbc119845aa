"""What an account is to WeChat's API: its AppID and secret, what it may do, and where the API is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.settings import CannotServe, given, secret_of

API = "https://api.weixin.qq.com"
#: What an account may do beyond passive replies: ``service``: customer-service messages; ``msgmenu``: lines to tap in
#: them (verified accounts).
RIGHTS = frozenset({"service", "msgmenu"})
_ID = re.compile(r"[A-Za-z0-9_-]{4,64}")
_BASE = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
                   r"|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?")


@dataclass(frozen=True)
class ApiAccount:
    """An account that may call the API. The secret stands in no repr. ``rights``: of ``RIGHTS``."""

    appid: str
    secret: str = field(repr=False)
    base: str = API
    rights: frozenset[str] = frozenset()


def api_account() -> ApiAccount | None:
    """The official account from the environment; None where it has no secret, and so no API.

    Raises:
        CannotServe: for a value that cannot be, with a Chinese sentence that never holds the secret.
    """
    rights = account_rights()
    secret = secret_of("LINLITONG_WECHAT_SECRET")
    appid = app_id("LINLITONG_WECHAT_APPID")
    if secret and not appid:
        raise CannotServe("有 LINLITONG_WECHAT_SECRET，还要写 LINLITONG_WECHAT_APPID（公众号的 AppID）")
    if not secret:
        if rights:
            raise CannotServe("LINLITONG_WECHAT_RIGHTS 写了 service，要用到 AppSecret：请写 LINLITONG_WECHAT_SECRET，"
                              "或者把 RIGHTS 改成 passive")
        return None
    return ApiAccount(appid, secret, api_base(), rights)


def mini_account() -> ApiAccount | None:
    """The mini-program from the environment (LINLITONG_WECHAT_MINI_APPID, …_MINI_SECRET); None where there is none.

    Raises:
        CannotServe: for a value that cannot be.
    """
    secret = secret_of("LINLITONG_WECHAT_MINI_SECRET")
    appid = app_id("LINLITONG_WECHAT_MINI_APPID")
    if bool(secret) != bool(appid):
        raise CannotServe("LINLITONG_WECHAT_MINI_APPID 和 LINLITONG_WECHAT_MINI_SECRET 要一起写，或者都不写")
    return ApiAccount(appid, secret, api_base()) if secret else None


def account_rights(prefix: str = "LINLITONG_WECHAT") -> frozenset[str]:
    """``<prefix>_RIGHTS``; none where nothing is said. Raises CannotServe for another word."""
    raw = given(f"{prefix}_RIGHTS", "passive")
    rights = frozenset(word.strip() for word in re.split("[,，]", raw)) - {"", "passive"}
    if rights - RIGHTS or ("msgmenu" in rights and "service" not in rights):
        raise CannotServe(f"{prefix}_RIGHTS 要写 passive（只能被动回复）、service（能发客服消息）"
                          f"或 service,msgmenu（还能发菜单消息），现在是 {raw!r}")
    return rights


def api_base() -> str:
    """Where the API is (LINLITONG_WECHAT_API). Raises CannotServe unless it is https, or this machine (a simulator)."""
    raw = given("LINLITONG_WECHAT_API", API).rstrip("/")
    if not _BASE.fullmatch(raw):
        raise CannotServe(f"LINLITONG_WECHAT_API 要写 https:// 开头的地址（模拟器可以写 http://127.0.0.1:端口），"
                          f"现在是 {raw!r}")
    return raw


def app_id(name: str) -> str:
    """An AppID from the environment or a file; "" for none. Raises CannotServe for what cannot be one."""
    raw = secret_of(name)
    if raw and not _ID.fullmatch(raw):
        raise CannotServe(f"{name} 要写公众平台上的 AppID（字母和数字），现在是 {raw!r}")
    return raw
