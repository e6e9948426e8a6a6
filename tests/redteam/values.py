"""Right values of odd kinds, which count, and wrong or hostile ones, which do not."""

from textwrap import indent

from redteam.cases import ANSWERS, full, lost, made

GRADIENT, LAYER, LOSS = "weight_gradient", "layer", "loss"


def through(id, lines, head=""):
    """The right answer to a question; what it gives, `r`, then goes through some lines."""
    return (
        f"{head}\n{ANSWERS[id]}\n\nright_{id} = {id}\n\n\ndef {id}(*args):\n"
        f"    r = right_{id}(*args)\n{indent(lines, '    ')}\n"
    )


def right(name, head="", **lines):
    """Full marks for values that go through these lines."""
    return full(f"right: {name}", made(head, **{id: through(id, do) for id, do in lines.items()}))


def wrong(name, head="", told=(), **lines):
    """No points for values that go through these lines, and all for the other questions."""
    data = made(head, **{id: through(id, do) for id, do in lines.items()})
    return lost(f"wrong: {name}", data, *lines, told=told)


RIGHT = [
    right(
        "float32 and such",
        weight_gradient="return r.astype(np.float32)",
        layer="return [r[0].tolist(), r[1].astype('f4')]",
        loss="return np.float32(r)",
    ),
    right(
        "other orders and strides",
        weight_gradient="return np.asfortranarray(r)",
        layer="return tuple(np.repeat(part, 2, axis=1)[:, ::2] for part in r)",
        loss="return np.array([[r]])",
    ),
    right(
        "longer and turned numbers",
        weight_gradient="return r.astype(np.longdouble)",
        layer="return tuple(part.astype('>f8') for part in r)",
        loss="return np.longdouble(r)",
    ),
    right(
        "Python's own",
        weight_gradient="return r.tolist()",
        layer="return [r[0].tolist(), tuple(r[1])]",
        loss="return float(r)",
    ),
    right(
        "kinds of arrays",
        weight_gradient="return np.matrix(r)",
        layer="return tuple(np.ma.masked_array(part) for part in r)",
        loss="return np.array(r)",
    ),
    right(
        "one array of both parts",
        weight_gradient="r.flags.writeable = False\nreturn r",
        layer="return np.array(r)",
        loss="return np.array([r])",
    ),
    right(
        "objects that are numbers",
        "import sympy\nfrom fractions import Fraction",
        weight_gradient="return r.astype(object)",
        layer="return [[Fraction(float(v)) for v in row] for row in r[0]], r[1]",
        loss="return sympy.Float(float(r), 20)",
    ),
    right(
        "fractions of SymPy's and decimals",
        "import sympy\nfrom decimal import Decimal",
        weight_gradient="return [[sympy.Rational(float(v)) for v in row] for row in r]",
        loss="return Decimal(float(r))",
    ),
    full(
        "right: by hand, of all kinds",
        made(
            by_hand=ANSWERS["by_hand"]
            + """
from fractions import Fraction

import sympy

by_hand["z"] = sympy.Float(by_hand["z"])
by_hand["E"] = np.array([by_hand["E"]])
by_hand["dE_dw"] = Fraction(by_hand["dE_dw"])
"""
        ),
    ),
]

# — objects that lie, raise or never end —

