"""The numbers of one process for Prometheus. Off, and prometheus_client not even imported, until ``switch_on``.

Every label comes from a list in this file, in the contract or in the channels' errors; whatever else turns up counts as
``other``. So neither a resident's words nor somebody who tries can make the list of series longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bot.observing import turn as turns
from bot.observing.turn import TurnRecord

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

CHANNELS = frozenset({"web", "wechat", "wecom"})
KINDS = frozenset({
    "faq", "service", "sites", "question", "verdict", "suggestions", "life_circle", "clarify", "handoff", "ticket",
    "ack", "cannot_answer", "out_of_scope", "emergency", "error"})
OUTCOMES = frozenset({"eligible", "ineligible", "undetermined"})
STAGES = ("waiting", "nlu", "actions", "store")
#: What became of an edit of the content, or of a newer model.
RELOADS = ("ok", "refused")
OTHER = "other"
#: Upper bounds of the histograms' buckets, seconds.
WHOLE_TURN = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
PARTS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0, 30.0)
#: So long may a gauge take that must ask somebody (the database, Redis), seconds.
PATIENCE_S = 2.0

#: Gives a number when it is asked for.
Gauge = Callable[[], float]
#: Gives 1.0 or 0.0 by asking somebody; what it raises counts as 0.
Probe = Callable[[], Awaitable[float]]
#: Gives the labels of an ``_info`` series.
Info = Callable[[], Mapping[str, str]]


class Metrics:
    """All series of this process, in a registry of their own.

    Args:
        codes: the codes of errors that are counted by name.
    """

    def __init__(self, codes: Iterable[str]) -> None:
        import prometheus_client
        from prometheus_client import CollectorRegistry, Counter, Histogram

        # A second series beside each counter, with the time it was made, is of use to nobody here.
        prometheus_client.disable_created_metrics()
        self._codes = frozenset(codes)
        self._gauges: dict[str, tuple[str, Gauge]] = {}
        self._probes: dict[str, tuple[str, Probe]] = {}
        self._probed: dict[str, float] = {}
        self._infos: dict[str, tuple[str, Info]] = {}
        self.registry: CollectorRegistry = CollectorRegistry(auto_describe=False)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"linlitong_{name}", text, labels, registry=self.registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"linlitong_{name}", text, labels, buckets=buckets, registry=self.registry)

        self._turns = counter("turns", "Turns by the kind of their first reply", "channel", "kind", "result")
        self._whole = histogram("turn_seconds", "From a message's arrival to its answer", WHOLE_TURN, "channel")
        self._parts = histogram("stage_seconds", "Parts of a turn; waiting is for the turns before it", PARTS, "stage")
        self._abstained = counter("abstentions", "Turns that the bot declined to answer", "how")
        self._verdicts = counter("verdicts", "Eligibility results, all policies together", "outcome")
        self._errors = counter("errors", "Errors that residents were told of", "code")
        self._limited = counter("limited", "Answers 429, or their like in WeChat", "channel", "code")
        self._sessions = counter("sessions", "Sessions begun")
        self._reloads = counter("reloads", "Edits of the content", "result")
        self._model_reloads = counter("model_reloads", "Newer models that were tried while it served", "result")
        self._dropped = counter("events_dropped", "Events of turns that did not reach the broker", "why")
        self._published = counter("events_published", "Events of turns handed to the broker")
        for result in RELOADS:
            self._reloads.labels(result)
            self._model_reloads.labels(result)
        prometheus_client.ProcessCollector(registry=self.registry)
        self.registry.register(_AtScrape(self))

    # --- what happens --------------------------------------------------------------------------------

    def turn(self, done: TurnRecord) -> None:
        """A turn has ended."""
        channel = _one_of(CHANNELS, done.channel)
        kind = _one_of(KINDS, done.kind) if done.kind else "none"
        self._turns.labels(channel, kind, done.result).inc()
        self._whole.labels(channel).observe(done.took or 0.0)
        if done.waited is not None:
            self._parts.labels("waiting").observe(done.waited)
        for name, seconds in done.stages.items():
            self._parts.labels(_one_of(STAGES, name)).observe(seconds)
        if done.abstained:
            self._abstained.labels(done.abstained).inc()
        for outcome in done.outcomes:
            self._verdicts.labels(_one_of(OUTCOMES, outcome)).inc()
        if "error" in done.kinds:  # what is told by a status instead is counted by ``refused``
            self._errors.labels(_one_of(self._codes, done.code)).inc()

    def refused(self, code: str, status: int) -> None:
        """A request was answered with an error."""
        code = _one_of(self._codes, code)
        self._errors.labels(code).inc()
        if status == 429:
            self._limited.labels("web", code).inc()

    def limited(self, channel: str) -> None:
        """A resident of a channel without HTTP statuses was told to wait."""
        self._limited.labels(_one_of(CHANNELS, channel), "too_many").inc()

    def session_begun(self) -> None:
        """A session was begun."""
        self._sessions.inc()

    def reloaded(self, result: str) -> None:
        """An edit was tried; ``result``: one of ``RELOADS``."""
        self._reloads.labels(result).inc()

    def model_reloaded(self, result: str) -> None:
        """A newer model was tried; ``result``: one of ``RELOADS``."""
        self._model_reloads.labels(result).inc()

    def event_published(self) -> None:
        """The broker took an event."""
        self._published.inc()

    def event_dropped(self, why: str) -> None:
        """An event was given up; ``why``: ``full`` (the queue), ``broker`` (it raised), ``stopped``."""
        self._dropped.labels(why).inc()

    # --- what is asked for at each scrape ---------------------------------------------------------------

    def gauge(self, name: str, text: str, read: Gauge) -> None:
        """``linlitong_<name>``: what ``read`` gives at a scrape."""
        self._gauges[name] = (text, read)

    def probe(self, name: str, text: str, ask: Probe) -> None:
        """``linlitong_<name>``: what ``ask`` gives at a scrape, 0 if it raises or is too slow."""
        self._probes[name] = (text, ask)

    def info(self, name: str, text: str, read: Info) -> None:
        """``linlitong_<name>_info``: 1 with the labels that ``read`` gives at a scrape."""
        self._infos[name] = (text, read)

    async def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        from prometheus_client import generate_latest

        names = list(self._probes)
        found = await asyncio.gather(*(_asked(self._probes[name][1]) for name in names))
        self._probed = dict(zip(names, found, strict=True))
        return generate_latest(self.registry)

    def at_scrape(self) -> Iterator[Any]:
        """The families that are made anew at each scrape."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        for name, (text, read) in self._gauges.items():
            yield GaugeMetricFamily(f"linlitong_{name}", text, value=read())
        for name, (text, _) in self._probes.items():
            yield GaugeMetricFamily(f"linlitong_{name}", text, value=self._probed.get(name, 0.0))
        for name, (text, labels) in self._infos.items():
            yield InfoMetricFamily(f"linlitong_{name}", text, value=dict(labels()))


