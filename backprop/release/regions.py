"""Where a solution stands in a cell, and what a student finds in its place."""

import ast

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUBS = {"code": "...", "markdown": "*Your answer here.*"}


def parts(source):
    """The lines of a cell, each with whether it is part of a solution; markers are left out.

    >>> parts("a = 1\\n### BEGIN SOLUTION\\na = 2\\n### END SOLUTION")
    [('a = 1', False), ('', None), ('a = 2', True)]

    The beginning of a region is ('', None), with its indentation. Raises ValueError for a marker
    that is nested, stands alone or is spelt otherwise.
    """
    found, begun = [], 0
    for number, line in enumerate(source.splitlines(), 1):
        marker = line.strip()
        if marker == BEGIN:
            if begun:
                raise ValueError(f"line {number}: a solution begins within that of line {begun}")
            begun = number
            found.append((line[: len(line) - len(line.lstrip())], None))
        elif marker == END:
            if not begun:
                raise ValueError(f"line {number}: a solution ends that never began")
            begun = 0
        elif any(mark[4:].lower() in marker.lower() for mark in (BEGIN, END)):
            raise ValueError(
                f"line {number}: {marker!r} is no marker; a line of its own must read {BEGIN!r} "
                f"or {END!r}"
            )
        else:
            found.append((line, bool(begun)))
    if begun:
        raise ValueError(f"the solution that begins in line {begun} has no {END!r}")
    return found


def has_solution(source):
    """Whether a solution is marked in the cell."""
    return any(solution is None for _, solution in parts(source))


def released(source, kind):
    """The cell as a student gets it: a stub in the place of each solution.

    >>> code = "def double(x):\\n    ### BEGIN SOLUTION\\n    return 2 * x\\n    ### END SOLUTION"
    >>> print(released(code, "code"))
    def double(x):
        ...

    What stands at the left margin under other lines needs no stub: those lines are where the
    student answers.

    >>> released("u = ...\\n### BEGIN SOLUTION\\nu = 3\\n### END SOLUTION", "code")
    'u = ...'
    """
    lines = []
    for line, solution in parts(source):
        if solution is None and (line or not _has_place(lines, kind)):
            lines.append(line + STUBS[kind])
        elif solution is False:
            lines.append(line)
    return "\n".join(lines).rstrip()


def _has_place(lines, kind):
    """Whether the lines above show already where to answer."""
    return STUBS[kind] in lines if kind == "markdown" else any(map(str.strip, lines))


def telling(source):
    """The lines of the solutions in a cell that would give something away, stripped.

    Lines that anybody would write are none: short ones, the head of a block, and what the cell
    shows outside its solutions too.

    >>> telling("u = 0\\n### BEGIN SOLUTION\\nfor k in range(3):\\n    u += k * x**k\\n"
    ...         "### END SOLUTION")
    ['u += k * x**k']
    """
    lines = [(line.strip(), solution) for line, solution in parts(source)]
    shown = {line for line, solution in lines if not solution}
    return [line for line, s in lines if s and line not in shown and not _ordinary(line)]


def _ordinary(line):
    if len("".join(line.split())) < 8 or line.startswith(("#", "import ", "from ", "@")):
        return True
    if line.endswith(":"):
        return True
    try:
        (statement,) = ast.parse(line).body
    except (SyntaxError, ValueError):
        return False
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Name | ast.Constant)  # such as `return delta`