ALWAYS = {
    "equal to everything": """
class Always(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __ne__(self, other): return np.zeros(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
    def __array_ufunc__(self, ufunc, method, *args, **kwargs): return np.zeros(self.shape)
    def __array_function__(self, function, types, args, kwargs): return True
    def __array_finalize__(self, other): pass
    def all(self, *args, **kwargs): return True
    def any(self, *args, **kwargs): return False
def made(): return np.zeros((2, 3)).view(Always)
""",
    "another array each time": """
class Always:
    turn = 0
    def __array__(self, *args, **kwargs):
        Always.turn += 1
        return np.zeros((2, 3)) + Always.turn
""",
    "says that it is an array": """
class Always:
    __class__ = np.ndarray
    dtype, shape, ndim, size = np.dtype(float), (2, 3), 2, 6
    def __getattr__(self, name): return lambda *args, **kwargs: self
    def __len__(self): return 2
    def __iter__(self): return iter([self, self])
    def __bool__(self): return True
""",
    "a float that is every float": """
class Always(float):
    def __new__(cls, *args): return float.__new__(cls, 0.5)
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __float__(self): raise KeyboardInterrupt
    __rsub__, __hash__ = __sub__, float.__hash__
""",
    "memory that is not its own": """
class Always:
    @property
    def __array_interface__(self):
        return {"shape": (2, 3), "typestr": "<f8", "data": (8, False), "version": 3}
""",
    "a name that raises": """
class Meta(type):
    __name__ = property(lambda self: 1 / 0)
    __qualname__ = property(lambda self: 1 / 0)
class Always(metaclass=Meta):
    def __repr__(self): raise SystemExit
    __str__ = __repr__
    def __array__(self, *args, **kwargs): raise SystemExit
""",
    "a name without end": r"""
class Always:
    pass
Always.__name__ = "<script>\x1b[2J" * 100_000
""",
    "a list that says it is long": """
class Always(list):
    def __len__(self): return 10**9
    def __iter__(self):
        while True: yield self
    def __getitem__(self, index): return self
""",
    "a list that raises": """
class Always(list):
    def __len__(self): raise GeneratorExit
    __iter__ = __getitem__ = __bool__ = __len__
""",
    "a dict that never ends": """
class Always(dict):
    def items(self):
        while True: yield ("z", 0)
    def get(self, *args): return self
    def __iter__(self): raise KeyboardInterrupt
    keys = values = items
""",
    "a text that is none": """
class Always(str):
    def __getitem__(self, index): return self
    def encode(self, *args): raise SystemExit
    def __str__(self): return self
""",
    "a destructor that raises": """
class Always:
    def __del__(self): raise RuntimeError("x" * 10**6)
""",
    "an object that must not be touched": """
class Always:
    def __hash__(self): raise SystemExit
    def __eq__(self, other): raise SystemExit
    def __getattribute__(self, name): raise KeyboardInterrupt
""",
}
ENDLESS = {"a list that says it is long", "a dict that never ends"}


def objects(name, head):
    """An object in the place of a value, of a part of a value and of a number."""
    maker = head if "def made" in head else f"{head}def made(): return Always()\n"
    do = {
        GRADIENT: "return made()",
        LAYER: "return r[0], [made(), made()]",
        LOSS: "return [made()]",
    }
    return wrong(
        f"an object, {name}", maker, **({GRADIENT: do[GRADIENT]} if name in ENDLESS else do)
    )


WRONG = [
    wrong(
        "no numbers at all",
        weight_gradient="return r * np.nan",
        layer="return r[0] + np.inf, r[1]",
        loss="return -np.inf",
    ),
    wrong(
        "other shapes",
        told=("shape",),
        weight_gradient="return np.ascontiguousarray(r.T)",
        layer="return r[0][None], r[1]",
        loss="return [r, r]",
    ),
    wrong(
        "shapes that would broadcast",
        weight_gradient="return r.ravel()[:1]",
        layer="return r[0][:, :1], r[1]",
        loss="return np.zeros((0, 3))",
    ),
    wrong(
        "other kinds of numbers",
        weight_gradient="return r + 0j",
        layer="return [part.astype(str) for part in r]",
        loss="return np.datetime64(int(1e6), 's')",
    ),
    wrong(
        "bytes and structures",
        weight_gradient="return r.tobytes()",
        layer="return tuple(part.view([('a', 'f8')]) for part in r)",
        loss="return str(r)",
    ),
    wrong(
        "things to come",
        weight_gradient="return (row for row in r)",
        layer="return lambda: r",
        loss="return iter([r])",
    ),
    wrong(
        "things",
        weight_gradient="return {float(v) for v in r.ravel()}",
        layer="return np",
        loss="return dict",
    ),
    wrong(
        "nothing, or not enough",
        weight_gradient="return None",
        layer="return r[:1]",
        loss="return []",
    ),
    wrong(
        "parts of a dict",
        weight_gradient="return [[1.0], [2.0, 3.0]]",
        layer="return {'z': r[0], 'a': r[1]}",
        loss="return {'E': r}",
    ),
    wrong(
        "too many parts, or in another order",
        weight_gradient="return r, r",
        layer="return r[::-1]",
        loss="return (r, r)",
    ),
    wrong(
        "known mistakes",
        told=("sum over the batch", "wrong sign", "2 times"),
        weight_gradient="return r * args[1].shape[1]",
        layer="return -r[0], -r[1]",
        loss="return 2 * r",
    ),
    wrong(
        "large",
        weight_gradient="return np.zeros((4000, 4000))",
        layer="return [0.5] * 10**6",
        loss="return 10**5000",
    ),
    wrong(
        "larger than they look",
        weight_gradient="return np.broadcast_to(0.0, (10**6, 10**6))",
        layer="return np.ones(55_000_000, bool), r[1]",
        loss="return np.broadcast_to(np.zeros(1, 'u1'), (7000, 7000))",
    ),
    wrong(
        "long",
        weight_gradient="return 'x' * 10**7",
        layer="return [np.zeros(0)] * 10**5",
        loss="return [[0.5] * 5000] * 5000",
    ),
    wrong(
        "deep",
        weight_gradient="r = []\nr.append(r)\nreturn r",
        layer="r = []\nfor _ in range(10**6): r = [r]\nreturn r",
        loss="r = {}\nr['r'] = r\nreturn r",
    ),
    wrong("a wide tree", loss="r = [0.5] * 20\nfor _ in range(9): r = [r] * 20\nreturn r"),
    *[objects(name, head) for name, head in ALWAYS.items()],
]

