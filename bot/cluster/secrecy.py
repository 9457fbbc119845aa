"""Nothing of a resident lies in Redis in clear: names of keys are keyed hashes, and what is passed on is sealed."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NAME_BYTES = 16
_NONCE_BYTES = 12


class Secrecy:
    """Hashes and seals by a secret that all processes of a city share."""

    def __init__(self, secret: bytes) -> None:
        self._names = _derived(secret, b"names in redis")
        self._cipher = AESGCM(_derived(secret, b"news in redis"))

    def name(self, value: str) -> str:
        """A name for ``value`` (a session, an address) that does not tell it; 32 hexadecimal digits."""
        raw = value.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(raw, key=self._names, digest_size=_NAME_BYTES).hexdigest()

    def seal(self, content: Any, to: str) -> bytes:
        """``content`` (JSON) so that only our processes can read it, and only as something for ``to``."""
        plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, to.encode())

    def open(self, sealed: bytes, to: str) -> Any:
        """What was sealed. Raises ValueError for what none of our processes sealed for ``to``."""
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], to.encode())
        except (InvalidTag, ValueError):
            raise ValueError("not sealed by us") from None
        return json.loads(plain.decode("utf-8", "surrogatepass"))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    # The secret itself signs sessions; what is at work here must not help with that.
    return hashlib.blake2b(purpose, key=hashlib.sha256(secret).digest(), digest_size=32).digest()
