"""Grading a class: the time beside nbgrader's, memory, classes of every size, workers.

Three questions of exercise 4, in a notebook of their own, and five ways to answer them: right,
wrong, stopped by an error, left as it was. Before anything is timed, nbgrader and `backprop-grade`
must give each of them the same points. Whole commands are timed, in turns; the time of one more
submission is the slope from a few submissions to many, so that no start is in it.

nbgrader and this course are installed into `build/nbgrader-venv` when they are not there yet.
"""

import csv
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from itertools import cycle, islice
from pathlib import Path

PROCESSORS = os.sched_getaffinity(0)
import measure  # noqa: E402  (it keeps this process to one processor)

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from backprop.grading.gradebook import Gradebook  # noqa: E402
from backprop.questions.course import Course  # noqa: E402
from backprop.release.making import exercise, read, written  # noqa: E402

NBGRADER, VENV = "0.9.6", ROOT / "build" / "nbgrader-venv"
CONFIG = 'c = get_config()\nc.ClearSolutions.code_stub = {"python": "..."}\n'
SOLUTION, THREE = ROOT / "solutions" / "04_hidden_delta.ipynb", "three_questions"
QUESTIONS = {
    "hidden_delta": {
        "wrong": "return W_next.T @ delta_next",
        "stops": "return W_next @ delta_next @ a",
    },
    "relu_hidden_delta": {
        "wrong": "return (W_next.T @ delta_next) * (z <= 0)",
        "stops": "return W_next.T @ deltas",
    },
    "deep_deltas": {
        "wrong": "return [(a[-1] - y) * a[-1] * (1 - a[-1]) / y.shape[1]] * len(W)",
        "stops": "return [W[l].T @ a[l] for l in range(len(W) + 1)]",
    },
}
WAYS = (  # how the three are answered; "" is left as it was
    ("right", "right", "right"),
    ("wrong", "right", "right"),
    ("right", "stops", "wrong"),
    ("stops", "wrong", ""),
    ("", "", ""),
)
FEW = 3
TIME, MEMORY, FLAT, GROWTH = 1 / 15, 150, 1.3, 1.1  # what is aimed at: ratios, but for the MB
SAMPLE = 0.005  # seconds from one look at the memory to the next


# — a class —


def three_questions():
    """The notebook with the solutions of the three, and the one for students."""
    whole, course = read(SOLUTION), Course.of_package()
    ids = {"title", "setup"} | {f"{id}{end}" for id in QUESTIONS for end in ("", "-task")}
    ids |= {f"check_{id}" for id in QUESTIONS}
    whole["cells"] = [cell for cell in whole["cells"] if cell["id"] in ids]
    return whole, exercise(whole, course)


