"""The command ``receipt``: play a receipt again with the rules that serve, and print what comes out.

What is typed and what is printed holds what a person told: neither is ever logged.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from bot.receipt_sheet import html_of, replay, sheet_of, text_of
from bot.settings import PROJECT, settings
from knowledge.assemble import assemble
from knowledge.eligibility.engine import PolicyRules
from knowledge.errors import ContentError, Problem
from knowledge.loader import load_parts
from knowledge.part_cache import PartCache
from knowledge.places import Gazetteer
from knowledge.receipt import ReceiptError, UnknownPolicy
from knowledge.schema import Region, Source

#: The looks of the sheet, the same as on the page.
STYLE = PROJECT / "bot" / "widget" / "receipt.css"
MISUSED = 2


@dataclass(frozen=True)
class Rules:
    """The part of the content that a receipt needs; ready in a second, as no question is to be understood."""

    version: str
    policies: Mapping[str, PolicyRules]
    regions: Mapping[str, Region]
    sources: Mapping[str, Source]
    gazetteer: Gazetteer
    #: What is wrong in the content: it may be why a policy is missing, and is no matter otherwise.
    wrong: tuple[Problem, ...]


def run_receipt(words: list[str], *, html: Optional[Path] = None) -> int:
    """Print the receipt's sheet, or write it as a page to ``html``; 2 for a code that cannot be read.

    ``words``: the code, in one piece or in its groups. Raises ContentError where the policy cannot be found for a
    mistake in the content.
    """
    base = load_rules(settings().content)
    try:
        done = replay("-".join(words), base)
    except ReceiptError as error:
        if isinstance(error, UnknownPolicy) and base.wrong:
            raise ContentError(list(base.wrong)) from error
        print(error, file=sys.stderr)
        return MISUSED
    sheet = sheet_of(done, base)
    if html is None:
        print(text_of(sheet))
        return 0
    style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
    html.write_text(html_of(sheet, style, public_url=settings().public_url), encoding="utf-8")
    print(f"写好了：{html}。用浏览器打开，按 Ctrl+P 打印，一张 A4 纸。里面有办理人的情况，用完请删掉。")
    return 0


def load_rules(root: Path) -> Rules:
    """The policies of a content folder that can be read."""
    parts = load_parts(root, cache=PartCache(settings().cache))
    joined = assemble(parts)
    wrong = tuple(item for item in (*parts.problems, *joined.problems) if item.is_error)
    return Rules(parts.version, joined.policies, joined.regions, joined.sources, Gazetteer(joined.places), wrong)
