"""Signatures and encryption of WeChat's pushes: SHA-1 over sorted strings, AES-256-CBC around a framed message."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import struct
from typing import Optional

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

#: WeChat pads to 32 bytes, though a block of AES has 16.
PAD = 32


class CipherError(ValueError):
    """A text that this account cannot have encrypted; the message says what is wrong with it."""


def sign(*parts: str) -> str:
    """The signature of strings (token, timestamp, nonce and, for ``msg_signature``, the ciphertext): 40 hex digits."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class Cipher:
    """Encrypts and decrypts for one account.

    Args:
        encoding_aes_key: the 43 characters of the console.
        receive_id: the AppID, or WeCom's CorpID, that ends each message.
    """

    def __init__(self, encoding_aes_key: str, receive_id: str) -> None:
        if len(encoding_aes_key) != 43:
            raise ValueError("EncodingAESKey 要有 43 个字符")
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._receive_id = receive_id.encode()

    def encrypt(self, plain: bytes, random16: Optional[bytes] = None) -> str:
        """``plain`` as Base64 of its ciphertext; ``random16``: the first 16 bytes, drawn if not given."""
        framed = (random16 or secrets.token_bytes(16)) + struct.pack("!I", len(plain)) + plain + self._receive_id
        missing = PAD - len(framed) % PAD
        run = BlockCipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).encryptor()
        return base64.b64encode(run.update(framed + bytes([missing]) * missing) + run.finalize()).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """What was encrypted. Raises CipherError for anything that this account cannot have made."""
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise CipherError("密文不是 Base64") from None
        if not raw or len(raw) % PAD:
            raise CipherError(f"密文长度 {len(raw)} 不是 {PAD} 的倍数")
        run = BlockCipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
        padded = run.update(raw) + run.finalize()
        missing = padded[-1]
        if not 1 <= missing <= PAD or padded[-missing:] != bytes([missing]) * missing:
            raise CipherError("填充不对，多半是密钥不对")
        framed = padded[:-missing]
        if len(framed) < 20:
            raise CipherError("密文太短")
        (length,) = struct.unpack("!I", framed[16:20])
        plain, receive_id = framed[20:20 + length], framed[20 + length:]
        if len(plain) != length or receive_id != self._receive_id:
            raise CipherError("末尾的 AppID 不对")
        return plain
