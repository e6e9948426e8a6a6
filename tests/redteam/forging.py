"""Wrong answers that claim to be right: by looking for the answers, by lying, by forging replies."""

from redteam.cases import ANSWERS, FULL, SETUP, Case, lost, made, nothing

WRONG = {
    "weight_gradient": "def weight_gradient(delta, a):\n    return attack('weight_gradient', delta, a)",
    "layer": "def layer(W, x, b, f):\n    return attack('layer', W, x, b, f)",
    "loss": "def loss(a, y):\n    return attack('loss', a, y)",
    "by_hand": "by_hand = attack('by_hand')",
    "which_way": "which_way = attack('which_way')",
    "slope_formula": "slope_formula = attack('slope_formula')",
}


def forged(name, attack, **more):
    """A notebook without one right answer, whose `attack(id, *args)` shall make them right."""
    return nothing(f"forges: {name}", made(attack, **WRONG), **more)


def patched(name, patch, **more):
    """The same, with a patch that each call makes before it answers."""
    source = (
        "import builtins, gc, json, os, struct, sys, threading, types\n\n\ndef patch():\n"
        + "".join(f"    {line}\n" for line in patch.strip().splitlines())
        + "\n\ndef attack(id, *args):\n    try:\n        args and patch()\n    except Exception:\n"
        "        pass\n    return np.zeros((2, 3)) if args else 0.5\n"
    )
    return forged(name, source, **more)


