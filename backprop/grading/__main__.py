"""`python -m backprop.grading`, the same as `backprop-grade`."""

import sys

from backprop.grading.command import main

if __name__ == "__main__":
    sys.exit(main())
