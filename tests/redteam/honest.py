"""Honest but odd: right answers in notebooks as people hand them in. Full marks, no false note."""

from redteam.cases import (
    ANSWERS,
    FULL,
    SETUP,
    TITLES,
    WORDS,
    answer,
    book,
    code,
    full,
    made,
    sheet,
    words,
)

CHANGES = r"changes what it is given"
TWICE = r"more than one cell|defined in cells"
BY_NAME = r"lost its id|not there any more"
STOPPED = r"[Cc]ells? ([0-9]+ )?stopped"


def answers_only(ids=True, **changed):
    """The cells of the answers without anything around them."""
    given = ANSWERS | changed
    return [code(given[id], id if ids else "") for id in ANSWERS]


# — what is around the answers —


def reordered():
    """The answers first, the imports last: as it was worked through, it ran."""
    by_hand = code("g = given('by_hand')\nz = g.w * g.x")
    rest = code("by_hand = {'z': z, 'E': (z - g.y) ** 2 / 2, 'dE_dw': (z - g.y) * g.x}", "by_hand")
    others = [c for c in answers_only() if c["id"] != "by_hand"]
    return book([rest, by_hand, *others, words(WORDS, "why"), code(SETUP)])


def without_ids():
    cells = [code(SETUP)]
    for id in ANSWERS:
        cells += [words(f"## {TITLES[id]}"), code(ANSWERS[id]), code(f"check({id!r})")]
    return book([*cells, words(f"## {TITLES['why']}"), words(WORDS)])


def bare():
    """Without metadata, checks, tasks, ids; of an old minor version."""
    cells = [code(SETUP), *answers_only(ids=False)]
    for cell in cells:
        del cell["metadata"], cell["outputs"], cell["execution_count"]
    return book([*cells, words(WORDS, "why")], metadata={}, nbformat_minor=0)


def format_3():
    cells = [{**c, "input": c.pop("source"), "language": "python"} for c in answers_only()]
    setup = {"cell_type": "code", "input": SETUP.splitlines(keepends=True), "language": "python"}
    heading = {"cell_type": "heading", "level": 2, "source": TITLES["why"]}
    text = {"cell_type": "markdown", "source": [WORDS], "metadata": {}}
    sheets = [{"cells": [setup, *cells, heading, text], "metadata": {}}]
    tree = {"worksheets": sheets, "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    return book([], **tree).replace(b'"cells": [], ', b"", 1)


def windows():
    """CRLF in the sources, which are lists of lines; tabs for indents."""
    cells = sheet()
    for cell in cells:
        text = cell["source"].replace("    ", "\t").replace("\n", "\r\n")
        cell["source"] = text.splitlines(keepends=True)
    return book(cells)


def old_outputs():
    """20 MB of what an earlier run had shown."""
    cells = sheet()
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 4_000_000}}
    stream = {"output_type": "stream", "name": "stdout", "text": ["0.125\n"] * 400_000}
    for cell in cells[3:12:3]:
        cell["outputs"] = [picture, stream]
    return book(cells)


def as_raw_text():
    cells = sheet()
    for cell in cells:
        if cell.get("id") == "why":
            cell["cell_type"] = "raw"
    return book(cells)


def checks(source):
    cells = sheet()
    for cell in cells:
        if cell.get("id", "").startswith("check_"):
            cell["source"] = source
    return book(cells)


def twice():
    """One answer's cell copied, ids and all; the upper copy was never filled."""
    cells = sheet()
    place = next(k for k, cell in enumerate(cells) if cell.get("id") == "loss")
    stub = answer("loss", "def loss(a, y):\n    ...")
    return book([*cells[:place], stub, *cells[place:]])


def beside():
    """The answer's cell left as it was released; the answer stands in a cell of its own below."""
    cells = sheet(loss="def loss(a, y):\n    ...")
    place = next(k for k, cell in enumerate(cells) if cell.get("id") == "check_loss")
    return book([*cells[:place], code(ANSWERS["loss"]), *cells[place:]])


