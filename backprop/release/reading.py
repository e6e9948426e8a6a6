"""What is wrong with solutions, as far as reading them tells."""

import re

from backprop.inputs import named
from backprop.release.making import exercise
from backprop.release.marking import CHECK, role
from backprop.release.regions import has_solution, parts, telling
from backprop.release.views import for_lecturers

POINTS = re.compile(r"(\d+)\s+points?\b")


def problems(notebooks, course):
    """A sentence for each thing that keeps a course's notebooks, by name, from being released."""
    found = [
        told for name, notebook in notebooks.items() for told in of_one(name, notebook, course)
    ]
    for id in course:
        where = [n for n, nb in notebooks.items() for cell in nb["cells"] if cell["id"] == id]
        if not where:
            found.append(
                f"question {id!r} has no answer cell: mark its solution {_place(course[id])}"
            )
        if len(where) > 1:
            found.append(f"question {id!r} has {len(where)} answer cells, in {', '.join(where)}")
    return found


def _place(question):
    if question.by_hand:
        return f"in a cell of text under the heading {question.title!r}"
    return f'in a cell of code above check("{question.id}")'


def of_one(name, notebook, course):
    """What is wrong with one notebook."""
    ids = [cell["id"] for cell in notebook["cells"]]
    for id in sorted({id for id in ids if ids.count(id) > 1} - set(course)):
        yield f"{name}: {ids.count(id)} cells have the id {id!r}; give each its own"
    for cell in notebook["cells"]:
        for told in _of_cell(cell, course):
            yield f"{name}, cell {cell['id']!r}: {told}"
    if any(_broken(cell) for cell in notebook["cells"]):
        return  # it cannot be released, so what would be released cannot be read
    questions = [course[id] for id in ids if id in course]
    for question in questions:
        for told in _of_question(question, notebook):
            yield f"{name}: {told}"
    total, title = sum(q.points for q in questions), _text(notebook["cells"][:1])
    said = [int(n) for n in POINTS.findall(title)]
    if said and total not in said:
        yield f"{name}: the title says {said[-1]} points; its questions have {total}"
    yield from (f"{name}: {told}" for told in _leaks(notebook, course))


def _broken(cell):
    try:
        parts(cell["source"])
    except ValueError as error:
        return str(error)
    return ""


def _of_cell(cell, course):
    if told := _broken(cell):
        yield told
        return
    what = role(cell, course)
    if (
        has_solution(cell["source"])
        and not for_lecturers(cell)
        and (not what or what[1] == "check")
    ):
        yield f"it holds a solution and answers no question; {_nearest(cell['id'], course)}"
    if not what and cell["id"].startswith(CHECK):
        yield f"it checks no question; {_nearest(cell['id'].removeprefix(CHECK), course)}"


def _nearest(id, course):
    try:
        named("question", id, course)
    except ValueError as error:
        return str(error)
    return ""


def _of_question(question, notebook):
    id, cells, check = question.id, notebook["cells"], CHECK + question.id
    ids = [cell["id"] for cell in cells]
    answer, kind = cells[ids.index(id)], "markdown" if question.by_hand else "code"
    if answer["cell_type"] != kind:
        yield f"the answer {id!r} is a cell of {answer['cell_type']}; it must be {kind}"
    if not has_solution(answer["source"]):
        yield f"the answer {id!r} marks no solution"
    if question.by_hand:
        if check in ids:
            yield f"{check!r} is not needed: {id!r} is read by a person"
    elif check not in ids:
        yield f'{id!r} has no check: put a cell under it that says check("{id}")'
    elif ids.index(check) < ids.index(id):
        yield f"{check!r} stands above the answer; put it below"
    elif not re.search(rf"""check\(\s*["']{id}["']""", cells[ids.index(check)]["source"]):
        yield f'{check!r} does not check {id!r}; it should say check("{id}")'
    task = [cell for cell in cells if cell["id"] == f"{id}-task"]
    said = [int(n) for line in _text(task).splitlines()[:1] for n in POINTS.findall(line)]
    if not task:
        yield f"{id!r} has no task: say what is asked above it, under a heading"
    elif said != [question.points]:
        told = f"{said[0]} points" if said else "no points"
        yield f"the heading of {id + '-task'!r} gives {told}; the question has {question.points}"


def _text(cells):
    return "\n".join(cell["source"] for cell in cells)


def _leaks(notebook, course):
    """Lines of a solution that still stand somewhere in the exercise."""
    shown = {
        line.strip(): cell["id"]
        for cell in exercise(notebook, course)["cells"]
        for line in cell["source"].splitlines()
    }
    for cell in notebook["cells"]:
        for line in telling(cell["source"]):
            if line in shown:
                yield f"cell {shown[line]!r} shows a line of the solution of {cell['id']!r}: {line}"
