"""Is a network a value: checked when made, never changed, and the same after a journey to disk?"""

import copy
import pickle
import zipfile

import numpy as np
import pytest

from backprop import Activation, Letters, Network, activation, backward, forward, letters, loss_of
from backprop.network import Layers


@pytest.fixture
def net():
    return Network.random([3, 4, 2], ["tanh", "identity"], "softmax_cross_entropy", seed=3)


# — made —


def test_a_seed_is_a_network():
    one, same, other = (Network.random([3, 4, 2], "tanh", seed=s) for s in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("init", "variance"), [("xavier", 2 / (300 + 200)), ("he", 2 / 300), ("zeros", 0)]
)
def test_weights_are_drawn_as_the_source_says(init, variance):
    W = Network.random([300, 200], "tanh", init=init).W[1]
    assert W.mean() == pytest.approx(0, abs=1e-3)
    assert W.var() == pytest.approx(variance, rel=0.02)


def test_one_activation_for_all_or_one_for_each():
    everywhere = Network.random([2, 3, 1], "tanh")
    each = Network.random([2, 3, 1], ["tanh", "tanh"])
    assert everywhere == each


def test_a_vector_of_biases_is_a_column():
    net = Network([[[1, 2], [3, 4]]], [[5, 6]], "identity")
    assert net.b[1].shape == (2, 1)
    np.testing.assert_array_equal(forward(net, [1, 1]).output[:, 0], [8, 13])


def test_what_was_given_is_copied():
    W = np.ones((1, 2))
    net = Network([W], [[0.0]], "identity")
    W[:] = 7
    assert (net.W[1] == 1).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Network([[1, 2]], [[0]], "tanh"), "must be a matrix"),
        (lambda: Network([np.ones((0, 2))], [[]], "tanh"), "must be a matrix"),
        (lambda: Network([np.ones((1, 2))], [[0, 0]], "tanh"), "b[1] has shape (2,)"),
        (lambda: Network([np.ones((3, 2)), np.ones((1, 2))], [[0] * 3, [0]], "tanh"), "(1, 3)"),
        (lambda: Network([np.ones((1, 2))], [], "tanh"), "b is empty"),
        (lambda: Network(np.ones((1, 2)), [[0]], "tanh"), "a list with one array a layer"),
        (lambda: Network([np.ones((1, 2))], [[0], [0]], "tanh"), "one array of each"),
        (lambda: Network([[[1, 2], [3]]], [[0, 0]], "tanh"), "rows differ in length"),
        (lambda: Network([[[1, np.nan]]], [[0]], "tanh"), "nan at index (0, 1)"),
        (lambda: Network([[[1, np.inf]]], [[0]], "tanh"), "inf at index (0, 1)"),
        (lambda: Network([[["a"]]], [[0]], "tanh"), "real numbers"),
        (lambda: Network([[[1j]]], [[0]], "tanh"), "real numbers"),
        (lambda: Network([np.array([[None]])], [[0]], "tanh"), "real numbers"),
        (lambda: Network([[[1]]], [[0]], "sigmod"), "'sigmoid'"),
        (lambda: Network([[[1]]], [[0]], ["tanh", "tanh"]), "2 activations were given for 1"),
        (lambda: Network([[[1]]], [[0]], "tanh", "squared"), "'squared_error'"),
        (
            lambda: Network.random([2, 1], "sigmoid", "binary_cross_entropy"),
            "Write activations=['identity']",
        ),
        (lambda: Network.random([2], "tanh"), "at least one layer"),
        (lambda: Network.random([2, 0, 1], "tanh"), "at least one unit"),
        (lambda: Network.random([2, -3], "tanh"), "at least one unit"),
        (lambda: Network.random([2, 1.5], "tanh"), "whole numbers"),
        (lambda: Network.random([2, True], "tanh"), "whole numbers"),
        (lambda: Network.random(2, "tanh"), "such as [2, 3, 1]"),
        (
            lambda: Network.random([2, 1], "tanh", init="xavjer"),
            "did you mean 'xavier'? There are: xavier, he, zeros",
        ),
        (lambda: Network.random([2, 1], "tanh", init=None), "init must be a name"),
        (lambda: Network.random([2, 1], "tanh", dtype=np.int64), "float32 or float64"),
        (lambda: Network.random([2, 1], "tanh", dtype="real"), "float32 or float64"),
        (lambda: Network.random([2, 1], "tanh", seed=-1), "seed must be a whole number"),
        (lambda: Network.random([2, 1], "tanh", seed="one"), "got 'one'"),
        (lambda: Network([[[1]]], [[0]], None), "activation must be a name"),
        (lambda: Network([[[1]]], [[0]], np.tanh), "or of type Activation; got ufunc"),
        (lambda: Network([[[1]]], [[0]], "tanh", np.square), "or of type Loss; got ufunc"),
        (lambda: Network("W", [[0]], "tanh"), "a list with one array a layer; got str"),
        (lambda: Network([], [], "tanh"), "W is empty"),
    ],
)
def test_what_does_not_fit_is_refused_and_why(make, words):
    with pytest.raises((ValueError, TypeError)) as refusal:
        make()
    assert words in str(refusal.value)


