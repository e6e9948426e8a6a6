"""Run by every kernel of `make test`, as PYTHONSTARTUP: a warning in a lesson is an error."""

import warnings

warnings.simplefilter("error")
del warnings
