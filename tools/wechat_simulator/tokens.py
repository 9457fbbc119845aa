"""Access tokens as ``stable_token`` gives them."""

from __future__ import annotations

import secrets
from typing import Union

from tools.wechat_simulator.clock import Clock

LIFETIME_S = 7200
#: So long before its end a token is replaced in the normal mode; the old one is good to its end.
RENEWED_EARLY_S = 300
FORCED_A_DAY, FORCED_APART_S = 20, 30.0
#: What the limits of a forced renewal answer is not documented; these are the codes of used-up quotas.
DAILY_LIMIT, MINUTE_LIMIT = 45009, 45011
MISSING, NOT_LATEST, INVALID, EXPIRED = 41001, 40001, 40014, 42001


class Tokens:
    """The tokens of one account; several may be good at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._latest = ""
        #: Why a token is good no longer, where not for its age.
        self._revoked: dict[str, int] = {}
        self._forced: list[float] = []
        #: Tokens given out that were new, for tests of caches.
        self.issued = 0

    def issue(self, force: bool) -> Union[tuple[str, int], int]:
        """A token and its remaining seconds, or the errcode of a forced renewal too many."""
        now = self._clock.now()
        if force:
            self._forced = [at for at in self._forced if now - at < 86400]
            if len(self._forced) >= FORCED_A_DAY:
                return DAILY_LIMIT
            if self._forced and now - self._forced[-1] < FORCED_APART_S:
                return MINUTE_LIMIT
            self._forced.append(now)
            self.revoke(NOT_LATEST)
        left = self._until.get(self._latest, 0.0) - now
        if self._latest in self._revoked or left <= RENEWED_EARLY_S:
            self._latest = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}"
            self._until[self._latest] = now + LIFETIME_S
            self.issued += 1
            left = LIFETIME_S
        return self._latest, int(left)

    def revoke(self, errcode: int = EXPIRED) -> None:
        """Every token that was given out is refused with ``errcode`` from now on."""
        for token in self._until:
            self._revoked.setdefault(token, errcode)

    def check(self, token: str) -> int:
        """0 for a good token, else the errcode."""
        if not token:
            return MISSING
        if token not in self._until:
            return INVALID
        if token in self._revoked:
            return self._revoked[token]
        return 0 if self._clock.now() < self._until[token] else EXPIRED