class Class:
    """Folders with the three questions as an assignment for nbgrader, and for ourselves."""

    def __init__(self, folder):
        self.solution, self.exercise = three_questions()
        self.ours, self.theirs = folder / "ours", folder / "nbgrader"
        for place, notebook in (
            (self.ours / "exercises", self.exercise),
            (self.theirs / "source" / THREE, self.solution),
        ):
            place.mkdir(parents=True)
            (place / f"{THREE}.ipynb").write_text(written(notebook), encoding="utf-8")
        (self.theirs / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")

    def answered(self, student, ways):
        """The text of a student's notebook."""
        right = {c["id"]: c["source"] for c in self.solution["cells"] if c["id"] in QUESTIONS}
        told = {"setup": ('student("")', f'student("{student}")')}
        for (id, lines), way in zip(QUESTIONS.items(), ways, strict=True):
            body = re.search(r"### BEGIN SOLUTION\n    (.*?)\n    ### END", right[id], re.DOTALL)[1]
            told[id] = ("    ...", "    " + ({"": "...", "right": body} | lines)[way])
        whole = self.exercise
        cells = [c | {"source": _instead(c, *told.get(c["id"], ()))} for c in whole["cells"]]
        return written(whole | {"cells": cells})

    def hand_in(self, course, number):
        """Let `number` students hand in, in all ways in turn: submitted/student/assignment/."""
        shutil.rmtree(course / "submitted", ignore_errors=True)
        for k, ways in enumerate(islice(cycle(WAYS), number)):
            student = f"s{k:04}"
            folder = course / "submitted" / student / THREE
            folder.mkdir(parents=True)
            text = self.answered(student, ways)
            (folder / f"{THREE}.ipynb").write_text(text, encoding="utf-8")

    @property
    def points(self):
        """What the ways to answer should earn."""
        of = [Course.of_package()[id].points for id in QUESTIONS]
        right = [[p for p, way in zip(of, ways, strict=True) if way == "right"] for ways in WAYS]
        return [sum(points) for points in right]


def _instead(cell, old="", new=""):
    before, old, after = cell["source"].partition(old) if old else (cell["source"], "", "")
    return before + (new if old else "") + after


# — nbgrader —


def nbgrader_python():
    """The Python that nbgrader is installed for, beside this course; installed if need be."""
    python = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
    code = f"import backprop.check, nbgrader; assert nbgrader.__version__ == {NBGRADER!r}"
    if not python.exists() or subprocess.run([python, "-c", code], capture_output=True).returncode:
        told = f"installing nbgrader {NBGRADER} and this course into {VENV.relative_to(ROOT)} ..."
        print(told, file=sys.stderr)
        venv.create(VENV, clear=True, with_pip=True)
        what = [f"nbgrader=={NBGRADER}", "-e", str(ROOT)]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *what], check=True)
    return python


def nbgrader(python, course, *command):
    """Run nbgrader in a course's folder, with homes of its own; the seconds it took."""
    homes = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    env = os.environ | {n: str(course / ".home" / n.lower()) for n in homes} | {"PATH": path}
    return seconds([python, "-m", "nbgrader", *command], course, env)


def seconds(command, folder, env):
    """Seconds that a command takes, from its start to its end; it must succeed."""
    start = time.perf_counter()
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"{command}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return time.perf_counter() - start


# — ourselves —


def grade(course, submitted, *options):
    """The command that grades submissions with a new gradebook; the gradebook, and the command."""
    book = Path(tempfile.mkdtemp(dir=course.parent)) / "grades.sqlite"
    command = [sys.executable, "-m", "backprop.grading", "grade", str(submitted)]
    command += ["--course", str(course), "--gradebook", str(book), "--seed", "benchmark", *options]
    return book, command


def environment():
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


class Watched:
    """A run of the grader and what was seen of it: `seconds` in all, `ends` with the time at each
    submission's end and the processor time used until then, and peaks of memory in MB.

    A sandbox's memory is the sum over its processes of their proportional set size, in which what
    processes share is divided among them; the coordinator's is all that it has.
    """

    def __init__(self, command, memory=False):
        self.coordinator = self.sandbox = 0.0
        self.ends, start = [], time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=errors
            )
            os.set_blocking(process.stdout.fileno(), False)
            heard = None  # and b"" at the end
            while heard != b"":
                heard = process.stdout.read()
                if heard:
                    now = time.perf_counter() - start, sum(map(processor, family(process.pid)))
                    self.ends += [now] * heard.count(b"\n")
                self._look(process.pid, memory)
                time.sleep(SAMPLE)
            process.stdout.close()
            if process.wait():
                errors.seek(0)
                raise SystemExit(f"{command}: {process.returncode}\n{errors.read().decode()}")
        self.seconds = time.perf_counter() - start
        del self.ends[-2:]  # the summary; and the last one, at whose end all processes go

    def _look(self, pid, memory):
        if memory:
            for box in children(pid):
                seen = family(box)
                used = sum(map(pss, seen))
                if seen == family(box):  # or what one had would be counted for two
                    self.sandbox = max(self.sandbox, used)
        self.coordinator = max(self.coordinator, highest(pid))

    @property
    def pace(self):
        """Seconds from one submission's end to the next one's: by the clock, and of processors."""
        pairs = zip(self.ends[0], self.ends[-1], strict=True)
        return [(last - first) / (len(self.ends) - 1) for first, last in pairs]


