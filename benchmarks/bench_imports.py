"""How long `import backprop` takes beside `import numpy, sympy`: whole processes, in turns.

All of them find their modules compiled, as from the second import on: in a cache of their own.
"""

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import measure

AIM = 1.15
CODE = {"numpy, sympy": "import numpy, sympy", "backprop": "import backprop"}


def python(code, cache):
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    env |= {"PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.check_call([sys.executable, "-c", code], env=env)


def rows(quick):
    with tempfile.TemporaryDirectory() as cache:
        tasks = {name: partial(python, code, cache) for name, code in CODE.items()}
        times = measure.interleave(tasks, rounds=40, budget_seconds=10 if quick else 60)
    for name in tasks:
        ratio = times.ratio(name, "numpy, sympy")
        aim = AIM if name == "backprop" else None
        verdict = "" if aim is None else "met" if ratio <= aim else "missed"
        ms = times[name] * 1e3
        yield {"import": name, "ms": ms, "/ numpy, sympy": ratio, "aim": aim, "": verdict}


if __name__ == "__main__":
    chosen = measure.options(__doc__.splitlines()[0])
    measure.report(list(rows(chosen.quick)), measure.environment(), chosen.json)
