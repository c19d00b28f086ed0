"""Laws that hold for all samples: what is packed comes back, in either layout, from any shard."""

import dataclasses
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from shard_samples import assert_same

import tripartite as tp

LAYOUTS = st.sampled_from(["npy", "compact"])
DTYPES = st.one_of(
    hnp.scalar_dtypes(),
    hnp.integer_dtypes(endianness=">"),
    hnp.floating_dtypes(endianness=">", sizes=(16, 32, 64)),
    hnp.complex_number_dtypes(),
    hnp.unicode_string_dtypes(min_len=1),
    hnp.byte_string_dtypes(min_len=1),
    hnp.array_dtypes(allow_subarrays=True),
    hnp.nested_dtypes(max_itemsize=64),
).filter(lambda dtype: dtype.itemsize > 0)


@st.composite
def arrays(draw):
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    dtype = draw(DTYPES)
    # Any bytes are elements of most dtypes: NaN payloads and NaT among them.
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    if dtype.kind in "biufcmM":
        data = draw(st.binary(min_size=n_bytes, max_size=n_bytes))
        array = np.frombuffer(data, f"V{dtype.itemsize}").view(dtype).reshape(shape)
        array = array.astype("u1").astype(bool) if dtype.kind == "b" else array
    else:
        array = np.zeros(shape, dtype)
    memory = draw(st.sampled_from(["C", "Fortran", "reversed", "strided", "read-only"]))
    if memory == "Fortran":
        return np.asfortranarray(array)
    if memory == "reversed" and array.ndim:
        return array[::-1]
    if memory == "strided" and array.ndim:
        return np.repeat(array, 2, axis=0)[::2]
    if memory == "read-only":
        array = array.copy()
        array.flags.writeable = False
    return array


TEXT = st.text(max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | TEXT
    | arrays().filter(lambda a: a.nbytes < 1000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@dataclasses.dataclass
class Inner:
    x: NDArray
    y: int | str


@tp.packable
class Everything:
    array: NDArray
    maybe: NDArray | None
    number: float
    count: int
    name: str
    raw: bytes
    flag: bool
    kind: Literal["a", "b", 3]
    either: int | str | None
    many: list[NDArray]
    pair: tuple[int, NDArray]
    named: dict[str, NDArray]
    inner: Inner
    inners: list[Inner]
    any: Any
    metadata: dict | None = None


INNERS = st.builds(Inner, arrays(), st.integers(0, 5) | TEXT)
SAMPLES = st.builds(
    Everything,
    array=arrays(),
    maybe=st.none() | arrays(),
    number=st.floats(),
    count=st.integers(-(2**63), 2**64 - 1),
    name=TEXT,
    raw=st.binary(max_size=300),
    flag=st.booleans(),
    kind=st.sampled_from(["a", "b", 3]),
    either=st.none() | st.integers(0, 5) | TEXT,
    many=st.lists(arrays(), max_size=3),
    pair=st.tuples(st.integers(0, 5), arrays()),
    named=st.dictionaries(TEXT, arrays(), max_size=3),
    inner=INNERS,
    inners=st.lists(INNERS, max_size=2),
    any=VALUES,
    metadata=st.none() | st.dictionaries(TEXT, VALUES, max_size=3),
)


def as_read(value):
    """Return an array in memory order, with numpy's own dtype, as it comes back."""
    return np.ascontiguousarray(value).reshape(value.shape)


@given(array=arrays(), layout=LAYOUTS)
@settings(max_examples=300)
@example(array=np.array(3.5), layout="compact")
@example(array=np.array("NaT", "M8[ns]"), layout="compact")
@example(array=np.zeros((0, 3), ">f8"), layout="npy")
@example(array=np.zeros(2, [("µ", "<f4"), ("b", "i2", (3,))]), layout="compact")
@example(
    array=np.zeros(1, [(f"a field with a long name {i}", "f8") for i in range(1000)]), layout="npy"
)
def test_an_array_comes_back_with_its_dtype_shape_and_bytes(array, layout):
    back = tp.unpack(tp.DictSample, tp.pack({"x": array}, layout)).x
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@given(sample=SAMPLES, layout=LAYOUTS)
@settings(max_examples=150)
def test_unpacking_undoes_packing(sample, layout):
    assert_same(sample, tp.unpack(Everything, tp.pack(sample, layout)))


@given(sample=st.dictionaries(TEXT, VALUES, max_size=4), layout=LAYOUTS)
def test_unpacking_undoes_packing_of_schema_free_samples(sample, layout):
    assert_same(sample, dict(tp.unpack(tp.DictSample, tp.pack(sample, layout))))


@given(samples=st.lists(SAMPLES, min_size=1, max_size=4), layout=LAYOUTS)
@settings(max_examples=40)
def test_equal_samples_give_equal_bytes(samples, layout):
    first, second = ([tp.pack(sample, layout) for sample in samples] for _ in range(2))
    assert first == second


@given(
    samples=st.lists(SAMPLES, min_size=1, max_size=6),
    layout=LAYOUTS,
    maxcount=st.none() | st.integers(1, 3),
    batch_size=st.none() | st.integers(1, 4),
)
@settings(max_examples=60)
def test_reading_undoes_writing(tmp_path_factory, samples, layout, maxcount, batch_size):
    folder = tmp_path_factory.mktemp("law")
    dataset = tp.write_samples(samples, folder / "x.tar", layout=layout, maxcount=maxcount)
    stream = dataset.ordered(batch_size)
    read = list(stream) if batch_size is None else [s for batch in stream for s in batch]
    assert_same(samples, read)
    assert_same(samples, dataset[:])
    assert_same(samples, [dataset[i] for i in range(len(samples))])


@pytest.mark.parametrize("layout", ["npy", "compact"])
def test_packing_leaves_the_callers_array_alone(layout):
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    before = array.copy()
    tp.unpack(tp.DictSample, tp.pack({"x": array}, layout)).x[:] = 0
    np.testing.assert_array_equal(array, before)


def test_the_compact_layout_is_the_documented_one():
    array = np.arange(6, dtype="u1").reshape(2, 3)
    expected = bytes.fromhex("03 7C7531 02 0200000000000000 0300000000000000 000102030405")
    assert tp.pack({"x": array}, "compact") == b"\x81\xa1x\xc4" + bytes([len(expected)]) + expected
