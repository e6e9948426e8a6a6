"""Does the command line print a step that is right, and train to what it promises?"""

import re

import numpy as np
import pytest

from backprop import Network, backward, forward, loss_of, update
from backprop.__main__ import main, step_table
from backprop.examples import mazur


def numbers(table):
    """What the table says each symbol is."""
    return {
        line.split()[0]: float(line.split()[-1]) for line in table.splitlines() if line[:2] == "  "
    }


def test_without_a_command_it_prints_the_published_step(capsys):
    main([])
    printed = numbers(capsys.readouterr().out)
    assert printed["E"] == 0.298371109
    assert printed["dE_dw2_1_1"] == 0.082167041
    assert printed["new_w1_1_1"] == 0.149780716


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_table_says_what_the_equations_say(activation):
    net = Network.random([3, 4, 2], [activation, "identity"], "softmax_cross_entropy", seed=2)
    x, y = np.array([0.5, -1.0, 2.0]), np.array([0.0, 1.0])
    table = step_table(net, x, y, 0.1)
    trace = forward(net, x)
    grads = backward(net, trace, y)
    after = update(net, grads, 0.1)
    printed = numbers(table)
    for l in (1, 2):
        for (j, i), gradient in np.ndenumerate(grads.W[l]):
            index = f"{l}_{j + 1}_{i + 1}"
            assert printed[f"dE_dw{index}"] == pytest.approx(gradient, abs=1e-9)
            assert printed[f"new_w{index}"] == pytest.approx(after.W[l][j, i], abs=1e-9)
        for j, delta in enumerate(grads.delta[l][:, 0], 1):
            assert printed[f"delta{l}_{j}"] == pytest.approx(delta, abs=1e-9)
    assert f"to {loss_of(after, x, y):.9f}." in table


def test_a_network_of_ones_own(capsys):
    main(["step", "--sizes", "3-4-2", "--activation", "tanh", "--eta", "0"])
    printed = numbers(capsys.readouterr().out)
    assert len([name for name in printed if name.startswith("dE_d")]) == 3 * 4 + 4 + 4 * 2 + 2


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["step", "--sizes", "3-x"], "3-4-2"),
        (["step", "--sizes", "3"], "at least one layer"),
        (["step", "--sizes", "3-0-1"], "at least one unit"),
        (["train", "cats"], "cats-dogs"),
        (["train", "xor", "--epochs", "-1"], "epochs"),
        (["train", "xor", "--epochs", "1", "--plot", "no/such/folder/p.png"], "no/such/folder"),
    ],
)
def test_bad_input_ends_in_one_clear_line(argv, words, capsys):
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


def test_cats_and_dogs_are_told_apart(tmp_path, capsys):
    plot = tmp_path / "curves.png"
    main(["train", "cats-dogs", "--plot", str(plot)])
    said = capsys.readouterr().out
    held_out = re.search(r"validation accuracy .* → ([\d.]+)%", said)
    assert float(held_out[1]) >= 93
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_the_published_example_is_the_published_one():
    net, x, y, eta = mazur()
    assert net.sizes == (2, 2, 2)
    assert float(loss_of(net, x, y)) == pytest.approx(0.298371109, abs=1e-9)
    assert eta == 0.5
