"""The one error a person who runs the benchmarks gets to see."""


class CannotMeasure(RuntimeError):
    """A measurement is impossible; the message says why and what to do, in one or two sentences."""
