"""Names for residents and messages that tell nobody who they are: keyed hashes, so that no OpenID is ever stored."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence


class Residents:
    """Hashes with a key of its own, derived from the server's secret, for one account."""

    def __init__(self, secret: bytes, receive_id: str) -> None:
        self._key = hmac.new(secret, b"linlitong wechat resident", hashlib.sha256).digest()
        self._account = receive_id

    def conversation(self, openid: str) -> str:
        """The conversation's id: 32 hexadecimal digits, the same for this resident at this account for ever."""
        return self._hash("conversation", openid)[:32]

    def message(self, identity: Sequence[str]) -> str:
        """A message's key, the same for each of its tries."""
        return self._hash("message", *identity)

    def request(self, *parts: str) -> str:
        """A request's key: its signature, timestamp and nonce."""
        return self._hash("request", *parts)

    def _hash(self, *parts: str) -> str:
        # Each part behind its length: ("ab", "c") is another than ("a", "bc").
        sealed = "".join(f"{len(part)}:{part}" for part in (self._account, *parts))
        return hmac.new(self._key, sealed.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
