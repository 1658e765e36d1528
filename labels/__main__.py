"""The command `python -m labels`."""

import sys

from labels.cli import main

if __name__ == "__main__":
    sys.exit(main())
