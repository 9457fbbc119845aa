"""The account whose server is under test, and how long WeChat waits for that server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Optional

from tools.wechat_simulator.cipher import Cipher

Mode = Literal["plain", "compatible", "safe"]


@dataclass(frozen=True)
class Account:
    """What the console of an official account, or of a WeCom app, knows of it."""

    #: Where WeChat pushes to (the console's URL).
    url: str
    token: str
    #: AppID, or WeCom's CorpID.
    appid: str
    #: EncodingAESKey, 43 characters; not needed in the plain mode.
    aes_key: str = ""
    mode: Mode = "safe"
    #: WeCom pushes encrypted only, with an AgentID, and checks the URL by an encrypted echostr.
    wecom: bool = False
    secret: str = "secret-of-the-simulator"
    #: The name in ToUserName.
    original_id: str = "gh_0123456789ab"
    agent_id: str = "1000002"
    #: A verified account may call the customer-service and menu APIs; another gets errcode 48001.
    verified: bool = True

    def __post_init__(self) -> None:
        if self.wecom and self.mode != "safe":
            raise ValueError("企业微信只有加密的方式")
        if self.mode != "plain":
            Cipher(self.aes_key, self.appid)

    @property
    def name(self) -> str:
        """Who its pushes are addressed to, and who its replies come from."""
        return self.appid if self.wecom else self.original_id

    def cipher(self) -> Optional[Cipher]:
        """Its cipher; None in the plain mode."""
        return None if self.mode == "plain" else Cipher(self.aes_key, self.appid)


@dataclass(frozen=True)
class Timing:
    """How patient WeChat is, in seconds of the wall clock."""

    #: One try lasts so long at most (documented: 5).
    patience_s: float = 5.0
    #: Tries of one push in all (documented: 3).
    tries: int = 3
    #: How long it waits after a try that failed at once (connection refused, status not 200). Not documented.
    pause_s: float = 1.0
    #: The URL check of an official account; WeCom's is 1 s (documented).
    verify_s: float = 5.0
    verify_wecom_s: float = 1.0

    def scaled(self, factor: float) -> Timing:
        """The same with every wait ``factor`` times as long; for tests."""
        return replace(self, patience_s=self.patience_s * factor, pause_s=self.pause_s * factor)
