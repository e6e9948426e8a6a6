"""Make exercises/ from solutions/, and a kit for students. A course that is not sound stays back.

python -m backprop.release                    this course
python -m backprop.release --kit kit.zip      and pack it for students
python -m backprop.release --course FOLDER    a course of your own, with questions/ and solutions/
"""

import argparse
import sys
from pathlib import Path

from backprop.release import Folder, NotReleased, release
from backprop.release.kit import pack


def parser():
    """The command line's grammar, with its help."""
    grammar = argparse.ArgumentParser(
        "python -m backprop.release",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    grammar.add_argument(
        "--course", type=Path, metavar="FOLDER", help="a folder of your own (default: this course)"
    )
    grammar.add_argument("--kit", type=Path, metavar="ZIP", help="pack a kit for students too")
    return grammar


def main(argv=None):
    """Release; exit code 1 where the course is not sound, 2 where there is none to be found."""
    grammar = parser()
    arguments = grammar.parse_args(argv)
    try:
        folder = Folder.of(arguments.course)
        if arguments.kit and not arguments.kit.parent.is_dir():
            arguments.kit.parent.mkdir()
        changed = release(folder)
        for path in changed:
            print(f"wrote {path}")
        if not changed:
            print("exercises are up to date")
        if arguments.kit:
            pack(folder, arguments.kit)
            print(f"packed {arguments.kit}")
    except NotReleased as error:
        print(f"{grammar.prog}: {error}", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        grammar.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