SEARCH = """
import gc
import sys
import types


def frames():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back


def candidates(id, args):
    # what looks like a question, a reference or an expected value, anywhere in this process
    for thing in gc.get_objects():
        try:
            if getattr(thing, "id", None) == id and hasattr(thing, "reference"):
                yield thing.reference(*args)
            if isinstance(thing, dict) and id in thing and hasattr(thing[id], "reference"):
                yield thing[id].reference(*args)
            if isinstance(thing, types.FunctionType) and "questions" in (thing.__module__ or ""):
                if thing.__name__ in ("<lambda>", "reference"):
                    yield thing(*args)
        except Exception:
            continue
    for frame in frames():
        for name, value in frame.f_locals.items():
            if name in ("expected", "right", "value", "answer", "reference", "solution"):
                yield value(*args) if callable(value) else value


def attack(id, *args):
    for value in candidates(id, args):
        return value
    return 0.5
"""
IMPORT = """
import importlib
import os
import pkgutil
import sys


def courses():
    from backprop.questions.course import Course
    home = os.path.dirname(importlib.import_module("backprop").__file__)
    for folder in ("..", ".", "../..", "/", home):
        try:
            yield Course.of_folder(folder)
        except Exception:
            pass
    try:
        yield Course.of_package()
    except Exception:
        pass
    for name in [*sys.modules]:
        if "question" in name or "check" in name:
            for value in [*vars(sys.modules[name]).values()]:
                if isinstance(value, dict):
                    yield value


def attack(id, *args):
    for course in courses():
        try:
            question = course[id]
            return question.reference(*args) if args else question.solve("ada")
        except Exception:
            continue
    return 0.5
"""
FILES = """
import os
import re


def found():
    for top in ("/", ".."):
        for folder, folders, files in os.walk(top):
            if folder.startswith(("/proc", "/sys")):
                folders.clear()
            for file in files:
                if file.endswith(("redteam.py", "redteam.ipynb", "gradebook.sqlite")):
                    yield os.path.join(folder, file)


FOUND = [*found()][:20]


def attack(id, *args):
    if not args:
        print("FOUND:", FOUND)
    for path in FOUND:
        text = open(path, errors="replace").read()
        if args and (got := re.search(id + r" = Function.*?reference=(lambda.*?),\\n", text, re.S)):
            return eval(got[1], globals())(*args)
    return 0.5
"""
FRAMES = """
import sys


def attack(id, *args):
    frame = sys._getframe()
    while frame:
        names = frame.f_locals
        for name in [*names]:
            if name in ("nonce", "requests", "reply", "replies", "seed", "points", "request"):
                print(name, repr(names[name])[:200])
        frame = frame.f_back
    return 0.5
"""
# A conversation is a JSON header with lengths; here each way to say something false in it.
JUNK = """
import json
import os
import struct


def message(header, *arrays):
    text = json.dumps(header).encode()
    return struct.pack("<q", len(text)) + text + b"".join(arrays)


ABOUT = {"error": None, "output": "x", "bound": ["loss"], "runs": 1}
LIES = [
    {"do": "right", "points": 99, "status": "right", "ok": True, "value": ["none"]},
    {"ran": [[1, ABOUT]], "name": "bob", "value": ["none"]},
    {"cells": 0, "notes": ["FORGED"], "problem": "FORGED", "value": ["none"]},
    {"nonce": "", "reply": 0, "error": None, "missing": False, "changed": [], "value": ["none"]},
    {"given": "by_hand", "student": "bob", "value": ["none"]},
    {"end": "", "nonce": "", "value": ["none"]},
    {"cell": 10**30, "value": ["none"]},
    {"cell": "FORGED", "value": ["array", "|O", [10**12]]},
    {"nonce": None, "value": ["array", "<f8", [1 << 40]]},
    {"nonce": [], "value": ["array", "<f8", [-1]]},
    {"ran": None, "name": {}, "value": [["list"] * 40]},
]
BYTES = [
    b"\\x00" * 8, b"\\xff" * 64, struct.pack("<q", 1 << 62), struct.pack("<q", -1) + b"{}",
    struct.pack("<q", 20) + b"[" * 20, struct.pack("<q", 1 << 20), b"",
    struct.pack("<q", 9) + b'{"a":NaN}', struct.pack("<q", 2) + b"\\xff\\xfe",
    struct.pack("<q", 1 << 19) + b"[" * (1 << 19),
]


def shout(*texts):
    for fd in range(3, 200):
        for text in texts:
            try:
                os.set_blocking(fd, False)
                os.write(fd, text)
                os.set_blocking(fd, True)
            except OSError:
                pass
"""
ALL_WRONG = "\n\ndef attack(id, *args):\n    return np.zeros((2, 3)) if args else 0.5\n"
EARLY = JUNK + "\n\nshout(*map(message, LIES))\n" + ALL_WRONG
LATE = JUNK + "\n\ndef attack(id, *args):\n    shout(*map(message, LIES))\n    return 0.5\n"
NONCE = """
import json
import os
import socket
import struct
import sys


def sockets():
    for fd in range(3, 200):
        try:
            yield socket.socket(fileno=os.dup(fd))
        except OSError:
            continue


def known(name):
    frame = sys._getframe()
    while frame:
        if name in frame.f_locals:
            return frame.f_locals[name]
        frame = frame.f_back
    return None


def reply(value, raw=b"", k=0, **more):
    header = {"nonce": known("nonce"), "reply": k, "error": None, "missing": False, "changed": []}
    text = json.dumps(header | {"value": value} | more).encode()
    for line in sockets():
        try:
            line.sendall(struct.pack("<q", len(text)) + text + raw)
        except OSError:
            pass
"""
ECHO = (
    NONCE
    + """

def attack(id, *args):
    # for this request and those to come, everything is right
    for k in range(8):
        for more in ({"status": "right", "points": 4.0}, {"ok": True}, {"end": ""}):
            reply(["array", "<f8", [2, 3]], bytes(48), k, **more)
    return 0.5
"""
)


def odd(name, *replies):
    """Each function sends a reply of its own, with the true nonce, and ends: no other is lost."""
    lines = [f"    reply({told})\n    os._exit(0)\n" for told in replies]
    heads = (("weight_gradient", "delta, a"), ("layer", "W, x, b, f"), ("loss", "a, y"))
    answers = {
        id: f"def {id}({args}):\n{line}" for (id, args), line in zip(heads, lines, strict=False)
    }
    return lost(f"forges: a reply, {name}", made(NONCE, **answers), *answers)