def in_the_check():
    cells = [c for c in sheet() if c.get("id") not in ANSWERS]
    for cell in cells:
        id = cell.get("id", "").removeprefix("check_")
        if id in ANSWERS and cell["cell_type"] == "code":
            cell["source"] = ANSWERS[id] + "\n" + cell["source"]
    return book(cells)


def kernel(**spec):
    return book(sheet(), metadata={"kernelspec": spec, "language_info": {"name": "python"}})


AROUND = [
    full("plain", made()),
    full("reordered cells", reordered, may=(TWICE, BY_NAME, "run again")),
    full("no ids and no metadata", without_ids, may=(BY_NAME,)),
    full("bare cells of format 4.0", bare, may=(BY_NAME,)),
    full("format 3", format_3, "old format 3", may=(BY_NAME,)),
    full("CRLF, tabs, lists of lines", windows),
    full("old outputs of 20 MB", old_outputs),
    full("an answer in words in a raw cell", as_raw_text),
    full("checks changed", checks("check('no_such_question')\n1 / 0"), STOPPED),
    full("checks deleted", book([c for c in sheet() if not c.get("id", "").startswith("check")])),
    full("an answer's cell twice", twice, "loss", may=(TWICE,)),
    full("the answer beside its cell", beside, may=("loss",)),
    full("answers in the check cells", in_the_check, may=(BY_NAME,)),
    full("another kernel's name", kernel(name="conda-env-ml-py", display_name="ML", language="R")),
    full(
        "answers before what they use",
        made(setup="", last=[code(SETUP)]),
        may=("run again",),
    ),
    full("a byte order mark", b"\xef\xbb\xbf" + made()),
    full("empty cells", made(["", "# only a comment", words("", "x1"), code("\n\n")])),
]

# — what else is in the notebook —


def scratch(name, *cells, **more):
    """More cells before the answers, the first of them after the answers too."""
    return full(name, made(first=cells, last=cells[:1]), **more)


def failing(name, *cells, **more):
    """The same, with cells that stop, which is told."""
    return scratch(name, *cells, may=(STOPPED,), **more)


def before(name, *cells, **more):
    """More cells before the answers only."""
    return full(name, made(first=cells), **more)


