"""WeChat: its users, what they do, what they see, and what the account may send them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

from tools.wechat_simulator import pushes
from tools.wechat_simulator.account import Account, Timing
from tools.wechat_simulator.clock import Clock
from tools.wechat_simulator.delivery import Delivered, Delivery
from tools.wechat_simulator.faults import NO_FAULTS, PushFaults
from tools.wechat_simulator.menu import Menu
from tools.wechat_simulator.pushes import Push
from tools.wechat_simulator.quota import Windows
from tools.wechat_simulator.tokens import Tokens
from tools.wechat_simulator.transcript import Bubble, Transcript

#: What WeChat shows where the server does not answer, or not as it should.
NOTICE = "该公众号暂时无法提供服务，请稍后再试"


@dataclass(frozen=True)
class Sent:
    """Something that a user did, and how its push ended."""

    #: What identifies it: MsgId, or of an event name and time.
    id: str
    user: str
    push: Push
    at: float
    faults: PushFaults
    delivered: Delivered


class WeChat:
    """One account and its followers. Use as an async context manager.

    Args:
        account: whose server is pushed to.
        timing: how long WeChat waits.
        clock: its clock.
        faults: what goes wrong with a push; ``Chaos`` draws it.
        same_nonce: see ``Delivery``.
    """

    def __init__(self, account: Account, *, timing: Optional[Timing] = None, clock: Optional[Clock] = None,
                 faults: Callable[[Push], PushFaults] = lambda push: NO_FAULTS, same_nonce: bool = False) -> None:
        self.account = account
        self.clock = clock or Clock()
        self.transcript = Transcript()
        self.sent: list[Sent] = []
        self.windows = Windows()
        self.tokens = Tokens(self.clock)
        self.menu: Optional[Menu] = None
        #: Those who follow the account; others cannot be sent anything.
        self.followers: set[str] = set()
        self.faults = faults
        self._delivery = Delivery(account, timing or Timing(), self.clock, same_nonce=same_nonce)
        self._ids = itertools.count(secrets.randbelow(2 ** 40) + 2 ** 54)
        self._last_event: dict[str, int] = {}
        self._under_way: set[asyncio.Task[Sent]] = set()

    async def __aenter__(self) -> WeChat:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.settle()
        await self._delivery.close()

    # --- users ----------------------------------------------------------------------------------

    def new_user(self, *, follows: bool = True) -> str:
        """The OpenID of a new user (a UserID for WeCom); one who follows, without the event for it."""
        user = f"{'u' if self.account.wecom else 'o'}{secrets.token_urlsafe(21)[:27]}"
        if follows:
            self.followers.add(user)
        return user

    async def verify(self) -> str:
        """The console's check of the URL; "" or why it fails."""
        return await self._delivery.verify()

    async def do(self, user: str, push: Push, faults: Optional[PushFaults] = None) -> Sent:
        """Let a user do something and wait until WeChat is done with it (three tries at most)."""
        at = self.clock.now()
        if push.kind == "unsubscribe":
            self.followers.discard(user)
            self.windows.close(user)
        else:
            self.followers.add(user)
        if push.opens:
            self.windows.open(user, push.opens, at)
        msg_id, created = next(self._ids), int(at)
        if push.is_event:
            # Name and time identify an event, so no two of one user may share them.
            created = self._last_event[user] = max(created, self._last_event.get(user, 0) + 1)
        name = f"{user}-{created}" if push.is_event else str(msg_id)
        if push.shown:
            self.transcript.add(Bubble(at, user, "user", push.shown, name, kind=push.kind))
        drawn = self.faults(push) if faults is None else faults
        delivered = await self._delivery.push(push, user, msg_id, created, drawn)
        self._show(user, push, name, delivered)
        sent = Sent(name, user, push, at, drawn, delivered)
        self.sent.append(sent)
        return sent

    def start(self, user: str, push: Push, faults: Optional[PushFaults] = None) -> asyncio.Task[Sent]:
        """``do`` without waiting for it; WeChat does not wait for one message before it pushes the next."""
        task: asyncio.Task[Sent] = asyncio.get_running_loop().create_task(self.do(user, push, faults))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def settle(self) -> None:
        """Wait until every push has ended."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def _show(self, user: str, push: Push, name: str, delivered: Delivered) -> None:
        if not push.answerable:
            return
        now = self.clock.now()
        reply = delivered.reply
        if reply is not None:
            self.transcript.add(Bubble(now, user, "account", reply.text, name, reply.kind, "reply", reply.articles,
                                       note=reply.note))
        elif delivered.result in ("gave up", "malformed") and not self.account.wecom:
            # WeCom's documents know no such notice: there the user sees nothing.
            self.transcript.add(Bubble(now, user, "wechat", NOTICE, name, "notice", "notice", note=delivered.trouble))

    # --- what the account may do ----------------------------------------------------------------

    def may_send(self, user: str) -> int:
        """0, or the errcode of a customer-service message to ``user`` now."""
        return self.windows.check(user, self.clock.now())

    def show_service_message(self, user: str, kind: str, text: str, *, articles: tuple[dict[str, str], ...] = (),
                             choices: tuple[tuple[str, str], ...] = ()) -> None:
        """A customer-service message that was accepted; counts against the user's quota."""
        now = self.clock.now()
        self.windows.take(user, now)
        self.transcript.add(Bubble(now, user, "account", text, "", kind, "service", articles, choices))

    async def tap(self, user: str, number: int, entry: int = 0, faults: Optional[PushFaults] = None) -> Sent:
        """A tap on the account's menu: the ``number``-th button, its ``entry``-th line (both from 1; 0 for itself)."""
        if self.menu is None:
            raise LookupError("the account has no menu")
        button = self.menu.at(number, entry)
        if button["type"] == "view":
            return await self.do(user, pushes.view(str(button["url"])), faults)
        return await self.do(user, pushes.click(str(button["key"]), str(button["name"])), faults)

    async def choose(self, user: str, number: int, faults: Optional[PushFaults] = None) -> Sent:
        """A tap on the ``number``-th line (from 1) of the last msgmenu that the user was sent."""
        menus = [bubble for bubble in self.transcript.said_to(user) if bubble.kind == "msgmenu"]
        name, content = menus[-1].choices[number - 1]
        return await self.do(user, pushes.text(content, menu_id=name), faults)
