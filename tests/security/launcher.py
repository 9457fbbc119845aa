"""Starts the bot as ``make serve`` does, and writes into ROUTES_TO its addresses and the packages loaded."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import bot.serve
from bot.cli import main

_made = bot.serve.make_app


def _listed(*arguments: Any, **options: Any) -> Any:
    app = _made(*arguments, **options)
    routes = sorted({(f"/{route.path.strip('/')}", method) for route in app.router.routes for method in route.methods})
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    Path(os.environ["ROUTES_TO"]).write_text(json.dumps({"routes": routes, "loaded": loaded}), encoding="utf-8")
    return app


if __name__ == "__main__":
    bot.serve.make_app = _listed
    sys.argv = ["bot", "serve"]
    sys.exit(main())
