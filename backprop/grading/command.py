"""Grade notebooks in a sandbox: `backprop-grade COMMAND --help` tells more.

backprop-grade grade SUBMISSIONS       a folder or a zip; grades go to grades.sqlite
backprop-grade export --csv            the grades, for a table or a learning platform
backprop-grade feedback DIR            a page for each student
backprop-grade report                  a page on the class
backprop-grade manual                  written answers to grade by hand, as a table to fill in
backprop-grade manual FILLED.csv       and the points, entered
backprop-grade regrade STUDENT...      once more, though nothing has changed
backprop-grade gradescope ZIP          an autograder for Gradescope

Exit codes: 0 all done; 1 done, but some submissions or students need a look (they are named);
2 nothing done, for what was given does not do; 3 there is no sandbox; 130 interrupted: what was
graded until then is kept, and the same command goes on from there.
"""

import argparse
import sys
from contextlib import suppress
from pathlib import Path

from backprop.grading import exports
from backprop.grading.assignments import Assignments
from backprop.grading.bubblewrap import NoSandbox
from backprop.grading.gradebook import Gradebook, GradebookError
from backprop.grading.run import LOOK, Run, name_some, say_what_waits, tasks_at, workers_here
from backprop.grading.sandbox import ISOLATIONS, Limits
from backprop.grading.staging import PACKAGE
from backprop.grading.stations import Setting
from backprop.inputs import named

WRONG, NO_SANDBOX, INTERRUPTED = 2, 3, 130


