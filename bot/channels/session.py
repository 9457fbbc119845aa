"""Signed sessions of the web channel.

A token is ``v1.<payload>.<mac>``: the payload (session id, region, expiry) is readable, the HMAC-SHA256
makes it ours. Nothing is stored, so any process with the same secret can check any token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from bot.private_files import private_folder
from bot.settings import CannotServe, secret_of
from bot.strength import guessable

ENV_SECRET = "LINLITONG_SECRET"
SECRET_BYTES = 32
DEFAULT_LIFETIME_S = 7 * 24 * 3600
#: Longer than any token we issue; longer input is refused before it is decoded.
MAX_TOKEN_CHARS = 512
_VERSION = "v1"


class SecretError(CannotServe):
    """The signing secret is missing its strength or cannot be read."""


class TokenError(ValueError):
    """A token that is not accepted; ``code`` is ``token_invalid`` or ``token_expired``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Session:
    """One conversation: 32 hexadecimal digits, the region it began in, expiry in Unix seconds."""

    id: str
    region: str
    expires: int

    @property
    def expires_at(self) -> str:
        """The expiry as RFC 3339 in UTC."""
        return datetime.fromtimestamp(self.expires, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def load_secret(var: Path) -> bytes:
    """Returns the signing secret from the environment (LINLITONG_SECRET, or the file of LINLITONG_SECRET_FILE), else
    from ``<var>/secret``, made on first use.

    Raises:
        SecretError: when the secret is shorter than 32 bytes, or can be guessed.
        OSError: when the file can be neither read nor written.
    """
    given = secret_of(ENV_SECRET) if os.environ.get(f"{ENV_SECRET}_FILE") else os.environ.get(ENV_SECRET, "")
    if given:
        secret = given.encode("utf-8")
        if guessable(secret) and len(secret) >= SECRET_BYTES:
            raise SecretError(f"{ENV_SECRET} 猜得出来（常见的词、重复的字），请用 openssl rand -hex 32 另做一个")
        if len(secret) < SECRET_BYTES:
            raise SecretError(f"{ENV_SECRET} 至少要 {SECRET_BYTES} 个字节，请换一个长一点的")
        return secret
    path = var / "secret"
    if not path.exists():
        _create_secret(path)
    if path.stat().st_uid not in (0, os.geteuid()):
        # In a folder that others use too: whoever made it knows it.
        raise SecretError(f"{path} 属于别的用户，他也知道这个密钥：请删掉它，启动时会另做一个")
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise SecretError(f"{path} 不足 {SECRET_BYTES} 个字节，请删掉它，启动时会另做一个")
    if guessable(secret):
        raise SecretError(f"{path} 里的密钥猜得出来，请删掉它，启动时会另做一个")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return secret


def _create_secret(path: Path) -> None:
    private_folder(path.parent)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        # Two processes may start at once: link() lets exactly one of them win, with a whole file.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class Sessions:
    """Issues and verifies tokens with one secret."""

    def __init__(
        self, secret: bytes, lifetime_s: int = DEFAULT_LIFETIME_S, clock: Callable[[], float] = time.time
    ) -> None:
        if len(secret) < SECRET_BYTES:
            raise SecretError(f"A secret needs at least {SECRET_BYTES} bytes.")
        # A key of its own, so that a signature made elsewhere with the same secret never passes as a token.
        self._key = hmac.new(secret, b"linlitong web session", hashlib.sha256).digest()
        self._lifetime = lifetime_s
        self._clock = clock

    def issue(self, region: str = "") -> tuple[Session, str]:
        """Begins a session with a random 128-bit id; gives it with its token."""
        return self.issue_for(secrets.token_hex(16), region)

    def issue_for(self, session_id: str, region: str = "") -> tuple[Session, str]:
        """The same for an id of 32 hexadecimal digits that nobody else can know."""
        session = Session(session_id, region, int(self._clock()) + self._lifetime)
        payload = json.dumps({"s": session.id, "r": session.region, "x": session.expires}, separators=(",", ":"))
        body = f"{_VERSION}.{_encode(payload.encode('utf-8'))}"
        return session, f"{body}.{_encode(self._mac(body))}"

    def verify(self, token: str, grace_s: float = 0.0) -> Session:
        """Gives the session of a token, also of one that has ended ``grace_s`` seconds ago or less.

        Raises:
            TokenError: when the token is not ours, was altered, or has expired.
        """
        if not token or len(token) > MAX_TOKEN_CHARS or not token.isascii() or token.count(".") != 2:
            raise TokenError("token_invalid")
        body, _, mac = token.rpartition(".")
        try:
            given = _decode(mac)
        except (binascii.Error, ValueError):
            raise TokenError("token_invalid") from None
        # The canonical form is compared too: base64 would let spare bits of the last character vary.
        if not hmac.compare_digest(self._mac(body), given) or _encode(given) != mac:
            raise TokenError("token_invalid")
        # From here on the payload is our own.
        version, _, payload = body.partition(".")
        fields = json.loads(_decode(payload))
        if version != _VERSION:
            raise TokenError("token_invalid")
        if fields["x"] + grace_s <= self._clock():
            raise TokenError("token_expired")
        return Session(fields["s"], fields["r"], fields["x"])

    def _mac(self, body: str) -> bytes:
        return hmac.new(self._key, body.encode("ascii"), hashlib.sha256).digest()
