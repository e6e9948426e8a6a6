"""Fair timing: one thread on one processor, tasks in turns, medians, and ratios within a round.

Import it before NumPy: the libraries read their number of threads when they are first imported.
"""

import argparse
import gc
import importlib
import json
import os
import platform
import statistics
import time

for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "NUMEXPR"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):  # XLA has no such variable; on one processor it has one thread
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Times(dict):
    """Median seconds a call, by name; `samples` has one number a round for each name."""

    def __init__(self, samples):
        super().__init__({name: statistics.median(times) for name, times in samples.items()})
        self.samples = samples

    def ratio(self, name, other):
        """How many times as long as `other` a call takes: the median over rounds of the quotient.

        Both are timed within a fraction of a second in each round, so that a processor that grows
        slower for a while, as shared ones do, slows both.
        """
        pairs = zip(self.samples[name], self.samples[other], strict=True)
        return statistics.median(one / two for one, two in pairs)


def interleave(tasks, rounds=60, budget_seconds=8, turn_seconds=0.005):
    """Median seconds a call for each task, {name: callable without arguments}.

    In each round every task has a turn of about `turn_seconds`, and at least one call; it starts
    warm. It ends after `rounds` rounds, or after `budget_seconds` once there were five.
    """
    calls = {}
    for name, task in tasks.items():
        task()
        calls[name] = max(1, round(turn_seconds / min(_seconds(task, 1) for _ in range(3))))
    samples = {name: [] for name in tasks}
    gc.collect()
    gc.disable()
    try:
        end = time.perf_counter() + budget_seconds
        for done in range(rounds):
            if done >= 5 and time.perf_counter() > end:
                break
            for name, task in tasks.items():
                if calls[name] > 1:
                    task()  # what the task before has put out of the cache comes back
                samples[name].append(_seconds(task, calls[name]))
    finally:
        gc.enable()
    return Times(samples)


def _seconds(task, calls):
    start = time.perf_counter()
    for _ in range(calls):
        task()
    return (time.perf_counter() - start) / calls


def peer(name):
    """The module of that name, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def environment(*peers):
    """What a figure depends on: Python, NumPy, the processor, and the versions of the peers."""
    import numpy

    versions = {name: getattr(peer(name), "__version__", None) for name in peers}
    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "processor": _processor(),
        "threads": 1,
        "peers": {name: version or "not installed" for name, version in versions.items()},
    }


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def options(description):
    """The options that every benchmark has: `--json`, and `--quick` for a first look."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="a second for each row: rough figures")
    return parser.parse_args()


def report(rows, setting, as_json):
    """Print rows (dicts with the same keys) as a table or, with the environment, as JSON."""
    if as_json:
        print(json.dumps({"environment": setting, "rows": rows}, indent=1))
        return
    print(" · ".join(f"{key} {value}" for key, value in setting.items()))
    cells = [list(rows[0]), *([_shown(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


def _shown(value):
    return f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
