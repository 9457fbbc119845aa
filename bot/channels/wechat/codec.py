"""WeChat's signatures and message encryption, as published (消息加解密说明), and nothing else.

The key is base64 of the 43 characters of EncodingAESKey with a "=", AES-256-CBC, the IV the first 16 bytes of the key,
PKCS#7 to blocks of 32. What is encrypted: 16 random bytes, the length of the message (4 bytes, big-endian), the
message, and the receive id: the AppID of an official account, the CorpID of WeCom.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
_RANDOM = 16
_HEAD = _RANDOM + 4
KEY_CHARS = 43


class CodecError(ValueError):
    """What came is not from WeChat, or not for us.

    ``code``: ``bad_signature``, ``bad_base64``, ``bad_length``, ``bad_padding``, ``bad_frame``, ``wrong_receiver``, or
    ``bad_key`` for an EncodingAESKey that is none. Never holds anything of the message.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def signature(token: str, *parts: str) -> str:
    """SHA-1, in hexadecimal, over the token and the parts in sorted order.

    ``parts``: timestamp and nonce, and for ``msg_signature`` the encrypted text too.
    """
    return hashlib.sha1("".join(sorted((token, *parts))).encode("utf-8", "surrogatepass")).hexdigest()


def check_signature(given: str, token: str, *parts: str) -> None:
    """Raises CodecError(``bad_signature``) unless ``given`` is the signature of the parts."""
    expected = signature(token, *parts)
    if not hmac.compare_digest(expected.encode("ascii"), given.encode("utf-8", "surrogatepass")):
        raise CodecError("bad_signature")


class Codec:
    """Encrypts and decrypts for one account. Raises CodecError(``bad_key``) for a key of another form.

    Args:
        aes_key: EncodingAESKey, 43 characters.
        receive_id: AppID or CorpID, that stands behind every message.
    """

    def __init__(self, aes_key: str, receive_id: str) -> None:
        if len(aes_key) != KEY_CHARS or not aes_key.isascii() or not aes_key.isalnum():
            raise CodecError("bad_key")
        self._key = base64.b64decode(aes_key + "=")
        self._receive_id = receive_id.encode("utf-8")

    def __repr__(self) -> str:
        return "Codec(…)"

    def decrypt(self, encrypted: str | bytes) -> bytes:
        """The message in ``encrypted`` (base64). Raises CodecError for anything that is not for this account."""
        raw = encrypted.encode("utf-8", "surrogatepass") if isinstance(encrypted, str) else encrypted
        try:
            sealed = base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError):
            raise CodecError("bad_base64") from None
        if not sealed or len(sealed) % BLOCK:
            raise CodecError("bad_length")
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        pad = padded[-1]
        if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
            raise CodecError("bad_padding")
        opened = padded[:-pad]
        if len(opened) < _HEAD:
            raise CodecError("bad_frame")
        end = _HEAD + int.from_bytes(opened[_RANDOM:_HEAD], "big")
        if end > len(opened):
            raise CodecError("bad_frame")
        if not hmac.compare_digest(opened[end:], self._receive_id):
            raise CodecError("wrong_receiver")
        return opened[_HEAD:end]

    def encrypt(self, message: bytes, random16: bytes | None = None) -> str:
        """``message`` encrypted, in base64; ``random16`` only where a published example is to be met."""
        salt = secrets.token_bytes(_RANDOM) if random16 is None else random16
        if len(salt) != _RANDOM:
            raise ValueError("random16 has 16 bytes")
        plain = salt + len(message).to_bytes(4, "big") + message + self._receive_id
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode("ascii")

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
