"""Whether a request is of this minute, and which one it is.

WeChat signs timestamp and nonce (in the encrypted modes the message too). Its documents do not say whether a retry
carries the nonce of the first try, so both are taken: a try is known by its message, and a request that came before
is welcome again as long as it brings the same message. The same nonce with another message is a replay, made by
somebody who overheard a request in the plain mode, where the signature does not cover the body.
"""

from __future__ import annotations

import re

#: Seconds that WeChat's clock and ours may differ.
MOST_OFF_S = 300.0


class Stale(ValueError):
    """A request of another time; ``off_s``: seconds between WeChat's clock and ours, None where no time was given."""

    def __init__(self, off_s: float | None) -> None:
        super().__init__("stale")
        self.off_s = off_s


def check_time(timestamp: str, now: float, most_off_s: float = MOST_OFF_S) -> None:
    """Raises Stale unless ``timestamp`` (seconds since 1970, in digits) is within ``most_off_s`` of ``now``."""
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise Stale(None)
    off = int(timestamp) - now
    if abs(off) > most_off_s:
        raise Stale(off)
