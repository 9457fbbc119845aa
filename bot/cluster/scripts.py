"""What Redis does as one step, in Lua. Times are Redis' own; names of keys are in ``bot.cluster.names``.

A conversation's queue is a list of ``<process>:<number>``, the one who is served first. A process is alive while its
key is there. Keys of processes are made up from the entries, so this is for one Redis (or one with replicas), not for a
cluster that spreads its keys.
"""

from __future__ import annotations

from bot.cluster.names import ALIVE, AT_HEAD, PROCESS

#: A queue that nobody touched for so long is forgotten, ms; longer than any turn and those before it may take.
_QUEUE_MS = 900_000

_QUEUES = f"""
local function owner(entry) return string.match(entry, '^[^:]+') end
local function dead(entry) return redis.call('EXISTS', '{ALIVE}' .. owner(entry)) == 0 end
-- Who is to be served; those who died are passed over.
local function head(queue)
  while true do
    local first = redis.call('LINDEX', queue, 0)
    if not first or not dead(first) then return first end
    redis.call('LPOP', queue)
  end
end
local function tell(queue, entry)
  local number = string.match(entry, ':(.*)$')
  redis.call('PUBLISH', '{PROCESS}' .. owner(entry), '{AT_HEAD} ' .. queue .. ' ' .. number)
end
local function present(queue, entry) return redis.call('LPOS', queue, entry) end
"""

#: A sign of life. KEYS: the process's key. ARGV: ms it holds, the process's channel. → whether it was alive till now.
BEAT = """
local was = redis.call('EXISTS', KEYS[1])
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
redis.call('PUBLISH', ARGV[2], 'beat')
return was
"""

#: A ticket at the end of the queue. KEYS: queue, the process's key. ARGV: entry, how many may stand in the queue, ms
#: that a sign of life holds. → 1 it is served at once, 0 it waits, -1 the queue is full; and whether the process was
#: alive till now. One that was not lives again: to send it away for that would let those behind it go first.
TAKE = _QUEUES + f"""
local queue, entry, most = KEYS[1], ARGV[1], tonumber(ARGV[2])
local was = redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3]) and 0 or 1
local first = head(queue)
if first == entry then return {{1, was}} end
if first and present(queue, entry) then return {{0, was}} end
if redis.call('LLEN', queue) >= most then
  for _, other in ipairs(redis.call('LRANGE', queue, 0, -1)) do
    if dead(other) then redis.call('LREM', queue, 1, other) end
  end
  if redis.call('LLEN', queue) >= most then return {{-1, was}} end
end
local length = redis.call('RPUSH', queue, entry)
redis.call('PEXPIRE', queue, {_QUEUE_MS})
return {{length == 1 and 1 or 0, was}}
"""

#: A ticket is given back, served or not. KEYS: queue. ARGV: entry. → the entry that is served next, if any;
#: its process is told, unless it is the same.
LEAVE = _QUEUES + f"""
local queue, entry = KEYS[1], ARGV[1]
local was_first = redis.call('LINDEX', queue, 0) == entry
redis.call('LREM', queue, 1, entry)
if not was_first then return false end
local first = head(queue)
if first then
  redis.call('PEXPIRE', queue, {_QUEUE_MS})
  if owner(first) ~= owner(entry) then tell(queue, first) end
end
return first
"""

#: Whether a ticket is being served. KEYS: queue. ARGV: entry.
HOLDS = "return redis.call('LINDEX', KEYS[1], 0) == ARGV[1] and 1 or 0"

#: How it stands with several queues. KEYS: queues. ARGV: for each an entry that waits, and who was first at the last
#: look ('' for unknown). → for each: who is first ('' for nobody), whether the entry is in the queue.
#: One who is still first is told so once more: word of it may have got lost, or there is no such ticket (any more).
LOOK = _QUEUES + """
local found = {}
for number, queue in ipairs(KEYS) do
  local first = head(queue)
  if first and first == ARGV[2 * number] then tell(queue, first) end
  found[2 * number - 1] = first or ''
  found[2 * number] = present(queue, ARGV[2 * number - 1]) and 1 or 0
end
return found
"""

#: One token of a bucket. KEYS: bucket. ARGV: tokens a second, most tokens.
#: → whether there was one; how many are left, as text (numbers lose their fraction on the way).
TOKEN = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local tokens, since = burst, now
local kept = redis.call('GET', KEYS[1])
if kept then
  local split = string.find(kept, ' ', 1, true)
  tokens, since = tonumber(string.sub(kept, 1, split - 1)), tonumber(string.sub(kept, split + 1))
end
tokens = math.min(burst, tokens + math.max(0, now - since) * rate)
local given = 0
if tokens >= 1 then
  tokens = tokens - 1
  given = 1
end
local full_ms = math.ceil((burst - tokens) / rate * 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.6f %.6f', tokens, now), 'PX', full_ms)
return {given, string.format('%.6f', tokens)}
"""
