"""What the command `soulprint` and `python -m soulprint` run."""

from __future__ import annotations

import sys


def main() -> None:
    try:
        from soulprint.serving import cli  # takes a second to load, in which a person may press Ctrl-C
    except KeyboardInterrupt:
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
