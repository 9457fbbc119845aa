"""Names of keys and channels in Redis. Several cities share one Redis by different databases (``redis://…/1``)…

…as far as keys go; channels are the same in all databases, but what is said there is for one process or one session.
"""

from __future__ import annotations

#: A process's key: there while it lives.
ALIVE = "linlitong:alive:"
#: A process's channel.
PROCESS = "linlitong:process:"
#: A conversation's queue.
QUEUE = "linlitong:queue:"
#: A bucket of a limit.
BUCKET = "linlitong:bucket:"
#: A session's channel.
NEWS = "linlitong:news:"
#: Said to a process: the ticket with this number is first in this queue.
AT_HEAD = "at-head"
