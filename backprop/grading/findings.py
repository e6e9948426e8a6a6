"""What a notebook that was run turned out to hold: which cell is which answer, and what was odd."""

from backprop.grading.examination import Ran
from backprop.grading.notebooks import written

STOPPED = 5  # cells that stopped, told one by one


class Findings:
    """The whereabouts of each answer in an Examination that has run its notebook."""

    def __init__(self, examination, assignment):
        self.notebook, self.ran = examination.notebook, examination.ran
        self.signed, self.asked = examination.name, examination.given
        self.ids, self.marked = [*assignment.questions], assignment.marked
        self.words = written(self.notebook, assignment.headings)
        self.sources = {cell.number: cell.source for cell in self.notebook.code}

    def cells(self, id):
        """The numbers of the cells that made the answer of that name, in order."""
        made = [number for number, ran in self.ran.items() if id in ran.bound]
        return made or [c.number for c in self.notebook.answers(id) if c.kind == "code"]

    def source(self, id):
        """The source of the cell whose answer counts, '' where there is none."""
        return self.sources.get(self.cells(id)[-1], "") if self.cells(id) else ""

    def output(self, id):
        """What that cell printed."""
        return self._ran(self.cells(id)[-1]).output if self.cells(id) else ""

    def broken(self, id):
        """The error that stopped that cell, or None."""
        return self._ran(self.cells(id)[-1]).error if self.cells(id) else None

    def about(self, id, answered):
        """Sentences on the cell of an answer, for its student."""
        cells, named = self.cells(id), self.notebook.answers(id)
        made = [number for number in cells if id in self._ran(number).bound]
        if not cells:
            yield f"There is no cell that defines `{id}`."
        if made and not named and self.marked:
            yield f"The cell of this answer has lost its id; `{id}` was found in cell {made[-1]}."
        if len(made) > 1:
            numbers = " and ".join(map(str, made))
            yield f"`{id}` is defined in cells {numbers}; the one that ran last counts."
        error = self.broken(id)
        if error and made:
            yield f"Its cell stopped: {error}."
        elif error:
            yield f"Your cell could not be run: {error}."
        elif cells and not made and not answered and self._ran(cells[-1]).runs:
            yield f"Its cell does not define `{id}`."

    @property
    def notes(self):
        """Sentences on the notebook as a whole, for its student."""
        answers = {number for id in self.ids for number in self.cells(id)}
        stopped = [(n, r.error) for n, r in self.ran.items() if r.error and n not in answers]
        for number, error in sorted(stopped)[:STOPPED]:
            yield f"Cell {number} stopped: {error}. No answer is in it: that cost no points."
        if len(stopped) > STOPPED:
            yield f"{len(stopped) - STOPPED} more cells stopped."
        for number, ran in sorted(self.ran.items()):
            if ran.runs > 1:
                yield f"Cell {number} was run again, after a later cell made a name that it uses."
        if self.sources and not self.ran:
            yield "None of the notebook's cells could be run."
        if self.asked and not self.signed:
            yield 'You did not sign in `student("")`: your numbers were judged as those for no id.'

    def flags(self, student):
        """Sentences for the lecturer: whose numbers these are, where that is not plain."""
        if self.signed and self.signed.casefold() != student.casefold():
            yield f"signed as {self.signed[:100]!r}"
        if self.asked and not self.signed:
            yield "not signed"

    def _ran(self, number):
        return self.ran.get(number, Ran())
