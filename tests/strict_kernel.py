"""Run by every kernel of `make test`, as PYTHONSTARTUP: a warning in a cell is an error."""

import warnings

from IPython import get_ipython

# Not before a cell runs: starting the kernel may warn, and that is no fault of the lesson's.
get_ipython().events.register(
    "pre_run_cell", lambda _cell, strict=warnings.simplefilter: strict("error")
)
del get_ipython, warnings