def parser():
    """The command line's grammar, with its help."""
    grammar = argparse.ArgumentParser(
        "backprop-grade", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = grammar.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    add = shared.add_argument
    add(
        "--gradebook",
        type=Path,
        default=Path("grades.sqlite"),
        metavar="FILE",
        help="(default: %(default)s)",
    )
    add(
        "--course",
        type=Path,
        metavar="FOLDER",
        help="the course's folder (default: the last one, or .)",
    )
    add("--assignment", metavar="NAME", help="such as 04_hidden_delta (default: all there are)")

    how = argparse.ArgumentParser(add_help=False)
    add, limits = how.add_argument, Limits()
    add("--seed", help="of the hidden cases (default: drawn once, and kept in the gradebook)")
    here = workers_here()
    add("--workers", type=int, default=here, metavar="N", help=f"side by side (default: {here})")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster, such as tcp://10.0.0.1:8786")
    add("--isolation", choices=ISOLATIONS, default=ISOLATIONS[0], help="(default: %(default)s)")
    for name, what in (
        ("cell", "a cell"),
        ("call", "a call"),
        ("question", "all calls of a question"),
    ):
        add(f"--{name}-seconds", **_most(getattr(limits, name), "S", f"for {what}"))
    add("--total-seconds", **_most(limits.total, "S", "for a submission"))
    add("--memory", **_most(limits.memory >> 20, "MB", "for a submission"))
    talk = how.add_mutually_exclusive_group()
    talk.add_argument("-v", "--verbose", action="store_true", help="a line for each student")
    talk.add_argument("-q", "--quiet", action="store_true", help="no progress, no summary")

    def command(name, does, *parents, **words):
        made = commands.add_parser(name, parents=[shared, *parents], description=does.__doc__)
        made.set_defaults(does=does, **words)
        return made.add_argument

    add = command("grade", grade, how, students=())
    add("submissions", type=Path, metavar="SUBMISSIONS", help="a folder or a zip")
    add("--again", action="store_true", help="grade what has not changed, too")
    add = command("regrade", grade, how, again=True)
    add("students", nargs="+", metavar="STUDENT")
    add("--submissions", type=Path, help="(default: those that were graded last)")
    add = command("export", export)
    for name in ("csv", "canvas", "moodle"):
        add(f"--{name}", nargs="?", const="-", metavar="FILE", help="(default: to the screen)")
    add("--gradescope", type=Path, metavar="DIR", help="a results.json for each student")
    add("--roster", type=Path, metavar="CSV", help="exported from Canvas or Moodle, to fill in")
    add("--title", help="of the assignment in Canvas (default: its name)")
    add("--grade-column", default="Grade", help="its name in Moodle's worksheet")
    add("--comments-column", default=exports.COMMENTS, help="its name in Moodle's worksheet")
    command("feedback", feedback)("folder", type=Path, metavar="DIR")
    command("report", report)("file", type=Path, nargs="?", default=Path("report.html"))
    add = command("manual", manual)
    add("filled", type=Path, nargs="?", metavar="CSV", help="points to enter")
    add = command("gradescope", gradescope)
    add("zip", type=Path, metavar="ZIP")
    add("--seed", help="of the hidden cases (default: that of the gradebook)")
    return grammar


def _most(default, unit, what):
    """The options of a limit: a number above 0."""

    def above_0(text):
        with suppress(ValueError):
            if 0 < float(text) < 1e6:
                return float(text)
        raise argparse.ArgumentTypeError(f"it must be a number above 0; got {text!r}")

    told = f"{what} (default: {default:g})"
    return {"type": above_0, "default": default, "metavar": unit, "help": told}


def main(argv=None):
    """Do what a command line says; the exit code."""
    grammar = parser()
    options = grammar.parse_args(argv)
    try:
        return options.does(options) or 0
    except NoSandbox as error:
        return _failed(error, NO_SANDBOX)
    except (OSError, ValueError, GradebookError) as error:
        return _failed(error, WRONG)
    except ModuleNotFoundError as error:
        told = f"{error.name} is missing: pip install 'backprop-course[grading,cluster]'"
        return _failed(told, WRONG)
    except KeyboardInterrupt:
        return _failed("interrupted; the same command goes on from here", INTERRUPTED)


def _failed(told, code):
    print(f"backprop-grade: {told}", file=sys.stderr)
    return code


# — grading —


def grade(options):
    """Grade submissions. What was graded before, and has not changed, is passed over."""
    with Gradebook(options.gradebook) as book:
        assignments = _assignments(options, book)
        path = getattr(options, "submissions", None) or book.setting("submissions")
        if not path:
            raise ValueError("say by --submissions where they are; nothing was graded here yet")
        tasks, left_out = tasks_at(path, assignments, options.assignment)
        known = {task.submission.student for task in tasks}
        for who in options.students:
            named("student", who, dict.fromkeys(sorted(known)))
        tasks = [
            t for t in tasks if not options.students or t.submission.student in options.students
        ]
        setting = _setting(options, book, path)
        book.set("submissions", Path(path).absolute())
        if setting.seed != book.seed():
            told = "this seed is another than before: all submissions are graded by it from now on"
            print(told, file=sys.stderr) if book.students() else None
            book.set("seed", setting.seed)
        if getattr(options, "course", None):
            book.set("course", options.course.absolute())
        run = Run(book, assignments, setting, options)
        run.grade(tasks)
        return run.told(left_out)


def _setting(options, book, path):
    limits = Limits(
        options.cell_seconds,
        options.call_seconds,
        options.question_seconds,
        options.total_seconds,
        int(options.memory * (1 << 20)),
    )
    course = _course(options, book)
    hidden = [PACKAGE, course / "questions", course / "solutions", path, options.gradebook]
    return Setting(
        options.seed or book.seed(),
        options.isolation,
        limits,
        tuple(str(Path(place).absolute()) for place in hidden),
    )


# — what comes of it —


def export(options):
    """Write the grades as a CSV, for Canvas or Moodle (with --roster: filled into yours), or as
    Gradescope's results.json. Written answers that wait count as 0 until you enter points."""
    chosen = [n for n in ("csv", "canvas", "moodle", "gradescope") if getattr(options, n)]
    if len(chosen) != 1:
        raise ValueError("say one of --csv, --canvas, --moodle and --gradescope DIR")
    if options.roster and not (options.canvas or options.moodle):
        raise ValueError("--roster goes with --canvas or --moodle")
    with Gradebook.existing(options.gradebook) as book:
        results = _results(book, options)
        course, _ = _known(options, book)
        titles = {id: question.title for id, question in (course or {}).items()}
    if options.gradescope:
        exports.write_all(options.gradescope, exports.gradescope_files(results, titles))
        return 0
    if options.csv:
        text = exports.table(results)
        made = exports.Merged(text if options.csv == "-" else exports.BOM + text)
    else:
        _one_assignment(results)
        title = options.title or results[0].assignment
        columns = options.grade_column, options.comments_column
        made = (
            exports.canvas(results, title, options.roster)
            if options.canvas
            else exports.moodle(results, options.roster, *columns, titles)
        )
    _put(getattr(options, chosen[0]), made.text)
    for note in made.notes:
        print(note, file=sys.stderr)
    name_some("not in the table", [f"{student} {why}" for student, why in made.unmatched])
    say_what_waits(results, sys.stderr)
    return LOOK if made.unmatched or made.notes else 0


def feedback(options):
    """Write a page for each student into a folder."""
    from backprop.grading.feedback import pages

    with Gradebook.existing(options.gradebook) as book:
        results, known = _results(book, options), _known(options, book)
    made = pages(results, *known)
    exports.write_all(options.folder, made)
    print(f"wrote {len(made)} pages into {options.folder}")


def report(options):
    """Write the report on the class, one page of HTML."""
    from backprop.grading.report import report as page

    with Gradebook.existing(options.gradebook) as book:
        known = _known(options, book)
        text = page(_results(book, options), *known)
    exports.write(options.file, text)
    print(f"wrote {options.file}")


def manual(options):
    """Show the written answers that wait, as a CSV to fill in; or enter the points from one."""
    with Gradebook.existing(options.gradebook) as book:
        if options.filled is None:
            _put("-", exports.by_hand(_results(book, options)))
            return
        entries = exports.read_entries(options.filled, book)
        overruled = exports.overrides(entries, book)
        book.enter_all(entries)
        name_some("of them overrule the grader", overruled)
        print(f"entered points for {len(entries)} answers")


def gradescope(options):
    """Build the zip of an autograder for Gradescope, for one assignment."""
    from backprop.grading.gradescope import pack

    with Gradebook(options.gradebook) as book:
        assignments = _assignments(options, book)
        if not options.assignment and len(assignments) > 1:
            raise ValueError(f"say which --assignment: {', '.join(assignments)}")
        name = assignments.assignment(options.assignment or next(iter(assignments))).name
        pack(options.zip, _course(options, book), name, options.seed or book.seed())
    print(f"wrote {options.zip}: upload it on Gradescope, Configure Autograder")


# — what all share —


def _course(options, book):
    return Path(options.course or book.setting("course", "."))


def _assignments(options, book):
    return Assignments.of_folder(_course(options, book))


def _known(options, book):
    """The course of the questions, None where it is not there any more; its exercises' titles."""
    try:
        found = _assignments(options, book)
    except (OSError, ValueError) as error:
        print(f"without the titles of questions: {error}", file=sys.stderr)
        return None, {}
    return found.course, {name: a.title for name, a in found.items() if a.title}


def _results(book, options):
    results = [*book.totals(options.assignment)]
    if not results:
        about = f" for {options.assignment}" if options.assignment else ""
        there = ", ".join(book.assignments()) or "nothing yet"
        raise ValueError(f"there are no grades{about} in {options.gradebook}; there is: {there}")
    return results


def _one_assignment(results):
    names = sorted({result.assignment for result in results})
    if len(names) > 1:
        raise ValueError(f"say which --assignment: {', '.join(names)}")


def _put(where, text):
    """Write a text to a file, or to the screen where that is "-"."""
    if where == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        exports.write(where, text)
        print(f"wrote {where}", file=sys.stderr)
