"""Finding a thing by its name, with the nearest name in the error message."""

import difflib


def look_up(name, table, kind):
    """`table[name]`, or `name` itself where it is already of that kind.

    Raises ValueError for a name that is not in the table, TypeError for what is no name.
    """
    if isinstance(name, kind):
        return name
    noun = kind.__name__.lower()
    if not isinstance(name, str):
        raise TypeError(
            f"{noun} must be a name ({', '.join(table)}) or of type {kind.__name__}; got {type(name).__name__}"
        )
    if name not in table:
        near = difflib.get_close_matches(
            name.lower().replace("-", "_").replace(" ", "_"), table, n=1
        )
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"there is no {noun} {name!r}{hint} There are: {', '.join(table)}")
    return table[name]