REPLIES = [
    odd(
        "shapes that overflow",
        "['array', '<f8', [0] + [60_000_000] * 7]",
        "['array', '<f8', [0] * 8]",
        "['array', '|b1', [1] * 9]",
    ),
    odd(
        "large and of small numbers",
        "['array', '|b1', [60_000_000]], bytes(60_000_000)",
        "['list', [['array', '|i1', [25_000_000]]] * 2], bytes(50_000_000)",
        "['array', '<f8', [1 << 60]], bytes(1000)",
    ),
    odd(
        "numbers that are none",
        "['number', float('nan')]",
        "['number', 10**4000]",
        "['number', [1]]",
    ),
    odd(
        "trees that are none",
        "['scalar', ['scalar', ['none']]]",
        "['dict', [[['x'], ['none']], []]]",
        "[[[[]]]]",
    ),
    odd(
        "deep and wide trees",
        "eval('[\"list\", [' * 40 + ']]' * 40)",
        "['list', [['none']] * 60_000]",
        "['tuple', [['tuple', [['array', '<f8', []]] * 100]] * 100], bytes(80_000)",
    ),
    odd(
        "errors that are none",
        "['none'], error=['E', 'x' * 10**5, 10**30, '']",
        "['none'], error={'kind': 1}",
        "['none'], error=['\\ud800', '\\x00', 10**9, '<b>'], changed=[['x'], 3, '\\ud800' * 99]",
    ),
    odd("with a text of a megabyte", "['text', '\\ud800' * 10**5]", "['odd', 'x' * 10**6]", "None"),
]
STUB = """
import backprop.check
import backprop.check.running
import backprop.questions.kinds as kinds
import backprop.questions.outcomes as outcomes
import sys


def yes(*args, **kwargs):
    return None


outcomes.Ruler.difference = yes
outcomes.Ruler.same = lambda *args: True
kinds.Function._judge = kinds.Numbers._judge = lambda self, *args: self._right()
for module in [*sys.modules.values()]:
    for name in ("judge", "verdict", "grade", "compare", "is_right"):
        if hasattr(module, name):
            setattr(module, name, lambda *args: True)
backprop.check.check = lambda id: print("✓ Right:", id)
check = backprop.check.check


def attack(id, *args):
    return 0.5
"""
COPYING = '''
import inspect


def weight_gradient(delta, a):
    """What the check knows, if it knows anything."""
    from backprop.check import _here
    return _here()[0].course["weight_gradient"].reference(delta, a)
'''
BOMB = """
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch @@home@@/BOOM; touch /tmp/BOOM",)


def attack(id, *args):
    return Bomb()
"""

