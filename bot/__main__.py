"""``python -m bot serve|train|check|ask``"""

import sys

from bot.cli import main

sys.exit(main())
