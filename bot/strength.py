"""Whether a secret can be guessed: what people type in haste, or leave as a document had it."""

from __future__ import annotations

#: Stand in secrets of documents and of haste; no program draws one of them but once in many millions.
_WORDS = ("changeme", "change-me", "change_me", "password", "passwd", "secret", "example", "please", "default",
          "replace", "linlitong", "qwerty", "12345678", "密钥", "密码", "口令", "改成")
#: Fewer different bytes than these no program draws for 32 or more.
_FEWEST = 10
_SHORT_WORDS = frozenset({
    "token", "weixin", "wechat", "wecom", "test", "testtoken", "mytoken", "admin", "abc", "qwerty", "password",
    "secret", "changeme", "root", "demo", "",
})


def guessable(secret: bytes) -> bool:
    """Whether a key of 32 bytes or more is one that somebody made up, or a few characters again and again."""
    if len(set(secret)) < _FEWEST or _repeats(secret):
        return True
    lower = secret.lower()
    return any(word.encode() in lower for word in _WORDS)


def guessable_token(token: str) -> bool:
    """The same for the short token (letters and digits) that somebody chose for WeChat's console."""
    return len(token) < 8 or len(set(token)) < 5 or token.lower().strip("0123456789") in _SHORT_WORDS


def _repeats(secret: bytes) -> bool:
    """Whether it is one piece of at most half its length, over and over."""
    return any((secret[:size] * (len(secret) // size + 1))[:len(secret)] == secret
               for size in range(1, len(secret) // 2 + 1))
