"""Texts that make a pattern work hardest: made from its own parts, since no list of texts would fit them all.

``python -m tests.security.adversary FILE``: times the patterns of FILE (see ``patterns_in_use``); prints the times.
"""

from __future__ import annotations

import json
import random
import re
import sre_constants as sre
import sre_parse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.channels.limits import MAX_TEXT_CHARS

#: Bytes of UTF-8 that each pattern is tried with.
FULL = 100_000
SHORT = 2_000
#: CPU seconds that all matches in 100 kB may take.
MOST_S = 1.0
_PLAIN = ("a", "1", " ", "一", "我", "，", "\n", "我没有", "三千", "0.", "<", "/static/")
#: Whose patterns only read what a resident said, and the CPU seconds that a whole message may take one of them.
READ_BY_BOT = ("bot/nlu/", "actions/", "knowledge/text.py", "knowledge/place_cues.py", "knowledge/topic_words.py")
MOST_OF_A_MESSAGE_S = 0.05
#: Texts made of one pattern's own parts.
MOST_TEXTS = 10


def main() -> None:
    """Prints a JSON line for each pattern: first its name, then how long it took at worst, seconds, and with what."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    share, shares = (int(sys.argv[2]), int(sys.argv[3])) if len(sys.argv) > 3 else (0, 1)
    for line in lines[share::shares]:
        place, pattern, flags, at_the_start, most = json.loads(line)
        # Said before, so that a pattern that never comes back is known by name.
        print(json.dumps(["trying", place, pattern]), flush=True)
        took, piece, texts = worst(pattern, flags, at_the_start, most)
        # Both doors cut what a resident says before the bot reads it (tests/faults, tests/channels).
        if took > MOST_S and place.startswith(READ_BY_BOT) and not most:
            took = worst(pattern, flags, at_the_start, MAX_TEXT_CHARS)[0] * MOST_S / MOST_OF_A_MESSAGE_S
        print(json.dumps(["took", place, pattern, round(took, 3), piece, texts]), flush=True)


def worst(pattern: str, flags: int, at_the_start: bool, most: int = 0) -> tuple[float, str, int]:
    """CPU seconds that 100 kB take at worst (more than ``MOST_S``: at least that), the piece repeated in it, and how
    many texts there were.

    Every text is tried at 2 kB; the two that take longest are tried in full, unless even time that grows with the
    square would be little.
    """
    compiled = re.compile(pattern, flags)
    if most:
        # It never gets to see more.
        cut = [
            (_seconds(compiled, _as_long(text, FULL)[:most], at_the_start), piece)
            for text, piece in texts_for(pattern, flags)
        ]
        return (*max(cut), len(cut))
    short = [(_seconds(compiled, text, at_the_start), text, piece) for text, piece in texts_for(pattern, flags)]
    if not short:
        return 0.0, "", 0
    short.sort(key=lambda item: -item[0])
    slowest = (0.0, "")
    for number, (took, text, piece) in enumerate(short):
        if number and took * (FULL / SHORT) ** 2 < MOST_S:
            break
        if number >= 2:
            break
        slowest = max(slowest, (_grown(compiled, text, at_the_start, took), piece))
        if slowest[0] > MOST_S:
            break
    return slowest[0], slowest[1], len(short)


def _grown(compiled: re.Pattern[str], text: str, at_the_start: bool, took: float) -> float:
    """What the text takes in full; reckoned where four times as much shows that it would take far too long."""
    if took > MOST_S:
        return took
    middle = _seconds(compiled, _as_long(text, 4 * SHORT), at_the_start)
    if middle > MOST_S:
        return middle
    if middle > 0.004 and middle > 8 * took:
        return middle * (FULL / (4 * SHORT)) ** 2
    if middle > 0.02 and middle * FULL / (4 * SHORT) > 4 * MOST_S:
        return middle * FULL / (4 * SHORT)
    return _seconds(compiled, _as_long(text, FULL), at_the_start)


def _as_long(text: str, size: int) -> str:
    """The text with its repeated part going on until it has ``size`` bytes."""
    prefix, piece, _ = text.split("\0")
    return _text(prefix, piece, size)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _text(prefix: str, piece: str, size: int) -> str:
    return prefix + piece * ((size - _bytes(prefix)) // _bytes(piece) + 1) + "\x01"


def _seconds(compiled: re.Pattern[str], text: str, at_the_start: bool) -> float:
    if "\0" in text:
        text = _as_long(text, SHORT)
    began = time.process_time()
    if at_the_start:
        compiled.match(text)
        compiled.fullmatch(text)
    else:
        for _ in compiled.finditer(text):
            pass
    return time.process_time() - began


def texts_for(pattern: str, flags: int) -> Iterator[tuple[str, str]]:
    """Texts as ``prefix NUL piece NUL``, and the piece: the prefix once, then the piece again and again."""
    chance = random.Random(pattern.encode("utf-8", "surrogatepass"))
    tree = sre_parse.parse(pattern, flags)
    pieces: dict[tuple[str, str], None] = {}
    for prefix, body in [("", tree), *_repeated(tree, chance)]:
        for _ in range(2):
            word = _word(body, chance).replace("\0", "")
            for piece in (word, word[:-1]):
                if piece:
                    pieces.setdefault((prefix.replace("\0", ""), piece))
    chosen = list(pieces)
    if len(chosen) > MOST_TEXTS:
        chosen = chance.sample(chosen, MOST_TEXTS)
    for prefix, piece in chosen + [("", plain) for plain in _PLAIN]:
        yield f"{prefix}\0{piece}\0", piece


def _repeated(tree: Any, chance: random.Random) -> list[tuple[str, Any]]:
    """The bodies of all repetitions, each with a text that leads to it."""
    found: list[tuple[str, Any]] = []

    def walk(items: Any, before: str) -> None:
        for operation, argument in items:
            if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
                if argument[1] is sre.MAXREPEAT or argument[1] > 3:
                    found.append((before, argument[2]))
                walk(argument[2], before)
            elif operation is sre.SUBPATTERN:
                walk(argument[-1], before)
            elif operation is sre.BRANCH:
                for way in argument[1]:
                    walk(way, before)
            elif operation in (sre.ASSERT, sre.ASSERT_NOT):
                walk(argument[1], before)
            before += _word([(operation, argument)], chance)

    walk(tree, "")
    return found


def _word(items: Any, chance: random.Random) -> str:
    """A text that the items match, as far as that is told without matching."""
    word = ""
    for operation, argument in items:
        if operation is sre.LITERAL:
            word += chr(argument)
        elif operation is sre.NOT_LITERAL:
            word += "一" if argument != ord("一") else "二"
        elif operation is sre.ANY:
            word += "一"
        elif operation is sre.IN:
            word += _one_of(argument, chance)
        elif operation is sre.BRANCH:
            word += _word(chance.choice(argument[1]), chance)
        elif operation is sre.SUBPATTERN:
            word += _word(argument[-1], chance)
        elif operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            least, most, body = argument
            times = min(max(least, 1), 40) if most != 0 else 0
            word += "".join(_word(body, chance) for _ in range(times))
    return word


def _one_of(choices: Any, chance: random.Random) -> str:
    if choices and choices[0][0] is sre.NEGATE:
        banned = {value for operation, value in choices[1:] if operation is sre.LITERAL}
        return next(sign for sign in "一a1 我，二" if ord(sign) not in banned)
    operation, value = chance.choice(choices)
    if operation is sre.LITERAL:
        return chr(value)
    if operation is sre.RANGE:
        return chr(chance.randint(value[0], min(value[1], value[0] + 200)))
    return {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "a"}.get(value, "，")


if __name__ == "__main__":
    main()
