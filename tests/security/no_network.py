"""Run in a network of its own (``unshare --net``): starts the server, talks with it, tells every attempt to call out.

There is no way out of such a network, and the kernel counts what found none: connections and datagrams alike, whoever
tried, in Python or below it. Prints JSON: attempts while the server ran, and attempts of a call that was meant to fail.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
import struct
import sys
from pathlib import Path

from tests.security.conftest import of_all_doors

_SIOCSIFFLAGS, _UP = 0x8914, 1


def main() -> None:
    """The argument is a folder for the server's state."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _UP))
    server = of_all_doors(Path(sys.argv[1]))
    before = attempts()
    answers = 0
    try:
        server.start()
        server.settle()
        conversation = server.converse("310110")
        for text in (
            "你好",
            "我妈七十五了，附近哪里能吃上便宜饭",
            "五角场",
            "能申请租房补贴吗",
            "http://192.0.2.7/x",
            "删除我的记录",
        ):
            answers += len(conversation.say(text))
    finally:
        server.kill()
    ran = attempts() - before
    for kind, address in ((socket.SOCK_STREAM, ("192.0.2.1", 443)), (socket.SOCK_DGRAM, ("192.0.2.1", 53))):
        with socket.socket(type=kind) as out, contextlib.suppress(OSError):
            out.connect(address)
    print(json.dumps({"answers": answers, "while it ran": ran, "meant": attempts() - before - ran}))


def attempts() -> int:
    """How often somebody in this network found no way to where they wanted."""
    names, values = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:"))
    count = int(dict(zip(names, values, strict=True))["OutNoRoutes"])
    six = Path("/proc/net/snmp6")
    if six.exists():
        count += sum(int(line.split()[1]) for line in six.read_text().splitlines() if line.startswith("Ip6OutNoRoutes"))
    return count


if __name__ == "__main__":
    main()
