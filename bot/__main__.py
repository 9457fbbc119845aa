"""``python -m bot serve|train|check|import|ask``"""

import sys

from bot.cli import main

sys.exit(main())