# — asked —


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([1, 2], "x has shape (2,)"),
        (np.ones((5, 3)), "pass x.T"),
        (np.ones((3, 0)), "x has shape (3, 0)"),
        (np.ones((3, 2, 2)), "must be (3,) or (3, m)"),
        ([1, 2, np.nan], "nan at index (2,)"),
        (["1", "2", "3"], "real numbers"),
        (None, "real numbers"),
        (1.0, "x has shape ()"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_and_why(net, x, words):
    with pytest.raises((ValueError, TypeError)) as refusal:
        forward(net, x)
    assert words in str(refusal.value)


def test_a_layer_that_is_not_there_is_said(net):
    with pytest.raises(KeyError, match="only for layers 1 to 2"):
        net.W[0]
    with pytest.raises(KeyError, match="nothing here yet"):
        Layers()[1]


def test_every_z_and_every_a_is_kept(net):
    trace = forward(net, [1.0, 2.0, 3.0])
    assert list(trace.z) == [1, 2]
    assert list(trace.a) == [0, 1, 2]
    np.testing.assert_array_equal(trace.a[1], np.tanh(trace.z[1]))
    assert trace.output is trace.a[2]


def test_flat_and_back(net):
    vector = np.arange(net.n_parameters, dtype=float)
    np.testing.assert_array_equal(net.with_flat(vector).flat(), vector)
    assert net.with_flat(net.flat()) == net
    assert net.with_flat(vector).W[1][0].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="must be"):
        net.with_flat(vector[1:])


def test_letters_then_numbers_is_numbers(net):
    formal = Network.letters(net.sizes, list(net.f.values()), net.loss)
    x = letters("x", 3)
    output = forward(formal, x).output
    assert isinstance(output, Letters)
    numbers = output.numbers((formal.flat(), net.flat()), (x, [1, 2, 3]))
    np.testing.assert_allclose(numbers, forward(net, [1, 2, 3]).output)


# — never changed —


def test_nothing_can_be_set(net):
    trace = forward(net, [1.0, 2.0, 3.0])
    for change in (
        lambda: setattr(net, "W", {}),
        lambda: net.W.__setitem__(1, 0),
        lambda: net.W[1].__setitem__((0, 0), 5.0),
        lambda: trace.a[1].__setitem__((0, 0), 5.0),
        lambda: delattr(net, "loss"),
    ):
        with pytest.raises((AttributeError, TypeError, ValueError)):
            change()


def test_letters_in_a_network_do_not_change_either():
    x = letters("x", (2, 1))
    net = Network.letters([2, 1], "tanh")
    trace = forward(net, x)
    x[0] = 0
    assert str(trace.a[0]) == "[[x_1_1], [x_2_1]]"
    for fixed in (net.W[1], net.b[1], trace.a[0], trace.z[1], trace.a[1]):
        with pytest.raises(ValueError, match="read-only"):
            fixed[0, 0] = 5


@pytest.mark.parametrize("change", ["update", "setdefault", "pop", "__setitem__", "__ior__"])
def test_layers_refuse_every_change(net, change):
    with pytest.raises(TypeError, match="never changes"):
        getattr(net.b, change)({1: 0}, None)
    with pytest.raises(TypeError, match="never changes"):
        net.b.clear()
    with pytest.raises(TypeError, match="never changes"):
        del net.b[1]