ANIMATION = """
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation

fig, ax = plt.subplots()
(line,) = ax.plot([], [])
anim = FuncAnimation(fig, lambda k: (line,), frames=2)
anim
"""
POOL = """
import multiprocessing as mp


def square(k):
    return k * k


with mp.Pool(2) as pool:
    squares = pool.map(square, range(9))
"""
PICKLED = """
import pickle
from dataclasses import dataclass


@dataclass
class P:
    x: int = 0


assert pickle.loads(pickle.dumps(P(3))) == P(3)
"""
OWN_FILES = """
import tempfile

with tempfile.TemporaryDirectory() as folder:
    open(folder + "/x", "w").write("x")
np.save("x.npy", np.eye(2))
assert np.load("x.npy").sum() == 2
"""
GONE = """
import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
"""
DISPLAYED = """
from IPython.display import HTML, Markdown, clear_output, display

display(HTML("<b>x</b>"), Markdown("x"), {"a": 1})
clear_output(wait=True)
"""
BESIDE = [
    failing("failing scratch cells", "1 / 0", "no_such_name", "def f(:", "  x = 1\n y", "raise"),
    failing("Python 2", 'print "hello"', "exec 'x = 1'"),
    failing(
        "modules that are not there",
        "import pandas as pd\npd.DataFrame()",
        "from utils import q",
        "from google.colab import drive",
    ),
    failing("a test of one's own that fails", "assert np.allclose(1, 2), 'hm'"),
    scratch("much is printed", "for k in range(30_000): print('epoch', k, 'loss', k / 7)"),
    scratch("colours, bars and emoji", r"print('\x1b[31mred\x1b[0m\r⏳ 50%\r🎉 done\b\a\x00')"),
    scratch("warnings", "import warnings\nwarnings.warn('careful')\nnp.log(-1.0), 1 / np.zeros(2)"),
    scratch("warnings are errors", "import warnings\nwarnings.simplefilter('error')"),
    scratch("NumPy raises", "np.seterr(all='raise')"),
    scratch("NumPy's seed, NumPy's print", "np.random.seed(1)\nnp.set_printoptions(precision=1)"),
    scratch(
        "plots",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "for k in range(30): plt.figure()",
        "plt.savefig('x.png')\nplt.rcParams['figure.figsize'] = 3, 2",
        ANIMATION,
    ),
    full(
        "magics in the first cell",
        made(setup="%matplotlib notebook\n%load_ext autoreload\n%autoreload 2\n" + SETUP.strip()),
    ),
    full(
        "magics that are not there, in the first cell",
        made(setup="%load_ext no_such_extension\n%matplotlib widget\n" + SETUP.strip()),
    ),
    full("a timed answer", made(loss="%%time\n" + ANSWERS["loss"].strip())),
    full("a captured answer", made(loss="%%capture out\n" + ANSWERS["loss"].strip())),
    scratch("more magics", "%timeit -n1 -r1 sum(range(9))", "%who", "%lsmagic", "%pwd", "%env X=1"),
    failing("a debugger", "%pdb on", "1 / 0", "%debug", "breakpoint()", "%pdb off"),
    scratch("help is asked", "np.tanh?", "help(sum)", "np.tanh??", "?"),
    failing(
        "a shell's commands",
        "!ls -la; nproc",
        "files = !ls\nprint(files.n)",
        "%%bash\necho $HOME",
        "!{__import__('sys').executable} -c 'import numpy'",
        "%%bash\nfalse",
        "import subprocess\nsubprocess.run(['true'], check=True)",
    ),
    scratch("things displayed", DISPLAYED, "_, __, Out, In"),
    scratch(
        "other languages", "%%javascript\nalert(1)", "%%latex\n$x$", "%%html\n<script></script>"
    ),
    failing("await", "import asyncio\nawait asyncio.sleep(0.01)", "asyncio.run(asyncio.sleep(0))"),
    scratch("a slow import", "import time\ntime.sleep(0.4)"),
    failing("input", "name = input('Your name? ')", "import getpass\ngetpass.getpass()"),
    failing(
        "leaving in the middle", "exit()", "quit()", "import sys\nsys.exit(3)", "raise SystemExit"
    ),
    scratch("names of modules", "json = struct = socket = 1\nprint(os := None)\nsys, time = 2, 3"),
    scratch(
        "built-ins shadowed", "list, sum, id, type, str, len = [1], 0, 'x', 1, 2, 3\nprint = 4"
    ),
    scratch("everything from NumPy", "from numpy import *\nfrom numpy.linalg import *"),
    scratch(
        "everything from the checks", "from backprop.check import *\nimport backprop.check as bc"
    ),
    before(
        "the course's own modules",
        "import backprop\nfrom backprop import *",
        "from backprop import datasets, plots, network, sigmoid",
        may=(TWICE,),
    ),
    scratch("a widget", "from ipywidgets import interact\ninteract(lambda k: k, k=(0, 3))"),
    scratch("a progress bar", "from tqdm.auto import tqdm\nfor _ in tqdm(range(9)): pass"),
    scratch("threads", "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()"),
    scratch("a pool of processes", POOL, "assert squares == [k * k for k in range(9)]"),
    scratch("logging", "import logging\nlogging.basicConfig(level='DEBUG')\nlogging.info('x')"),
    scratch(
        "output sent elsewhere", "import sys\nsys.stdout = open('log.txt', 'w')\nprint('gone')"
    ),
    scratch("an alarm of one's own", "import signal\nsignal.alarm(60)\nsignal.signal(2, print)"),
    scratch("a farewell", "import atexit\natexit.register(print, 'bye')\nimport faulthandler"),
    scratch("another folder", "import os\nos.makedirs('out', exist_ok=True)\nos.chdir('out')"),
    before("a folder that is gone", GONE),
    scratch("files of one's own", OWN_FILES),
    scratch("classes that are pickled", PICKLED),
    scratch("surroundings changed", "import os, random\nos.environ['A'] = 'b'\nos.umask(0)"),
    scratch(
        "data beside the exercise",
        "rows = np.loadtxt('numbers.csv', delimiter=',')\nassert rows.shape == (2, 2)",
        "import os\nassert os.path.getsize('numbers.csv') == len(open('numbers.csv').read())",
    ),
    before("the names are cleared", "x = 1\n%reset -f", SETUP),
    full("no name given", made(setup=SETUP.replace("ada", "")), "did not sign", flags="not signed"),
    full("the name written otherwise", made(setup=SETUP.replace("ada", " Ada "))),
    full("a long notebook", made([f"x{k} = {k}" for k in range(300)])),
]

