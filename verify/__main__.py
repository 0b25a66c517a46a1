"""``python -m verify`` lists the commands; ``python -m verify NAME`` is one of them."""

from __future__ import annotations

import sys

from verify.shell.commands import run

if __name__ == "__main__":
    sys.exit(run("python -m verify", sys.argv[1:]))
