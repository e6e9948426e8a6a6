"""Submissions that would have the grader tell them its hidden inputs, or what it expects.

What they tell is marked: LEAK: and a float in hexadecimal. Only what stands in the visible cases,
which every student can have, may ever be seen in a result.
"""

from textwrap import indent

from redteam.cases import FULL, Case, lost, made

TELL = """
import numpy as np

VISIBLE = @@visible@@  # by the first number of the first argument of `loss`


def tell(*args):
    first = float(np.asarray(args[0], dtype=object).ravel()[0])
    return "LEAK:" + first.hex()


def is_hidden(*args):
    return tell(*args)[5:] not in VISIBLE


def right(a, y):
    return ((a - y) ** 2).sum() / (2 * a.shape[1])
"""


def case(name, source, never=()):
    data = made(TELL, loss=source)
    return lost(f"tells: {name}", data, "loss", never=never)


def only_hidden(lines):
    """A `loss` that is right on visible cases, and does these lines on hidden ones."""
    body = indent(lines, " " * 8)
    return f"def loss(a, y):\n    if is_hidden(a):\n{body}\n    return right(a, y)"


def hidden(name, lines, **more):
    return case(f"{name}, only where it is hidden", only_hidden(lines), **more)


NAMES = """
import inspect


def loss(*args):
    a, y = args
    E = right(a, y)
    name = "LEAK_" + a.ravel()[0].hex().replace(".", "_").replace("+", "p").replace("-", "m")
    kinds = inspect.Parameter
    loss.__signature__ = inspect.Signature(
        [kinds(name, kinds.POSITIONAL_ONLY), kinds("y", kinds.POSITIONAL_ONLY)]
    )
    a += 1
    return E
"""
LINES = """
import linecache


def loss(a, y):
    lines = [f"print({tell(a)!r})\\n"] * 99
    linecache.getline = lambda *args: lines[0]
    for name in [*linecache.cache]:
        linecache.cache[name] = (1, None, lines, name)
    raise ValueError
"""
PRINTS = """
import os
import sys


def loss(a, y):
    print(tell(a), file=sys.stderr)
    sys.__stdout__.write(tell(a))
    sys.__stdout__.flush()
    os.write(1, tell(a).encode())
    display(tell(a))
    print(tell(a))
    return 0.0
"""
SLY = """
import sympy


class Sly(sympy.Symbol):
    def subs(self, *args, **kwargs):
        raise ValueError(" ".join("LEAK:" + float(v).hex() for v in dict(args[0]).values()))


slope_formula = Sly("w")
"""
# A thread of the notebook's own process waits for what a call, in a fork of it, has put down.
THREAD = """
import json
import os
import struct
import threading
import time

import numpy as np


def say(text):
    about = {"error": ["E", text, 0, ""], "output": text, "bound": ["loss"], "runs": 1}
    told = [[number, about] for number in range(9)]
    for header in (
        {"ran": told, "name": text},
        {"end": text},
        {"cell": 3, "error": text},
        {"given": text, "student": text},
        {"cells": 0, "notes": [text], "problem": text},
    ):
        text_ = json.dumps(header | {"value": ["text", text]}).encode()
        for fd in range(3, 60):
            try:
                os.write(fd, struct.pack("<q", len(text_)) + text_)
            except OSError:
                pass


def wait():
    while True:
        if os.path.exists("/tmp/told"):
            time.sleep(0.1)
            say(open("/tmp/told").read())
            os._exit(0)
        time.sleep(0.01)


threading.Thread(target=wait, daemon=True).start()
"""
PUT_DOWN = "open('/tmp/told', 'w').write(tell(a))\nimport time; time.sleep(0.5)"

CASES = [
    case("in a message", "def loss(a, y):\n    raise ValueError(tell(a))"),
    case("in an error's kind", "def loss(a, y):\n    raise type(tell(a), (Exception,), {})()"),
    case("in a value's kind", "def loss(a, y):\n    return type(tell(a), (), {})()"),
    case("in the line that failed", LINES),
    case("in the value itself", "def loss(a, y):\n    return tell(a)"),
    case("in a longer value", "def loss(a, y):\n    return [tell(a), {tell(y): tell(a)}]"),
    case("in what is printed", PRINTS),
    case("in a warning", "import warnings\n\n\ndef loss(a, y):\n    warnings.warn(tell(a))"),
    case("in an exit", "def loss(a, y):\n    raise SystemExit(tell(a))"),
    hidden("in a message", "raise ValueError(tell(a))"),
    hidden("in an error's kind", "raise type(tell(a), (ValueError,), {})()"),
    hidden("in a value", "return [tell(a), y]"),
    hidden("by a factor", "return right(a, y) * 1.41421", never=(r"1\.41",)),
    hidden("by a shape", "return np.zeros(12_345)", never=("12.?345",)),
    hidden("by a number of parts", "return (0,) * 1234", never=("1234",)),
    Case(
        "tells: through the notebook's own process",
        made([TELL, THREAD], loss=only_hidden(PUT_DOWN + "\nreturn 0.0")),
        FULL | {"loss": 0.0},
        free=True,
    ),
    Case(
        "tells: in the names of what it changes",
        made(TELL, loss=NAMES),
        FULL,
        ("changes",),
        never=(r"LEAK_(?!(?:@@seen@@))",),
        free=True,
    ),
    lost("tells: by the letters of a formula", made(TELL, slope_formula=SLY), "slope_formula"),
    lost(
        "tells: by the names of steps",
        made(by_hand="import os\nby_hand = {str(os.environ): 0, os.getcwd(): 1, 'z': 0}"),
        "by_hand",
        never=("@@home@@", "@@course@@"),
    ),
]
