"""``python -m metabounds`` is the command ``metabounds``."""

from __future__ import annotations

import sys

from metabounds.console import main

if __name__ == "__main__":
    sys.exit(main())
