"""Does every value come over the pipe as it was, and nothing else do any harm?"""

import contextlib
import io
import json
import random
import struct

import numpy as np
import pytest

from backprop.grading import wire


def over(value, header=None):
    pipe = io.BytesIO()
    wire.send(pipe, header or {}, value)
    pipe.seek(0)
    return wire.receive(pipe)


def same(a, b):
    if isinstance(b, tuple | list):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in b)
    if isinstance(b, np.ndarray | float | int):
        return np.array_equal(a, b, equal_nan=True) and np.shape(a) == np.shape(b)
    return a == b


VALUES = [
    None,
    ...,
    0.5,
    3,
    True,
    "text",
    [1, [2.5, None]],
    (np.eye(2), [np.zeros((0, 3))]),
    {"u": 1.0, "dE_dw": ...},
    np.array([np.nan, np.inf, -0.0]),
    np.arange(6, dtype=np.float32).reshape(2, 3).T,
    np.float16(2),
    np.array(7, dtype=">f8"),
    np.longdouble(2),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_as_it_was(value):
    header, came = over(value, {"nonce": "x"})
    assert header == {"nonce": "x"}
    assert same(came, value)


class Grumpy:
    def __array__(self, *_, **__):
        raise RuntimeError

    def __len__(self):
        raise RuntimeError


class MyArray(np.ndarray):
    pass


@pytest.mark.parametrize("value", [Grumpy(), object(), len, 1j, {1, 2}, np.array([None]), b"x"])
def test_what_is_no_value_comes_as_the_name_of_its_type(value):
    assert isinstance(over(value)[1], wire.Odd)
    assert isinstance(over([1, value])[1][1], wire.Odd)


def test_a_subclass_comes_as_a_plain_array():
    assert type(over(np.eye(2).view(MyArray))[1]) is np.ndarray


def test_what_is_too_much_is_odd_and_the_message_is_whole():
    assert isinstance(over(np.zeros(wire.BYTES // 8 + 1))[1], wire.Odd)
    deep = []
    for _ in range(100):
        deep = [deep]
    over(deep)
    over(["x" * 9000] * 4000)


def message(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return io.BytesIO(struct.pack("<q", len(text)) + text + body)


@pytest.mark.parametrize(
    "pipe",
    [
        io.BytesIO(struct.pack("<q", 1 << 40)),
        io.BytesIO(struct.pack("<q", -1)),
        io.BytesIO(struct.pack("<q", 0)),
        message(b"[" * 100_000),
        message(b"\xff\xfe"),
        message([1]),
        message({"value": 3}),
        message({"value": []}),
        message({"value": ["array", "|O", [1]]}),
        message({"value": ["array", "<f8", [1 << 40]]}),
        message({"value": ["array", "<f8", [-1]]}),
        message({"value": ["array", "<f8", [2**20, 2**20]]}),
        message({"value": ["array", "<f8", [True]]}),
        message({"value": ["array", "<f8", [1] * 40]}),
        message({"value": ["array", ["<f8"], [1]]}),
        message({"value": ["array", "<f8"]}),
        message({"value": ["list", [["array", "<f8", [10**6]]] * 100]}),
        message({"value": ["dict", [[["k"], ["none"]]]]}),
        message({"value": ["dict", {"k": 1}]}),
        message({"value": ["eval", "1"]}),
        message({"value": ["none", 1]}),
    ],
)
def test_garbage_is_garbled(pipe):
    with pytest.raises(wire.Garbled):
        wire.receive(pipe)


@pytest.mark.parametrize("n", [0, 3, 8, 20])
def test_a_pipe_that_ends_too_soon_is_told(n):
    whole = io.BytesIO()
    wire.send(whole, {}, np.eye(3))
    with pytest.raises(EOFError):
        wire.receive(io.BytesIO(whole.getvalue()[:n]))


def test_no_noise_does_harm():
    rng, whole = random.Random(0), io.BytesIO()
    wire.send(whole, {"nonce": "n"}, [np.eye(2), {"a": 1.0}])
    for _ in range(3000):
        noisy = bytearray(whole.getvalue())
        for _ in range(rng.randint(1, 6)):
            noisy[rng.randrange(len(noisy))] = rng.randrange(256)
        with contextlib.suppress(wire.Garbled, EOFError):
            wire.receive(io.BytesIO(bytes(noisy)))