# — how the answers are written —

IN_PLACE = """
def weight_gradient(delta, a):
    delta /= a.shape[1]
    a *= 1
    delta[...] = delta
    return delta @ a.T
"""
MODULE = """
%%writefile helper.py
import numpy as np


def mean(delta, a):
    return delta @ a.T / a.shape[1]
"""
CALLED = """
class Gradient:
    def __init__(self, scale):
        self.scale = scale

    def __call__(self, delta, a):
        return self.scale * delta @ a.T / a.shape[1]


weight_gradient = Gradient(1.0)
"""
DECORATED = """
import functools
import time


def timed(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        start = time.perf_counter()
        try:
            return f(*args, **kwargs)
        finally:
            print(f.__name__, time.perf_counter() - start)

    return inner


@timed
def weight_gradient(delta, a):
    return delta @ a.T / a.shape[1]
"""
CACHED = """
memory, calls = {}, 0


def weight_gradient(delta, a):
    global calls
    calls += 1
    key = (delta.tobytes(), a.tobytes(), delta.shape)
    if key not in memory:
        memory[key] = delta @ a.T / a.shape[1]
    return memory[key]
"""
RECURSIVE = """
import sys

sys.setrecursionlimit(20_000)


def total(values):
    return values[0] + total(values[1:]) if values else 0.0


def deep(n):
    return deep(n - 1) if n else 0.0


def loss(a, y):
    return total([float(v) for v in ((a - y) ** 2).ravel()]) / (2 * a.shape[1]) + deep(4000)
"""
TOLD = """
from __future__ import annotations


def loss(a: Matrix, y: Matrix[n, m]) -> Real:
    return ((a - y) ** 2).sum() / (2 * a.shape[1])
"""
GREEK = """
def weight_gradient(δ, α):
    Δw, größe = δ @ α.T, α.shape[1]
    return Δw / größe
"""
NOISY = """
import warnings


def loss(a, y):
    print("a =", a, "y =", y)
    warnings.warn("look out")
    np.zeros(1) / 0
    np.exp(np.array([1000.0]))
    import matplotlib.pyplot as plt
    plt.plot(a.ravel())
    plt.show()
    display(a)
    return ((a - y) ** 2).sum() / (2 * a.shape[1])
"""
OVERFLOWS = """
def layer(W, x, b, f):
    z = W @ x + b
    1 / (1 + np.exp(-z)), np.exp(z) / np.zeros(1)
    return z, f(z)
"""
POOLED = """
from concurrent.futures import ThreadPoolExecutor


def loss(a, y):
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda pair: ((pair[0] - pair[1]) ** 2).sum(), zip(a, y))
        return sum(parts) / (2 * a.shape[1])
"""
MAIN = """
if __name__ == "__main__":
    def loss(a, y):
        return ((a - y) ** 2).sum() / (2 * a.shape[1])
    print(__name__, __doc__)
"""
FAILS_BELOW = ANSWERS["loss"] + "\n\nprint(loss(1))\n"
CLASSY = """
class Layer:
    @staticmethod
    def forward(W, x, b, f=None, *, scale=1.0, **more):
        z = scale * (W @ x) + b
        return [z, f(z)]


layer = Layer.forward
"""
NAMED = """
from collections import namedtuple

Layer = namedtuple("Layer", "z a")


def layer(*args):
    W, x, b, f = args
    return Layer(z=W @ x + b, a=f(W @ x + b))
"""
BETTER = """
def loss(a, y):
    return 0


def loss(a, y):
    return ((a - y) ** 2).sum() / (2 * a.shape[1])
"""
OWN_LETTERS = """
import sympy

w, x, y = sympy.symbols("w x y", real=True)
slope_formula = sympy.expand(sympy.diff((w * x - y) ** 2 / 2, w))
"""
SLOW = """
import time


def loss(a, y):
    time.sleep(0.15)
    return ((a - y) ** 2).sum() / (2 * a.shape[1])
"""
LARGE = """
def loss(a, y):
    np.ones(5_000_000).sum()
    return ((a - y) ** 2).sum() / (2 * a.shape[1])
"""
FILED = """
def loss(a, y):
    import os, tempfile
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write(str(((a - y) ** 2).sum() / (2 * a.shape[1])))
        file.seek(0)
        os.chdir("/")
        return float(file.read())
"""
WRITTEN = [
    full("it prints, warns and plots", made(loss=NOISY)),
    full("it overflows on the way", made(layer=OVERFLOWS)),
    full("it overflows where that is an error", made("np.seterr(all='raise')", layer=OVERFLOWS)),
    full("it changes what it is given", made(weight_gradient=IN_PLACE), CHANGES),
    full(
        "a module of one's own",
        made([MODULE, "from helper import mean"], weight_gradient="weight_gradient = mean"),
    ),
    full("an object that is called", made(weight_gradient=CALLED)),
    full("decorated", made(weight_gradient=DECORATED)),
    full("cached, and counted", made(weight_gradient=CACHED)),
    full("recursive", made(loss=RECURSIVE)),
    full("types that are not there", made(loss=TOLD)),
    full("Greek letters", made(weight_gradient=GREEK)),
    full("a pool of threads", made(loss=POOLED)),
    full("if __name__ is __main__", made(loss=MAIN)),
    full("a line that fails below the answer", made(loss=FAILS_BELOW), "cell stopped"),
    full("a method, a list of results", made(layer=CLASSY)),
    full("any arguments, a named tuple", made(layer=NAMED)),
    full("a better version below", made(loss=BETTER)),
    full(
        "a better version in a later cell",
        made(last=ANSWERS["loss"], loss=BETTER.split("\n\n\n")[0]),
        TWICE,
    ),
    full("slow", made(loss=SLOW)),
    full("a large array on the way", made(loss=LARGE)),
    full("through a file", made(loss=FILED)),
    full("a lambda", made(loss="loss = lambda a, y: np.mean(np.sum((a - y) ** 2, axis=0)) / 2")),
    full(
        "a partial function",
        made(
            loss="import functools\n\n\ndef scaled(s, a, y):\n    return s * ((a - y) ** 2).sum() / "
            "a.shape[1]\n\n\nloss = functools.partial(scaled, 0.5)"
        ),
    ),
    full("from a text", made(loss=f"exec({ANSWERS['loss']!r})")),
    full("letters of one's own", made(slope_formula=OWN_LETTERS)),
    full(
        "in capitals, with a blank",
        made(which_way=ANSWERS["which_way"] + "which_way = f' {which_way.upper()}\\n'"),
    ),
    full(
        "rounded to four decimals",
        made(by_hand=ANSWERS["by_hand"] + "by_hand = {k: round(v, 4) for k, v in by_hand.items()}"),
    ),
    full(
        "one more key, another kind of dict",
        made(
            by_hand=ANSWERS["by_hand"]
            + "from collections import defaultdict\n"
            + "by_hand = defaultdict(float, by_hand, scratch='see paper')"
        ),
    ),
]

assert set(FULL) == {*ANSWERS, "why"}
CASES = AROUND + BESIDE + WRITTEN
