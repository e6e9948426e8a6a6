"""A student's answer, run beside the student: whatever it does, the check goes on."""

import contextlib
import inspect
import io
import linecache
import os
import random
import re
import signal
import sys
import threading
import warnings
from numbers import Number

import numpy as np
import sympy

from backprop.letters import Letters
from backprop.questions.asking import At, Call, live
from backprop.questions.outcomes import Error, Reply

SECONDS = 1.0  # for what is done with formulas


def replies(requests, answers):
    """The Reply to each request; `answers` is the namespace of the student's notebook."""
    do = {Call: _call, At: _at}
    return [do.get(type(r), _look)(r, answers) for r in requests]


def _look(request, answers):
    return Reply(answers[request.name]) if request.name in answers else Reply(missing=True)


def _call(call, answers):
    function = answers.get(call.name)
    if call.name not in answers or function is None or function is Ellipsis:
        return Reply(missing=True)
    if not callable(function):
        told = f"{call.name} is {type(function).__name__}; define it: def {call.name}(...)"
        return Reply(error=Error("TypeError", told))
    args = tuple(map(live, call.args))
    with quietly():
        try:
            value = function(*args)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return Reply(error=described(error, answers))
    return Reply(value, changed=_changed(function, call.args, args))


def _at(request, answers):
    """The formula's values: any expression of SymPy, letters or a plain number will do."""
    reply = _look(request, answers)
    if reply.empty:
        return reply
    try:
        with within(SECONDS):
            return _values(expression(reply.value), request.points)
    except TimeoutError:
        return Reply(error=Error("TimeoutError", "the formula is too long to compute with"))
    except Exception as error:  # an object of the student's own may fail at anything
        return Reply(error=Error(type(error).__name__, _message(error)))


def _values(formula, points):
    names = {symbol.name for symbol in formula.free_symbols}
    if unknown := sorted(names - set(points[0])):
        told = f"{', '.join(unknown)} is not given; there are {', '.join(points[0])}"
        return Reply(error=Error("ValueError", told))
    return Reply([_number(formula, point) for point in points])


def expression(value):
    """The SymPy expression that an answer stands for; TypeError where it stands for none."""
    if isinstance(value, Letters | np.ndarray):
        if value.size != 1:
            raise TypeError(f"a formula is one expression; this is an array of shape {value.shape}")
        value = value.item()
    if isinstance(value, str):
        raise TypeError("a formula is written without quotes, with the letters that are given")
    formula = sympy.sympify(value) if isinstance(value, sympy.Basic | Number) else None
    if not isinstance(formula, sympy.Expr):
        told = "; is there a comma at the end of the line?" if value.__class__ is tuple else ""
        kind = type(value).__name__
        raise TypeError(f"a formula is an expression in letters; this is a {kind}{told}")
    return formula


def _number(formula, point):
    value = formula.subs({symbol: point[symbol.name] for symbol in formula.free_symbols})
    value = complex(value.evalf())
    return value.real if not value.imag else float("nan")


# — what a function of the student's may do besides —


@contextlib.contextmanager
def within(seconds):
    """TimeoutError where what is inside takes longer; where signals are not to be had, no limit."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def late(*_):
        raise TimeoutError(f"took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def quietly():
    """Nothing that is printed, warned, shown or plotted inside gets out, nor fills the memory.

    Nor does a draw of random numbers, a new folder or another way to print arrays outlive it: what
    a notebook computes must not depend on how often something was checked.
    """
    plots = sys.modules.get("matplotlib.pyplot")
    before = set(plots.get_fignums()) if plots else set()
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(Nowhere()))
        stack.enter_context(contextlib.redirect_stderr(Nowhere()))
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(np.printoptions())
        stack.callback(random.setstate, random.getstate())
        stack.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002 (the student's)
        stack.enter_context(_same_folder())
        warnings.simplefilter("ignore")
        if threading.current_thread() is threading.main_thread() and "IPython" in sys.modules:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False))
        try:
            yield
        finally:
            plots = sys.modules.get("matplotlib.pyplot")
            for number in set(plots.get_fignums()) - before if plots else ():
                plots.close(number)


@contextlib.contextmanager
def _same_folder():
    """Come back to the working folder, where that is still there to be had."""
    folder = None
    with contextlib.suppress(OSError):
        folder = os.getcwd()
    try:
        yield
    finally:
        if folder:
            with contextlib.suppress(OSError):
                os.chdir(folder)


class Nowhere(io.TextIOBase):
    """A file that forgets what is written to it."""

    def write(self, text):
        return len(text)


def described(error, answers):
    """The Error with the innermost line of the student's own code, not of ours or a library's."""
    line, code, here = 0, "", error.__traceback__
    while here:
        frame = here.tb_frame
        if frame.f_globals is answers or frame.f_code.co_filename.startswith("<ipython"):
            line = here.tb_lineno
            code = linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()
        here = here.tb_next
    kind, message = type(error).__name__, _message(error)
    if isinstance(error, SyntaxError):  # it has no line that was run
        with contextlib.suppress(Exception):
            message, line, code = str(error.msg), int(error.lineno or 0), str(error.text or "")
            return Error(kind, message[:500], line, code.strip()[:500])
    if isinstance(error, RecursionError):
        message = "the function calls itself without an end"
    if isinstance(error, SystemExit):
        message = "the function ends the program; let it return its result"
    return Error(kind, message, line, code)


UNFIT = re.compile(r"matmul: .*\(size (\d+) is different from (\d+)\)", re.DOTALL)


def _message(error):
    try:
        message = str(error)[:500]
        if unfit := UNFIT.match(message):
            rows, columns = unfit.groups()
            return f"in A @ B, A has {columns} columns and B has {rows} rows; they must be as many"
        return message
    except Exception:  # an exception class of the student's own may fail at anything
        return ""


def _changed(function, before, after):
    try:
        names = [*inspect.signature(function).parameters]
    except (TypeError, ValueError):
        names = []
    names += [f"argument {k + 1}" for k in range(len(names), len(before))]
    changes = zip(names, before, after, strict=False)
    return tuple(name for name, old, new in changes if not _same(old, new))


def _same(old, new):
    if isinstance(old, tuple | list):
        same_length = isinstance(new, tuple | list) and len(old) == len(new)
        return same_length and all(map(_same, old, new))
    if isinstance(old, np.ndarray):
        if not isinstance(new, np.ndarray) or old.shape != new.shape:
            return False
        # moved by ε, by −2ε and by ε again, a weight is where it was but for rounding
        return np.array_equal(old, new, equal_nan=True) or np.allclose(
            old, new, rtol=1e-12, atol=1e-14, equal_nan=True
        )
    return True