# These touch nothing outside of their own process, so they can do without walls.
SCORES = [
    forged("by searching this process", SEARCH),
    forged("by the asking frames", FRAMES),
    forged("with messages sent early", EARLY, never=("FORGED",)),
    forged("with the true nonce", ECHO),
    forged("with checks that say yes", STUB),
]
CASES = [
    *SCORES,
    forged("by importing the questions", IMPORT),
    forged("by searching the disk", FILES, never=(r"FOUND: \[[^]]",)),
    forged("with messages sent in time", LATE, never=("FORGED",)),
    forged("with a pickle bomb", BOMB),
    lost("forges: from the check", made(weight_gradient=COPYING), "weight_gradient"),
    *REPLIES,
    lost(
        "forges: right where it is visible only",
        made(
            "VISIBLE = @@visible@@",
            loss="def loss(a, y):\n    return VISIBLE.get(a.ravel()[0].hex(), 0.5)",
        ),
        "loss",
    ),
    Case(
        "noise on every file, in a scratch cell",
        made([JUNK, "shout(*BYTES)"]),
        FULL,
        free=True,
    ),
    lost(
        "noise on every file, in an answer",
        made(JUNK, loss=ANSWERS["loss"].replace("return", "shout(*BYTES)\n    return")),
        "loss",
    ),
    patched(
        "np.allclose and friends",
        """
for name in ("allclose", "isclose", "array_equal", "all", "abs", "array_equiv"):
    setattr(np, name, lambda *args, **kwargs: True)
np.testing.assert_allclose = lambda *args, **kwargs: None
""",
    ),
    patched(
        "np.asarray and what makes arrays",
        """
np.asarray = np.array = np.ascontiguousarray = np.frombuffer = lambda *args, **kwargs: np.zeros(1)
np.ndarray = np.dtype = object
""",
    ),
    patched(
        "json",
        """
json.dumps = lambda *args, **kwargs: '{"ok": true, "points": 4, "value": ["none"]}'
json.loads = lambda *args, **kwargs: {"do": "ask", "value": ["none"]}
""",
    ),
    patched(
        "struct and os",
        """
struct.pack = lambda *args: b"\\x02" + bytes(7)
os.write = os.fork = os._exit = lambda *args: 0
""",
    ),
    patched(
        "isinstance, len, type",
        """
builtins.isinstance = builtins.issubclass = builtins.callable = lambda *args: True
builtins.len = builtins.sum = builtins.min = lambda *args: 1
""",
    ),
    patched(
        "open, print, exec, __import__",
        """
builtins.open = builtins.print = builtins.exec = builtins.eval = lambda *a, **k: None
builtins.compile = builtins.getattr = lambda *args: 1
builtins.__import__ = lambda *args, **kwargs: types.SimpleNamespace()
""",
    ),
    patched(
        "all modules of the grader's",
        """
for name in [*sys.modules]:
    if name.startswith("backprop"):
        for key, value in [*vars(sys.modules[name]).items()]:
            if callable(value) and not isinstance(value, type):
                setattr(sys.modules[name], key, lambda *args, **kwargs: None)
""",
    ),
    patched(
        "the modules exchanged",
        """
sys.modules["numpy"] = sys.modules["json"] = sys.modules["socket"] = types.ModuleType("fake")
for name in [n for n in sys.modules if n.startswith("backprop")]:
    sys.modules[name] = types.ModuleType(name)
""",
    ),
    patched(
        "the grader's own objects",
        """
for thing in gc.get_objects():
    kind = type(thing)
    if kind.__module__.startswith("backprop.grading") and hasattr(thing, "__dict__"):
        for name in [*vars(thing)]:
            setattr(thing, name, None)
""",
    ),
    patched(
        "the code of the grader's functions",
        """
def yes(*args, **kwargs): return True
for thing in gc.get_objects():
    if isinstance(thing, types.FunctionType) and (thing.__module__ or "").startswith("backprop"):
        try:
            thing.__code__ = yes.__code__
        except ValueError:
            pass
""",
    ),
    patched(
        "every call traced",
        """
def trace(frame, event, arg):
    for name in ("points", "ok", "status", "error"):
        if name in frame.f_locals:
            frame.f_locals[name] = True
    return trace
sys.settrace(trace)
sys.setprofile(trace)
threading.settrace(trace)
""",
    ),
    nothing(
        "nobody answered",
        made(**{id: f"{id} = ..." for id in ANSWERS}, why="*Your answer here.*"),
    ),
    Case(
        "given asked for everything",
        made(
            r"""
            for id in ("no", None, "", "x" * 10**7, ["by_hand"], "by_hand\n", "../by_hand", b"x", 3,
                       "weight_gradient", "why", "\ud800", {"id": 1}):
                try:
                    print(repr(given(id))[:99])
                except Exception as error:
                    print(error)
            """
        ),
        FULL,
    ),
    Case(
        "given asked without end",
        made(last="for k in range(10**7):\n    try: given(f'no_{k}')\n    except Exception: pass"),
        FULL,
        free=True,
    ),
    Case(
        "signed with what is no name",
        made(
            r"""
            class Sly:
                def __str__(self): raise SystemExit


            for name in (None, ..., 3, "x" * 10**7, "\ud800\n\x00", b"x", ["ada"], Sly(), "ada"):
                try:
                    student(name)
                except BaseException:
                    pass
            """
        ),
        FULL,
    ),
    Case("signed as another", made(setup=SETUP.replace("ada", "bob")), FULL, flags="bob"),
    lost(
        "signed as another in the end",
        made("student('bob')", last="student('ada')"),
        "by_hand",
        "which_way",  # by chance: it is up for the one, and down for the other
    ),
    Case(
        "signed with what no lecturer should open",
        made(setup=SETUP.replace('"ada"', r"'=cmd|x\x1b[2J<script>' + '\ud800' * 999")),
        FULL,
        flags="signed",
        never=("\x1b",),
    ),
]
