"""Each miss with what stands nearest to it, so that anyone can improve the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from benchmarks.understanding.asked import Asked
from benchmarks.understanding.neighbours import Near, Neighbours

#: The part whose sentences nobody who tunes the bot may see.
SEALED = "sealed"
WARNING = ("WARNING: sentences of the sealed part stand below. Whoever has read them must not tune the bot on them: "
           "from now on this part is no longer unheard and measures less.")
#: So much of a reply is shown.
_WORDS = 80


def listing(asked: Iterable[Asked], near: Neighbours, *, open_sealed: bool = False) -> str:
    """All misses as markdown; those of the sealed part are only counted unless they are opened."""
    shown, hidden = [], Counter[str]()
    for one in asked:
        if one.right:
            continue
        if one.part == SEALED and not open_sealed:
            hidden["wrong and sure" if one.wrong_and_sure else "abstained"] += 1
        else:
            shown.append(one)
    parts = [f"# Misses: {len(shown)}"]
    if any(one.part == SEALED for one in shown):
        parts.append(WARNING)
    if hidden:
        told = ", ".join(f"{count} {how}" for how, count in sorted(hidden.items()))
        parts.append(f"{hidden.total()} more in the sealed part ({told}), not shown.")
    parts += [_told(one, near) for one in sorted(shown, key=lambda one: (one.part, one.theme, not one.wrong_and_sure))]
    return "\n\n".join(parts) + "\n"


def _told(one: Asked, near: Neighbours) -> str:
    region = str(one.item["region"])
    wanted = " or ".join(sorted(one.expected)) or "any topic"
    if one.item.get("both"):
        wanted = " and ".join(sorted(one.expected))
    lines = [f"## {one.text}", "",
             f"- {one.part}/{one.theme}, {one.style}, {region}: "
             f"{'**wrong and sure**' if one.wrong_and_sure else 'abstained'}",
             f"- expected {' / '.join(one.item['kinds'])}; {wanted}" + _more(one)]
    lines += [f"- got {kind} {topic or '–'}: {_short(text)}"
              for kind, topic, text in zip(one.kinds, one.answered, one.texts, strict=True)]
    if one.likeliest:
        lines.append(f"- likeliest topic: {one.likeliest} ({one.chance:.2f})")
    lines += _near("training sentence", near.training(one.text))
    lines += _near("phrase", near.phrases(one.text, region))
    return "\n".join(lines)


def _more(one: Asked) -> str:
    phone, fact = one.item.get("phone"), one.item.get("fact")
    return (f"; number {' / '.join(phone)}" if phone else "") + (f"; a question for {fact}" if fact else "")


def _near(what: str, found: list[Near]) -> list[str]:
    return [f"- {what} {item.score:.2f} {item.label}: {_short(item.text)}" for item in found]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _WORDS else f"{plain[:_WORDS]}…"
