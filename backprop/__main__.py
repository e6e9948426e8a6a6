"""On the command line: one training step as a table, or a network trained on one of the data sets.

python -m backprop                      one step of the 2-2-2 network
python -m backprop step --sizes 3-4-2   of a network of your own
python -m backprop train cats-dogs      train, and save a plot of loss and accuracy
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from backprop import datasets
from backprop.activations import ACTIVATIONS
from backprop.derivation import derive
from backprop.equations import backward, update
from backprop.examples import Example, mazur
from backprop.losses import LOSSES
from backprop.network import Network, forward, loss_of
from backprop.printing import text

SECTIONS = (
    ("Forward pass", ("z", "a")),
    ("Loss", ("E",)),
    ("Output delta, BP1", ("BP1",)),
    ("Hidden deltas, BP2", ("BP2",)),
    ("Gradients, BP3 and BP4", ("BP4", "BP3")),
    ("Update", ("update",)),
)

# What learns each data set well: the hidden layers, the loss, and how to train.
RECIPES = {
    "cats-dogs": (
        lambda: datasets.cats_dogs().mirrored(),
        [64],
        "binary_cross_entropy",
        {"epochs": 30, "batch": 16, "eta": 0.1},
    ),
    "digits": (
        datasets.digits,
        [64],
        "softmax_cross_entropy",
        {"epochs": 40, "batch": 16, "eta": 0.1},
    ),
    "two-moons": (
        datasets.two_moons,
        [16],
        "binary_cross_entropy",
        {"epochs": 200, "batch": 16, "eta": 0.3},
    ),
    "xor": (
        datasets.xor,
        [8],
        "binary_cross_entropy",
        {"epochs": 400, "batch": 4, "eta": 0.5},
    ),
}


def step_table(net, x, y, eta):
    """One training step as text: each quantity with its formula and its number, in order."""
    steps = derive(net, x, y, eta)
    formulas = {s.symbol: text(s.formula) for s in steps}
    left = max(len(str(symbol)) for symbol in formulas)
    right = min(60, max(map(len, formulas.values())))
    lines = [f"One training step of {net}"]
    lines += [
        f"{name} = ({', '.join(f'{v:g}' for v in values)})" for name, values in (("x", x), ("y", y))
    ]
    lines += [f"learning rate {eta:g}"]
    for title, equations in SECTIONS:
        chosen = [s for s in steps if s.equation in equations]
        lines += ["", title] if chosen else []
        lines += [
            f"  {s.symbol!s:<{left}} = {formulas[s.symbol]:<{right}}  {s.value:>14.9f}"
            for s in chosen
        ]
    after = update(net, backward(net, forward(net, x), y), eta)
    losses = (float(loss_of(network, x, y)) for network in (net, after))
    return "\n".join([*lines, "", "The loss went from {:.9f} to {:.9f}.".format(*losses)])


def train(arguments):
    """Train on a data set with a progress bar, say how good it is, and save the plot."""
    import matplotlib

    matplotlib.use("Agg")
    from backprop import plots
    from backprop.training import train

    path = arguments.plot or Path(f"{arguments.dataset}.png")
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {path.parent} to save the plot in: make it first")
    load, hidden, loss, recipe = RECIPES[arguments.dataset]
    chosen = {name: getattr(arguments, name) for name in recipe}
    recipe = recipe | {name: value for name, value in chosen.items() if value is not None}
    data = load()
    sizes = [len(data.x_train), *hidden, len(data.y_train)]
    net = Network.random(
        sizes, ["relu"] * len(hidden) + ["identity"], loss, init="he", seed=arguments.seed
    )
    net, history = train(
        net,
        data.x_train,
        data.y_train,
        **recipe,
        validation=(data.x_test, data.y_test),
        seed=arguments.seed,
    )
    print(net)
    print(history)
    plots.learning_curves(history, f"{arguments.dataset}: {net}").savefig(path, dpi=150)
    print(f"Loss and accuracy are plotted in {path}")


def step(arguments):
    """Print one training step, of the published example or of a random network of given sizes."""
    example = mazur()
    if arguments.sizes:
        sizes = _sizes(arguments.sizes)
        last = "identity" if LOSSES[arguments.loss].logits else arguments.activation
        names = [arguments.activation] * (len(sizes) - 2) + [last]
        net = Network.random(sizes, names, arguments.loss, seed=arguments.seed)
        rng = np.random.default_rng(arguments.seed)
        y = np.eye(sizes[-1])[0] if sizes[-1] > 1 else np.ones(1)
        example = Example(net, rng.uniform(-1, 1, sizes[0]).round(2), y, example.eta)
    if arguments.eta is not None:
        example = example._replace(eta=arguments.eta)
    print(step_table(*example))


def _sizes(text):
    try:
        return [int(n) for n in text.split("-")]
    except ValueError:
        raise ValueError(f"--sizes takes numbers of units such as 3-4-2; got {text!r}") from None


def parser():
    """The command line's grammar, with its help."""
    main = argparse.ArgumentParser(
        "python -m backprop", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = main.add_subparsers(title="commands")
    one = commands.add_parser("step", help="one training step as a table (this is the default)")
    one.add_argument("--sizes", help="units in each layer, such as 3-4-2", default="")
    one.add_argument("--activation", choices=ACTIVATIONS, default="sigmoid")
    one.add_argument("--loss", choices=LOSSES, default="squared_error")
    one.add_argument("--eta", type=float, help="the learning rate")
    one.add_argument("--seed", type=int, default=0)
    one.set_defaults(run=step)
    many = commands.add_parser("train", help="train a network on a data set")
    many.add_argument("dataset", choices=RECIPES)
    many.add_argument("--epochs", type=int)
    many.add_argument("--batch", type=int, help="examples a step")
    many.add_argument("--eta", type=float, help="the learning rate")
    many.add_argument("--seed", type=int, default=0)
    many.add_argument("--plot", type=Path, help="where to save the plot (default: DATASET.png)")
    many.set_defaults(run=train)
    return main


def main(argv=None):
    """Run one command; bad input ends it with one line that says what to do, and exit code 2."""
    grammar = parser()
    arguments = grammar.parse_args((sys.argv[1:] if argv is None else argv) or ["step"])
    try:
        arguments.run(arguments)
    except (ValueError, TypeError, ArithmeticError, OSError) as error:
        grammar.error(str(error))


if __name__ == "__main__":
    main()
