"""What the bot does without, so that its start does not pay for it."""

from __future__ import annotations

import sys


def spare_pandas() -> None:
    """Let no library load pandas in this process.

    Only ``bot import`` needs it; TensorFlow's Keras, which comes with Rasa, would load it at every start (23 MB) only
    to know its tables when it sees them. Libraries take this for "not installed".
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
