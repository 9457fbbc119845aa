"""The parent with workers in name only. Arguments: folder, how many, seconds for their farewell."""

from __future__ import annotations

import socket
import sys

from bot.cluster import parent

if __name__ == "__main__":
    folder, count = sys.argv[1], int(sys.argv[2])
    parent._FAREWELL_S = float(sys.argv[3])
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{door.getsockname()[1]}"
    worker = (sys.executable, "-m", "tests.cluster_unit.fake_worker", folder)
    sys.exit(parent.Parent(door, count, address, worker).run())
