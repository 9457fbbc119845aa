"""Writes the widget's table of Traditional signs from its own Chinese. Run ``python -m tools.make_hant``.

The widget holds its words in Simplified and writes Traditional sign by sign, with a table of just the signs it uses,
as the server writes them (bot/channels/script.py), so that both halves of a sentence agree.
A word whose Traditional is not sign by sign the same (里 is 裡 in 這裡 and 里 in 公里) cannot be had that way: such
words are listed, nothing is written, and the exit code is 1. Say them in other words.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.channels.script import traditional

SOURCE = Path(__file__).parent.parent / "bot" / "widget" / "src"
TABLE = SOURCE / "text" / "hant.ts"
CHINESE = re.compile(r"[㐀-鿿]")
HEAD = "// Made by tools/make_hant.py from the Chinese in src/: do not edit. FROM[i] is written TO[i] in Traditional.\n"

_OPENS_T = re.compile(r"(?<![\w$.])t\(\s*$")
#: After these a slash begins a regular expression, not a division.
_BEFORE_REGEX = re.compile(r"(?:^|[(,=:\[!&|?{};>]|\breturn)\s*$")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}


@dataclass(frozen=True)
class Piece:
    """A piece of Chinese in the source."""

    file: str
    line: int
    text: str
    #: Stands as the one argument of ``t()``.
    translated: bool


class _Scanner:
    """Splits TypeScript into its literals and the code between them; comments are dropped."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source, self.at = name, source, 0
        self.code: list[str] = []
        self.pieces: list[Piece] = []

    def line(self, at: int) -> int:
        return self.source.count("\n", 0, at) + 1

    def run(self, closing: str = "") -> None:
        """Reads code up to an unpaired ``closing`` brace, or to the end."""
        depth = 0
        while self.at < len(self.source):
            sign = self.source[self.at]
            if self.source.startswith("//", self.at):
                self._skip_to("\n")
            elif self.source.startswith("/*", self.at):
                self._skip_to("*/", past=True)
            elif sign in "'\"":
                self._string(sign)
            elif sign == "`":
                self._template()
            elif sign == "/" and _BEFORE_REGEX.search("".join(self.code[-40:])):
                self._regex()
            else:
                depth += (sign == "{") - (sign == "}")
                if closing and depth < 0:
                    return
                self.code.append(sign)
                self.at += 1

    def _skip_to(self, end: str, past: bool = False) -> None:
        found = self.source.find(end, self.at)
        self.at = len(self.source) if found < 0 else found + (len(end) if past else 0)

    def _escaped(self) -> str:
        """The sign that the backslash at hand stands for."""
        rest = self.source[self.at + 1 :]
        code = re.match(r"u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})", rest)
        if code:
            self.at += 1 + code.end()
            return chr(int(next(filter(None, code.groups())), 16))
        self.at += 2
        return _ESCAPES.get(rest[:1], rest[:1])

    def _string(self, quote: str) -> None:
        start, opens = self.at, bool(_OPENS_T.search("".join(self.code[-40:])))
        self.at += 1
        out: list[str] = []
        while self.at < len(self.source) and self.source[self.at] != quote:
            if self.source[self.at] == "\\":
                out.append(self._escaped())
            else:
                out.append(self.source[self.at])
                self.at += 1
        self.at += 1
        self._keep(start, "".join(out), opens and bool(re.match(r"\s*,?\s*\)", self.source[self.at :])))
        self.code.append('""')

    def _template(self) -> None:
        start, out = self.at, []
        self.at += 1
        while self.at < len(self.source) and self.source[self.at] != "`":
            if self.source[self.at] == "\\":
                out.append(self._escaped())
            elif self.source.startswith("${", self.at):
                self._keep(start, "".join(out), False)
                out = []
                self.at += 2
                self.code.append("(")
                self.run("}")
                self.code.append(")")
                self.at += 1
                start = self.at
            else:
                out.append(self.source[self.at])
                self.at += 1
        self.at += 1
        self._keep(start, "".join(out), False)
        self.code.append('""')

    def _regex(self) -> None:
        found = re.match(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/", self.source[self.at :])
        if not found:
            self.code.append("/")
            self.at += 1
            return
        self._keep(self.at, found.group(), False)
        self.code.append('""')
        self.at += found.end()

    def _keep(self, start: int, text: str, translated: bool) -> None:
        if CHINESE.search(text):
            self.pieces.append(Piece(self.name, self.line(start), text, translated))


def pieces_of(name: str, source: str) -> list[Piece]:
    """Every piece of Chinese in one file: of literals, and the lines of it that stand in no literal (JSX text)."""
    scanner = _Scanner(name, source)
    scanner.run()
    stray = [
        Piece(name, 0, line.strip(), False) for line in "".join(scanner.code).split("\n") if CHINESE.search(line)
    ]
    return scanner.pieces + stray


def all_pieces(folder: Path = SOURCE) -> Iterator[Piece]:
    """The Chinese of every source file but the table itself."""
    for path in sorted(folder.rglob("*.ts*")):
        if path.name != TABLE.name:
            yield from pieces_of(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))


def table_of(texts: Iterable[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The signs that change, and the texts which they do not give (with the Traditional that is right)."""
    wanted = {text: traditional(text) for text in texts}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for text, right in wanted.items():
        if len(text) == len(right):
            for sign, other in zip(text, right, strict=True):
                votes[sign][other] += 1
    table = {sign: count.most_common(1)[0][0] for sign, count in votes.items()}
    wrong = [(text, right) for text, right in wanted.items() if by_sign(text, table) != right]
    return {sign: other for sign, other in sorted(table.items()) if sign != other}, wrong


def by_sign(text: str, table: dict[str, str]) -> str:
    """What ``t()`` of text/strings.ts makes of it."""
    return "".join(table.get(sign, sign) for sign in text)


def file_of(table: dict[str, str]) -> str:
    """The text of hant.ts."""
    return HEAD + f"export const FROM = '{''.join(table)}';\nexport const TO = '{''.join(table.values())}';\n"


def main() -> int:
    """Writes the table, or lists what it cannot hold."""
    table, wrong = table_of(piece.text for piece in all_pieces())
    if wrong:
        for text, right in wrong:
            print(f"{text}\n  sign by sign: {by_sign(text, table)}\n  should be:    {right}", file=sys.stderr)
        return 1
    TABLE.write_text(file_of(table), encoding="utf-8")
    print(f"{len(table)} signs in {TABLE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