def children(pid):
    """The numbers of a process's children, whichever of its threads has them."""
    found = []
    for task in _listed(f"/proc/{pid}/task"):
        found += _text(f"/proc/{pid}/task/{task}/children").split()
    return found


def family(pid):
    """A process and all that come from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def pss(pid):
    """Memory of a process in MB; what it shares is divided by the number of those who share it."""
    found = re.search(r"^Pss: +(\d+) kB", _text(f"/proc/{pid}/smaps_rollup"), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def processor(pid):
    """Seconds of processor time that a process has had, and those of its children that ended."""
    times = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()[11:15]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def highest(pid):
    """The most memory that a process has had, in MB; shared or not."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", _text(f"/proc/{pid}/status"), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _listed(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _text(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:  # it has ended in the meantime
        return ""


# — what is measured —


def row(what, measured, unit="", aim=None):
    verdict = "" if aim is None else "met" if measured <= aim else "missed"
    return {"what": what, "measured": float(measured), "unit": unit, "aim": aim, "": verdict}


def agreed(python, class_):
    """Stop unless nbgrader and ourselves give to each of the ways to answer what it should earn."""
    for course in (class_.theirs, class_.ours):
        class_.hand_in(course, len(WAYS))
    nbgrader(python, class_.theirs, "autograde", THREE)
    nbgrader(python, class_.theirs, "export")
    with (class_.theirs / "grades.csv").open(encoding="utf-8") as file:
        theirs = {r["student_id"]: float(r["score"]) for r in csv.DictReader(file) if r["score"]}
    book, command = grade(class_.ours, class_.ours / "submitted", "--quiet")
    seconds(command, ROOT, environment())
    with Gradebook.existing(book) as graded:
        ours = {result.student: float(result.points) for result in graded.totals()}
    right = {f"s{k:04}": float(points) for k, points in enumerate(class_.points)}
    if not right == ours == theirs:
        raise SystemExit(f"points differ: {right} expected, {ours} ours, {theirs} nbgrader's")


def one_more(class_, rounds, theirs_more, ours_more):
    """The time of one more submission, nbgrader's and ours, by rounds; and that of starting."""
    python = nbgrader_python()
    nbgrader(python, class_.theirs, "generate_assignment", THREE)
    fresh = class_.theirs.with_name("fresh")
    shutil.copytree(class_.theirs, fresh)
    agreed(python, class_)

    def theirs(number):
        shutil.rmtree(class_.theirs)
        shutil.copytree(fresh, class_.theirs)
        class_.hand_in(class_.theirs, number)
        return nbgrader(python, class_.theirs, "autograde", THREE)

    def ours(number):
        class_.hand_in(class_.ours, number)
        options = ("--workers", "1", "--quiet")
        _, command = grade(class_.ours, class_.ours / "submitted", *options)
        return seconds(command, ROOT, environment())

    more = {"nbgrader": (theirs, theirs_more), "ours": (ours, ours_more)}
    slopes, starts = ({name: [] for name in more} for _ in range(2))
    for _ in range(rounds):
        few = {name: run(FEW) for name, (run, _) in more.items()}
        for name, (run, extra) in more.items():
            slope = (run(FEW + extra) - few[name]) / extra
            slopes[name].append(slope)
            starts[name].append(few[name] - FEW * slope)
    times = measure.Times(slopes)
    for name in more:
        yield row(f"one more submission, {name}", times[name] * 1e3, "ms")
    yield row("one more submission, ours ÷ nbgrader", times.ratio("ours", "nbgrader"), "", TIME)
    for name in more:
        yield row(f"start, {name}", statistics.median(starts[name]) * 1e3, "ms")


def memory(class_, number):
    """The peaks of a sandbox's processes together: with the three questions, with whole courses."""
    class_.hand_in(class_.ours, number)
    whole = class_.ours.with_name("whole")
    for student in ("ada", "emmy"):
        shutil.copytree(ROOT / "solutions", whole / student, ignore=lambda *_: ["README.md"])
    for what, course, submitted in (
        ("three questions", class_.ours, class_.ours / "submitted"),
        ("all exercises", ROOT, whole),
    ):
        _, command = grade(class_.ours, submitted, "--workers", "1", "--verbose")
        command[command.index("--course") + 1] = str(course)
        seen = Watched(command, memory=True)
        yield row(f"a worker's sandbox, {what}", seen.sandbox, "MB", MEMORY)
        yield row(f"the coordinator, {what}", seen.coordinator, "MB")


def flat(class_, sizes):
    """The time of a submission, and the coordinator's memory, in classes of several sizes.

    The time is that from the command's start to its end, without what it takes to start and to
    end: that is known from small classes, graded before and after each of the others.
    """
    first, *others = sizes

    def run(number):
        class_.hand_in(class_.ours, number)
        options = ("--workers", "1", "--verbose")
        return Watched(grade(class_.ours, class_.ours / "submitted", *options)[1])

    small, large = [run(first) for _ in range(3)], {}
    each, ratios, busy = {}, [1.0], [1.0]
    for number in others:
        large[number] = seen = run(number)
        small += [run(first) for _ in range(3)]
        around = small[-6:]
        fixed = statistics.median(s.seconds - s.pace[0] * first for s in around)
        each[number] = (seen.seconds - fixed) / number
        usual = [statistics.median(paces) for paces in zip(*(s.pace for s in around), strict=True)]
        ratios.append(each[number] / usual[0])
        busy.append(seen.pace[1] / usual[1])
    each = {first: statistics.median(s.pace[0] for s in small)} | each
    most = {first: max(s.coordinator for s in small)}
    most |= {number: seen.coordinator for number, seen in large.items()}
    for number in sizes:
        yield row(f"{number} submissions: each", each[number] * 1e3, "ms")
        yield row(f"{number} submissions: the coordinator", most[number], "MB")
    yield row("slowest ÷ fastest of these sizes", max(ratios) / min(ratios), "", FLAT)
    yield row("the same, in processor time", max(busy) / min(busy), "", FLAT)
    yield row(f"memory, {others[-1]} ÷ {first}", most[others[-1]] / most[first], "", GROWTH)


def workers(class_, number, rounds):
    """Submissions a second with one worker and with two."""
    class_.hand_in(class_.ours, number)
    paces = {1: [], 2: []}
    for _ in range(rounds):
        for count, found in paces.items():
            options = ("--workers", str(count), "--verbose")
            run = Watched(grade(class_.ours, class_.ours / "submitted", *options)[1])
            found.append(1 / run.pace[0])
    times = measure.Times(paces)
    for count in paces:
        yield row(f"{count} worker{'s' * (count > 1)}", times[count], "a second")
    yield row("2 workers ÷ 1", times.ratio(2, 1))


def rows(quick):
    with tempfile.TemporaryDirectory(prefix="backprop-grading-") as folder:
        Path(folder).chmod(0o755)
        class_, turn = Class(Path(folder)), len(WAYS)
        yield from one_more(class_, *((1, turn, 6 * turn) if quick else (5, 2 * turn, 12 * turn)))
        yield from memory(class_, 30 if quick else 60)
        yield from flat(class_, (10, 50, 200) if quick else (10, 100, 500, 2000))
        yield from workers(class_, *((40, 1) if quick else (60, 5)))


if __name__ == "__main__":
    chosen = measure.options(__doc__.splitlines()[0])
    os.sched_setaffinity(0, PROCESSORS)
    setting = measure.environment() | {"nbgrader": NBGRADER, "processors": len(PROCESSORS)}
    setting |= {"load before": round(os.getloadavg()[0], 1)}
    measure.report(list(rows(chosen.quick)), setting, chosen.json)
