"""``python -m benchmarks.scale [--share 0.1]``: load time, memory, look-ups and reloads with a country's content.

Makes the country (``world.py``) in a temporary folder, measures in fresh processes, prints a table and writes
``benchmarks/out/scale.{md,json}``. Nothing here is beside the stock bot: it has nothing of the kind.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Optional

from benchmarks.scale.world import WHOLE, make_world

OUT = Path(__file__).resolve().parent.parent / "out"
#: (key of the measurement, what it is, unit, the most it may be; None: only told)
ROWS: tuple[tuple[str, str, str, Optional[float]], ...] = (
    ("cold_s", "load, vectors made anew", "s", None), ("warm_s", "load, vectors from disk", "s", None),
    ("memory_mb", "memory after loading", "MB", None), ("vectors_mb", "vectors on disk", "MB", None),
    ("lookup_p50_ms", "FAQ look-up, p50", "ms", None), ("lookup_p95_ms", "FAQ look-up, p95", "ms", 20),
    ("nearest_p50_ms", "nearest 10, p50", "ms", None), ("nearest_p95_ms", "nearest 10, p95", "ms", 0.5),
    ("reload_answer_s", "reload after an edited answer", "s", 2),
    ("reload_phrase_s", "reload after a new phrase", "s", 2),
    ("reload_policy_s", "reload after an edited policy", "s", 2),
    ("reload_sites_s", "reload after an edited table", "s", 2),
    ("refuse_s", "refusing a broken file", "s", 2), ("watch_ms", "one look for edits", "ms", None),
)


def main(arguments: Optional[list[str]] = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="a country so much smaller (0 to 1)")
    options = parser.parse_args(arguments)
    if not 0 < options.share <= 1:
        parser.error("--share must be above 0 and at most 1")
    size = WHOLE.share(options.share)
    with tempfile.TemporaryDirectory(prefix="country-") as folder:
        root = Path(folder) / "content"
        _say(f"making {size.faqs} FAQs, {size.policies} policies, {size.sites} sites")
        cities = make_world(root, size)
        _say("loading, vectors made anew")
        cold = _measured(root, Path(folder) / "cache", cities[0], "cold")
        _say("loading again, and measuring")
        warm = _measured(root, Path(folder) / "cache", cities[0], "warm")
        vectors = sum(path.stat().st_size for path in (Path(folder) / "cache").rglob("*") if path.is_file())
    found = {**warm, "cold_s": cold["load_s"], "warm_s": warm["load_s"], "vectors_mb": vectors / 1e6,
             "size": {"faqs": size.faqs, "policies": size.policies, "sites": size.sites, "cities": len(cities)}}
    text = markdown(found)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "scale.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    (OUT / "scale.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def markdown(found: dict[str, Any]) -> str:
    """The figures as a table for people."""
    size = found["size"]
    lines = [f"# Scale: {size['faqs']} FAQs, {size['policies']} policies, {size['sites']} sites, "
             f"{size['cities']} cities", "",
             f"{found['phrases']} phrases. Absolute times: this machine, as busy as it was.", "",
             "| figure | measured | at most |", "|---|---:|---:|"]
    for key, title, unit, most in ROWS:
        bound = "" if most is None else f"{most:g} {unit}{'' if found[key] <= most else ' **(above)**'}"
        lines.append(f"| {title} | {found[key]:.3g} {unit} | {bound} |")
    return "\n".join(lines) + "\n"


def _measured(root: Path, cache: Path, city: str, how: str) -> dict[str, Any]:
    """What a fresh process finds."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.scale.measure", str(root), str(cache), city, how],
                          stdout=subprocess.PIPE, check=True, cwd=OUT.parent.parent)
    found: dict[str, Any] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    return found


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
