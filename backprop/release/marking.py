"""What nbgrader wants to know of a cell, in the third version of its metadata.

https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
"""

CHECK = "check_"


def marks(question, kind):
    """nbgrader's metadata of a cell: the "answer" to a question, or its "check".

    What is checked is solved in one cell and graded in another, which students cannot change; what
    is read by a person is one cell, with the points.
    """
    check, by_hand = kind == "check", question.by_hand
    plain = {
        "grade": check or by_hand,
        "grade_id": CHECK * check + question.id,
        "locked": check,
        "schema_version": 3,
        "solution": not check,
        "task": False,
    }
    return plain | ({"points": question.points} if plain["grade"] else {})


def role(cell, course):
    """(question, kind) of a cell, kind being "answer" or "check"; None for any other cell."""
    name = cell.get("id", "")
    if name in course:
        return course[name], "answer"
    if name.startswith(CHECK) and name.removeprefix(CHECK) in course:
        return course[name.removeprefix(CHECK)], "check"
    return None


def marked(notebook, course):
    """The notebook with nbgrader's metadata on its answers and checks, all else as it was.

    A cell copied from an answer loses the metadata that came along.
    """
    ours = {m["grade_id"] for q in course.values() for m in (marks(q, "answer"), marks(q, "check"))}
    cells = []
    for cell in notebook["cells"]:
        metadata, what = dict(cell["metadata"]), role(cell, course)
        if what:
            metadata["nbgrader"] = marks(*what)
        elif metadata.get("nbgrader", {}).get("grade_id") in ours:
            del metadata["nbgrader"]
        cells.append(cell | {"metadata": metadata})
    return notebook | {"cells": cells}
