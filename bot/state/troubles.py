"""Why a database cannot be used, in one sentence for engineers that never repeats a password."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError

#: A part of what PostgreSQL or libpq says → what to do about it.
_KNOWN = (
    ("password authentication failed", "用户名或密码不对，请检查 STATE_URL"),
    ("no password supplied", "没有写密码，请检查 STATE_URL"),
    ("no pg_hba.conf entry", "PostgreSQL 不让这台机器连接，请检查它的 pg_hba.conf"),
    ("database \"", "PostgreSQL 上没有这个数据库，请先建好，或检查 STATE_URL"),
    ("role \"", "PostgreSQL 上没有这个用户，请检查 STATE_URL"),
    ("could not translate host name", "找不到这台主机，请检查 STATE_URL"),
    ("Connection refused", "主机上没有 PostgreSQL 在听这个端口，请先启动它，或检查 STATE_URL"),
    ("starting up", "PostgreSQL 正在启动，请过一会儿再启动"),
    ("too many clients", "PostgreSQL 的连接用完了，请加大它的 max_connections"),
    ("SSL", "加密连接没有谈成，请检查 STATE_URL 里的 sslmode"),
)


#: What PostgreSQL or the system says while it is only coming up.
_PASSING = ("Connection refused", "starting up", "shutting down", "timeout expired", "too many clients")


def may_pass(error: Exception) -> bool:
    """Whether it may be otherwise in a moment."""
    return any(part in str(getattr(error, "orig", "")) for part in _PASSING)


def unusable(address: Path | str, error: Exception) -> str:
    """The sentence for ``error``, without a stop at its end."""
    told = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    if isinstance(address, Path):
        if "not a database" in told or "malformed" in told:
            return f"{address} 坏了，不是数据库，请把它移走再启动（对话会从头开始）"
        if "full" in told:
            return f"{address} 所在的磁盘满了，请腾出空间再启动"
        return f"对话存不进 {address}，请检查这个文件和它的权限"
    where = urlsplit(address)
    host = f"{where.hostname or '本机'}:{where.port or 5432}"
    why = next((sentence for part, sentence in _KNOWN if part in told), "")
    if getattr(getattr(error, "orig", None), "pgcode", None) == "42501":
        why = "这个用户没有权限建表，请让数据库管理员给他"
    return f"连不上 STATE_URL 指的数据库（{host}）：{why or '没有回应，请检查地址和网络'}"
