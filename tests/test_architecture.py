"""Do imports point downwards only, is the front door in order, and is it light?"""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import backprop

FLOORS = (  # what the mathematics is made of, the algorithm, what people see, the lecturer's office
    {"printing", "letters", "inputs", "activations", "losses", "maps", "network"},
    {"equations", "derivation", "proof", "matrixform", "generated"}
    | {"oracles", "gradcheck", "descent", "training", "graph", "datasets", "examples"},
    {"plots", "axes", "mathml", "diagram", "widgets", "questions", "check"},
    {"release", "grading"},
    {"__init__", "__main__"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MATHEMATICS = FLOORS[0] | FLOORS[1]
HEAVY = {"matplotlib", "ipywidgets", "IPython", "anywidget", "jupyter_core", "ipykernel", "tqdm"}

HOME = Path(backprop.__file__).parent
FILES = {path.relative_to(HOME).with_suffix("").parts: path for path in HOME.rglob("*.py")}
ROOMS = sorted({parts[0] for parts in FILES})


def imports(parts):
    """The dotted names of all modules that a file imports, at its top or inside a function."""
    package = ["backprop", *parts][:-1]
    for node in ast.walk(ast.parse(FILES[parts].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            module = above + (node.module.split(".") if node.module else [])
            yield from ([*module, alias.name] for alias in node.names)


def rooms_used_by(room):
    """The other rooms that a room imports; a name from the front door counts as `__init__`."""
    names = [name for parts in FILES if parts[0] == room for name in imports(parts)]
    inside = {(name[1:] or ["__init__"])[0] for name in names if name[0] == "backprop"}
    return {name if name in FLOOR else "__init__" for name in inside} - {room}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_a_floor(room):
    assert room in FLOOR, f"say on which floor {room} is, in FLOORS and in the design"


@pytest.mark.parametrize("room", [room for room in ROOMS if room in FLOOR])
def test_a_room_imports_nothing_from_above(room):
    above = sorted(used for used in rooms_used_by(room) if FLOOR[used] > FLOOR[room])
    assert not above, f"{room} is on floor {FLOOR[room]} and imports from above: {above}"


def test_no_room_imports_itself_by_a_detour():
    graphlib.TopologicalSorter({room: rooms_used_by(room) for room in ROOMS}).prepare()


@pytest.mark.parametrize("room", sorted(MATHEMATICS.intersection(ROOMS)))
def test_the_mathematics_needs_only_numpy_and_sympy(room):
    known = sys.stdlib_module_names | {"backprop", "numpy", "sympy"}
    if room == "training":
        known |= {"tqdm"}  # the progress bar, imported when one is shown
    used = {name[0] for parts in FILES if parts[0] == room for name in imports(parts)}
    assert used <= known


def test_the_front_door_is_sorted_and_without_duplicates():
    """Constants, then classes, then functions; each in alphabetical order."""
    names = sorted(set(backprop.__all__), key=lambda n: (not n.isupper(), n[0].islower(), n))
    assert list(backprop.__all__) == names


def test_the_front_door_is_complete():
    modules = type(sys)
    public = {n for n, v in vars(backprop).items() if n[0] != "_" and not isinstance(v, modules)}
    assert public <= set(backprop.__all__)
    assert not [name for name in backprop.__all__ if not hasattr(backprop, name)]


def test_the_front_door_is_light():
    code = "import sys, backprop; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert not HEAVY.intersection(loaded.split())
