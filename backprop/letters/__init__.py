"""Arrays of letters that NumPy computes with: run NumPy code on them, and out comes its formula.

>>> w, x = letters("w", (2, 2)), letters("x", 2)
>>> np.tanh(w @ x)
Letters([tanh(w_1_1*x_1 + w_1_2*x_2), tanh(w_2_1*x_1 + w_2_2*x_2)])

A `Letters` is an array whose entries are SymPy expressions and which takes part in NumPy's own
dispatch protocols: `@`, `*`, `.T`, `.sum`, `np.exp`, `np.where`, `np.einsum`, slices, loops and
`+=` work on it. A function that makes arrays of its own is run with `on_letters`. Numbers are put
in with `.subs` and `.numbers`.

    entry   what one entry is: a letter, typeset as on the slides, or a number, exactly
    rules   NumPy's elementwise functions as formulas of single entries
    array   the array, and the tables of functions that work on whole arrays
    budget  an end to formulas that grow without one
    run     a whole function on letters

What is in none of the tables raises a TypeError that names the NumPy function and says why.
"""

import numpy as np  # noqa: F401, for the example above

from backprop.letters.array import FUNCTIONS, STRUCTURE, Letters, letters
from backprop.letters.entry import Letter, exact
from backprop.letters.rules import RULES
from backprop.letters.run import on_letters

__all__ = [
    "FUNCTIONS", "RULES", "STRUCTURE", "Letter", "Letters", "exact", "letters", "on_letters",
]  # fmt: skip