def test_networks_of_letters_are_the_same_where_their_letters_are():
    net = Network.letters([2, 1], "tanh")
    assert net == Network.letters([2, 1], "tanh")
    assert net != net.with_flat(letters("v", 3))
    assert net != Network.random([2, 1], "tanh")
    assert net.with_flat([1, 2, 3]) == Network([[[1, 2]]], [[3]], "tanh")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_pickled_comes_back(dtype):
    net = Network.random([2, 3, 2], ["relu", "identity"], "softmax_cross_entropy", dtype=dtype)
    trace = forward(net, [0.5, -1.0])
    grads = backward(net, trace, [0, 1])
    again = [pickle.loads(pickle.dumps(value)) for value in (net, trace, grads)]
    assert again[0] == net
    np.testing.assert_array_equal(again[1].output, trace.output)
    np.testing.assert_array_equal(again[2].flat(), grads.flat())
    with pytest.raises(ValueError, match="read-only"):
        again[1].a[1][0, 0] = 5
    assert all(f is activation(f.name) for f in again[0].f.values())
    formal = Network.letters([2, 1], "tanh")
    assert pickle.loads(pickle.dumps(formal)) == formal


def test_a_copy_is_the_same_network(net):
    assert copy.copy(net) is net
    assert copy.deepcopy({"mine": net})["mine"] is net


# — to disk and back —


@pytest.mark.parametrize("name", ["net.npz", "net", "my.net"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_saved_can_be_loaded(tmp_path, name, dtype):
    net = Network.random([3, 4, 2], ["relu", "identity"], "softmax_cross_entropy", dtype=dtype)
    net.save(tmp_path / name)
    loaded = Network.load(tmp_path / name)
    assert loaded == net
    assert loaded.dtype == dtype
    assert loss_of(loaded, [1, 2, 3], [0, 1]) == loss_of(net, [1, 2, 3], [0, 1])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_cannot_be_found_by_name_is_not_saved(tmp_path):
    cube = Activation("cube", lambda z: z**3, lambda z, a: 3 * z**2)
    with pytest.raises(ValueError, match="no activation 'cube'"):
        Network([[[1.0]]], [[0.0]], [cube]).save(tmp_path / "net.npz")
    with pytest.raises(TypeError, match="letters"):
        Network.letters([1, 1], "tanh").save(tmp_path / "net.npz")
    assert not list(tmp_path.iterdir())


def test_a_failed_save_leaves_the_old_file(tmp_path, net, monkeypatch):
    path = tmp_path / "net.npz"
    net.save(path)

    def full_disk(*_args, **_kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="no space"):
        net.with_flat(net.flat() * 2).save(path)
    assert Network.load(path) == net
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


def hostile(path, kind):
    arrays = {"layers": 1, "activations": ["tanh"], "loss": "squared_error"}
    arrays |= {"W1": np.ones((1, 2)), "b1": np.zeros((1, 1))}
    if kind == "text":
        path.write_text("not a network")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "compressed":
        np.savez_compressed(path, **arrays)
    elif kind == "array":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    elif kind == "truncated":
        np.savez(path, **arrays)
        path.write_bytes(path.read_bytes()[:-40])
    elif kind == "terabytes":
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999,), }"
        header = header.ljust(117) + b"\n"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("layers.npy", b"\x93NUMPY\x01\x00" + bytes([118, 0]) + header)
    else:
        bad = {
            "pickled": {"W1": np.array([[object()]])},
            "keys": {"layers": 2},
            "negative": {"layers": -1},
            "shape": {"W1": np.ones(3)},
            "nan": {"b1": np.array([[np.nan]])},
            "name": {"activations": ["eval"]},
            "complex": {"W1": np.array([[1j, 0]])},
            "many layers": {"layers": 10**12},
            "not a number": {"layers": "two"},
        }[kind]
        np.savez(path, **(arrays | bad))


@pytest.mark.parametrize(
    "kind",
    [
        "text",
        "empty",
        "truncated",
        "terabytes",
        "pickled",
        "keys",
        "negative",
        "shape",
        "nan",
        "name",
        "complex",
        "many layers",
        "not a number",
        "compressed",
        "array",
    ],
)
def test_another_file_is_refused(tmp_path, kind):
    hostile(tmp_path / "bad.npz", kind)
    with pytest.raises(ValueError, match="no network written by"):
        Network.load(tmp_path / "bad.npz")


def test_no_file_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "nowhere.npz")