class _AtScrape:
    """Prometheus' collector of what is not counted but looked up."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        """The families, for prometheus_client."""
        return self._metrics.at_scrape()

    def describe(self) -> list[Any]:
        """Nothing: what there is may come later than the registry."""
        return []


def _one_of(known: Iterable[str], value: str) -> str:
    return value if value in known else OTHER


async def _asked(ask: Probe) -> float:
    try:
        return await asyncio.wait_for(ask(), PATIENCE_S)
    except Exception:  # down is an answer
        return 0.0


# --- the process's one set of numbers -----------------------------------------------------------------

_metrics: Metrics | None = None


def switch_on() -> Metrics:
    """Count from now on; gives what counts."""
    global _metrics
    if _metrics is None:
        from bot.channels.collect import APOLOGIES
        from bot.channels.errors import ERRORS

        _metrics = Metrics({*ERRORS, *APOLOGIES, "action_failed"})
        turns.listen(_metrics.turn)
    return _metrics


def switch_off() -> None:
    """Stop counting and forget what was counted (for tests)."""
    global _metrics
    if _metrics is not None:
        turns.stop_listening(_metrics.turn)
    _metrics = None


def metrics() -> Metrics | None:
    """What counts; None while nothing does. Callers write ``if (counting := metrics()) is not None``."""
    return _metrics