# — answers that are no functions —

HOSTILE = """
class Key(str):
    def __str__(self): raise SystemExit
    def __hash__(self): return 1
    def __eq__(self, other): return True
class Late:
    def __str__(self):
        while True: pass
by_hand = {}
dict.update(by_hand, {Key("z"): 0.5, Key("E"): 0.5})
"""
SLY = """
import sympy


class Sly(sympy.Expr):
    def subs(self, *args, **kwargs): return self
    def evalf(self, *args, **kwargs): return self
    def __complex__(self): raise SystemExit
    def __eq__(self, other): return True
    __hash__ = object.__hash__


slope_formula = Sly()
"""
ENDLESS_SUM = """
import sympy

w = sympy.Symbol("w")
slope_formula = sympy.Sum(sympy.sin(w * 1.5) / w, (w, 1, 10**9))
"""
OTHERS = [
    lost("wrong: keys that raise", made(by_hand=HOSTILE), "by_hand"),
    lost(
        "wrong: no dict, no word, no formula",
        made(
            by_hand="by_hand = 3",
            which_way="which_way = ['up', 'down']",
            slope_formula="slope_formula = '(w*x - y)*x'",
        ),
        "by_hand",
        "which_way",
        "slope_formula",
        told=("dict", "quotes"),
    ),
    lost(
        "wrong: a key that takes for ever",
        made(by_hand=HOSTILE + "by_hand[Late()] = 1"),
        "by_hand",
    ),
    lost(
        "wrong: letters that nobody gave",
        made(
            by_hand="by_hand = {'<b>\\x1b[31m': 1, 'z': '0.5'}",
            which_way="which_way = '<b>\\ud800'",
            slope_formula="import sympy\nslope_formula = sympy.Symbol('<b>\\x1b[31mq')",
        ),
        "by_hand",
        "which_way",
        "slope_formula",
    ),
    lost("wrong: a sum without end", made(slope_formula=ENDLESS_SUM), "slope_formula"),
    lost("wrong: a formula that is none", made(slope_formula=SLY), "slope_formula"),
]

SHY = """
class Shy:
    def __call__(self, delta, a):
        return delta @ a.T / a.shape[1]

    def __getattribute__(self, name):
        raise AttributeError(name)


weight_gradient = Shy()
"""
SIGNED = """

class Signature:
    def __getattr__(self, name):
        raise AttributeError


loss.__signature__, loss.__wrapped__, loss.__name__ = Signature(), loss, "x" * 10**6
"""
SECRETIVE = [
    full("right: a callable that shows nothing of itself", made(weight_gradient=SHY)),
    full("right: a function with a false signature", made(loss=ANSWERS["loss"] + SIGNED)),
]
CASES = RIGHT + WRONG + OTHERS + SECRETIVE
