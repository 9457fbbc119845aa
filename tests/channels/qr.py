"""Reads the QR code that stands in a page as a phone would: the drawing's lines become a picture, the picture words."""

from __future__ import annotations

import re

import numpy as np
import zxingcpp


def read_codes(page: str) -> list[str]:
    """What the codes of a page say."""
    return [_read(drawn) for drawn in re.findall(r"<svg .*?</svg>", page, re.DOTALL)]


def _read(svg: str) -> str:
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    lines = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert box and lines, svg[:200]
    picture = np.full((int(box[2]), int(box[1])), 255, dtype=np.uint8)
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", lines[1]):
        values = [float(number) for number in numbers.split()]
        if step == "M":
            x, y = values
        elif step == "m":
            x, y = x + values[0], y + values[1]
        else:
            # A line as thick as one square of the code, half above and half below.
            picture[int(y - 0.5), int(x): int(x + values[0])] = 0
            x += values[0]
    found = zxingcpp.read_barcodes(np.kron(picture, np.ones((8, 8), dtype=np.uint8)))
    assert len(found) == 1, "no phone would read this"
    return str(found[0].text)
