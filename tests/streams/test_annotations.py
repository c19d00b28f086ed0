from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import pathlib
from typing import Annotated, Any, Literal, Optional, Union

import numpy as np
import numpy.typing as npt
import pytest
from numpy.typing import NDArray
from shard_samples import assert_same

import tripartite as tp
from tripartite.errors import FileFormatError, SampleError, SchemaError

ARRAY = np.arange(6, dtype="f4").reshape(2, 3)
GREY = np.arange(6, dtype="u1").reshape(2, 3)


def make_type(annotation, **default):
    f = ("f", annotation, dataclasses.field(**default)) if default else ("f", annotation)
    made = dataclasses.make_dataclass("Sample", [f])
    made.__module__ = __name__  # where annotations that are text look for names
    return tp.packable(made)


def round_trip(annotation, value):
    sample_type = make_type(annotation)
    return tp.unpack(sample_type, tp.pack(sample_type(value))).f


@pytest.mark.parametrize(
    "annotation",
    [
        NDArray,
        np.ndarray,
        npt.NDArray,
        NDArray[Any],
        NDArray[np.uint8],
        NDArray[np.integer],
        NDArray[np.generic],
        np.ndarray[Any, np.dtype[np.uint8]],
        np.ndarray[tuple[int, int], np.dtype[np.uint8]],
        Optional[NDArray],  # noqa: UP045
        Union[NDArray[np.uint8], None],  # noqa: UP007
        NDArray | None,
        None | NDArray[np.uint8],
        NDArray | int | None,
        "NDArray",
        "NDArray[np.uint8] | None",
        "Optional[np.ndarray]",
        Annotated[NDArray, tp.Array("uint8")],
        Annotated[NDArray, tp.Array(shape=("y", "x"), unit="a.u.")],
        Annotated[NDArray, "a note", tp.Array("uint8", (2, None))],
        Annotated[NDArray[np.uint8] | None, tp.Array(shape=(2, 3))],
        Annotated[Annotated[NDArray, tp.Array("uint8")], "another note"],
        Any,
        object,
    ],
    ids=str,
)
def test_every_spelling_of_an_array_stores_one(annotation):
    assert_same(GREY, round_trip(annotation, GREY))


OF_VALUES = [
    (bool, True),
    (int, -(2**63)),
    (int, 2**64 - 1),
    (float, 0.1),
    (float, float("inf")),
    (str, "µ\0"),
    (bytes, b"\0\xff"),
    (None, None),
    (type(None), None),
    (int | str, 3),
    (int | str, "3"),
    (int | float, 3),
    (int | float, 3.0),
    (float | int, 3),
    (bool | int, True),
    (bool | int, 1),
    (Union[int, str, None], None),  # noqa: UP007
    (Literal["a", "b"], "b"),
    (Literal["a", 1, None], 1),
    (Literal["a"] | None, None),
    (Literal["a"] | str, "b"),
    (list, [1, "a", None, [ARRAY]]),
    (list[int], [1, 2]),
    (list[NDArray], [ARRAY, GREY]),
    (list[NDArray | None], [ARRAY, None]),
    (tuple, (1, "a")),
    (tuple[int, ...], (1, 2)),
    (tuple[NDArray, str], (ARRAY, "a")),
    (list[tuple[int, NDArray]], [(1, ARRAY)]),
    (dict, {"a": {"b": [ARRAY, None, 1.5]}}),
    (dict[str, NDArray], {"x": ARRAY, "µ": GREY}),
    (dict[str, Any], {"x": 1}),
    (dict[str, list[NDArray]] | None, {"x": [ARRAY]}),
    (list | int, [1]),
]


@pytest.mark.parametrize(("annotation", "value"), OF_VALUES, ids=str)
def test_a_value_comes_back_as_it_was(annotation, value):
    assert_same(value, round_trip(annotation, value))


@pytest.mark.parametrize("layout", ["npy", "compact"])
def test_nested_dataclasses_come_back(layout):
    @tp.packable
    class Inner:
        x: NDArray

    @dataclasses.dataclass
    class Plain:
        inner: tp.DictSample | None = None

    @tp.packable
    class Middle:
        inner: Inner
        others: list[Inner]

    @tp.packable
    class Outer:
        middle: Middle | None
        by_name: dict[str, Middle]
        n: int = 3

    middle = Middle(Inner(ARRAY), [Inner(GREY), Inner(ARRAY)])
    for sample in (Outer(middle, {"a": middle}), Outer(None, {}, 4)):
        assert_same(sample, tp.unpack(Outer, tp.pack(sample, layout)))


def test_a_derived_class_stores_the_fields_of_its_base():
    @tp.packable
    class Base:
        x: int = 1

    @tp.packable
    class Derived(Base):
        y: NDArray | None = None

    assert_same(Derived(2, ARRAY), tp.unpack(Derived, tp.pack(Derived(2, ARRAY))))


@pytest.mark.parametrize(
    "options", [{"frozen": True}, {"slots": True}, {"kw_only": True}, {"eq": False}], ids=str
)
def test_any_form_of_dataclass_is_packable(options):
    @tp.packable
    @dataclasses.dataclass(**options)
    class Sample:
        x: NDArray
        y: int = 2

    assert tp.unpack(Sample, tp.pack(Sample(x=ARRAY, y=5))).y == 5


def test_a_plain_dataclass_needs_no_decorator():
    made = dataclasses.make_dataclass("Made", [("x", int)])
    assert tp.unpack(made, tp.pack(made(3))) == made(3)


class Colour(enum.StrEnum):
    RED = "red"


@dataclasses.dataclass
class Tree:
    parts: list[Tree]


@pytest.mark.parametrize(
    "annotation",
    [
        set[int],
        complex,
        dt.datetime,
        pathlib.Path,
        Colour,
        dict[int, str],
        NDArray | bytes,
        NDArray | str,
        bytes | str,
        list[int] | tuple[int, ...],
        dict | Tree,
        Literal[True],
        Literal[1.5],
        NDArray[np.float32 | np.float64],
        list[set],
        type,
        Tree,
        Annotated[int, tp.Array("f4")],
    ],
    ids=str,
)
def test_what_cannot_be_stored_is_refused_with_the_name_of_its_field(annotation):
    with pytest.raises(SchemaError, match=r"Sample\.f"):
        make_type(annotation)


def test_an_annotation_that_names_nothing_is_refused():
    with pytest.raises(SchemaError, match="Nowhere"):
        make_type("Nowhere")


def test_a_class_that_is_no_dataclass_is_no_sample_type():
    for not_one in (int, 3):
        with pytest.raises(SchemaError, match="dataclass"):
            tp.schema_of(not_one)


def test_a_field_that_is_no_argument_is_refused():
    with pytest.raises(SchemaError, match="f: init=False"):
        make_type(int, init=False)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 1.0),
        (int, True),
        (int, "1"),
        (int, 2**64),
        (int, np.datetime64("2020", "ns")),
        (float, "1"),
        (float, True),
        (float, 10**400),
        (float, np.longdouble(1)),
        (str, 1),
        (str, "\ud800"),
        (str, Colour.RED),
        (bytes, "a"),
        (bytes, bytearray(b"a")),
        (None, 0),
        (Literal["a"], "b"),
        (Literal[1], True),
        (Literal[1], 1.0),
        (NDArray, None),
        (NDArray, [1, 2]),
        (NDArray, np.array([object()])),
        (NDArray, np.array(["a"], dtype=np.dtypes.StringDType())),
        (NDArray, np.ma.masked_array([1], [True])),
        (NDArray, np.zeros(3, [])),
        (NDArray, np.zeros((1,) * 40)),
        (NDArray, np.zeros(1, [(f"a field with a long name {i}", "f8") for i in range(2000)])),
        (NDArray[np.uint8], ARRAY),
        (NDArray[np.floating], GREY),
        (Annotated[NDArray, tp.Array("uint8")], ARRAY),
        (Annotated[NDArray, tp.Array(shape=("y",))], ARRAY),
        (Annotated[NDArray, tp.Array(shape=(3, 2))], ARRAY),
        (Annotated[NDArray, tp.Array(shape=("n", "n"))], ARRAY),
        (np.ndarray[tuple[int], np.dtype[Any]], ARRAY),
        (list[int], [1, "a"]),
        (list[int], "abc"),
        (list[int], {1}),
        (tuple[int, int], (1,)),
        (dict[str, int], {"a": "b"}),
        (dict, {1: 2}),
        (dict, {"a": {1: 2}}),
        (dict, {"a": "\ud800"}),
        (dict, {"a": object()}),
        (dict, {"a": {1, 2}}),
        (dict, {"a": 2**64}),
        (dict, {"a": np.array([None])}),
        (dict, {"a": np.longdouble(1)}),
        (dict, {"a": Colour.RED}),
        (dict, {"a": dt.datetime(2020, 1, 1)}),
        (int | str, 1.5),
        (Any, complex(1, 2)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_that_does_not_fit_is_refused_with_the_name_of_its_field(annotation, value):
    sample_type = make_type(annotation)
    with pytest.raises(SchemaError, match=r"\bf\b"):
        tp.pack(sample_type(value))


def test_a_dict_sample_refuses_what_cannot_be_stored_by_name():
    for value in (object(), np.array([None]), "\ud800", {1: 2}):
        with pytest.raises(SchemaError, match="odd"):
            tp.pack({"fine": 1, "odd": value})
    with pytest.raises(SchemaError, match="names"):
        tp.pack({1: 2})


def test_values_that_contain_themselves_are_refused():
    endless: list = []
    endless.append(endless)
    with pytest.raises(SchemaError, match="nested at most"):
        tp.pack({"x": endless})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int16(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), b"a"),
    ],
    ids=repr,
)
def test_numpy_scalars_become_python_numbers(value, expected):
    assert_same(expected, round_trip(type(expected), value))
    assert_same({"a": [expected]}, round_trip(dict, {"a": [value]}))


def test_an_integer_in_a_float_field_is_stored_as_float():
    assert_same(3.0, round_trip(float, 3))


def test_missing_fields_take_their_defaults():
    @tp.packable
    class Old:
        x: int

    @tp.packable
    class New:
        x: int
        y: int = 7
        z: list = dataclasses.field(default_factory=lambda: [1])
        w: NDArray | None = None

    first, second = (tp.unpack(New, tp.pack(Old(1))) for _ in range(2))
    assert_same(first, New(1, 7, [1], None))
    assert first.z is not second.z
    with pytest.raises(SchemaError, match="y"):
        tp.unpack(Old, tp.pack({"y": 1}))


def test_an_unknown_field_is_an_error_that_says_how_to_ignore_it(tmp_path):
    @tp.packable
    class Few:
        x: int

    dataset = tp.write_samples([{"x": 1, "y": 2}], tmp_path / "a.tar")
    with pytest.raises(SampleError, match=r'key .000000000.*y.*extra="ignore"') as caught:
        tp.Dataset[Few](dataset.shards)[0]
    assert caught.value.shard == dataset.shards[0]
    assert caught.value.offset == 512
    assert tp.Dataset[Few](dataset.shards, extra="ignore")[0] == Few(1)


def test_a_stored_value_of_another_type_is_refused():
    number, text = make_type(int), make_type(str)
    with pytest.raises(SchemaError, match="int"):
        tp.unpack(number, tp.pack(text("a")))
    with pytest.raises((SchemaError, FileFormatError)):
        tp.unpack(make_type(NDArray), tp.pack(make_type(bytes)(b"abc")))


def test_what_an_array_promises_is_checked_on_reading_too():
    stored = tp.pack(make_type(NDArray)(ARRAY))
    narrow = make_type(Annotated[NDArray, tp.Array("uint8", ("y", "x"))])
    with pytest.raises(SchemaError, match="uint8"):
        tp.unpack(narrow, stored)


def test_any_byte_order_keeps_a_promised_dtype():
    assert_same(ARRAY.astype(">f4"), round_trip(NDArray[np.float32], ARRAY.astype(">f4")))


def test_a_promise_names_a_dtype_that_exists():
    with pytest.raises(SchemaError, match="dtype"):
        tp.Array("flaot32")


def test_a_schema_prints_what_the_fields_hold():
    @tp.packable
    class Sample:
        image: Annotated[NDArray, tp.Array("uint8", ("y", "x"), unit="a.u.")]
        kind: Literal["a", "b"]
        rate: float = 10.0
        more: dict[str, NDArray] | None = None

    text = str(tp.schema_of(Sample))
    assert text.splitlines() == [
        "Sample",
        "  image  uint8 array (y, x) [a.u.]",
        "  kind   one of 'a', 'b'",
        "  rate   float  (default 10.0)",
        "  more   dict of array | None  (default None)",
    ]


def test_a_schema_exports_as_json_schema():
    @tp.packable
    class Part:
        x: NDArray[np.float32]

    @tp.packable
    class Sample:
        image: Annotated[NDArray, tp.Array("uint8", ("y", 3), unit="a.u.")]
        parts: list[Part]
        pair: tuple[int, str]
        kind: Literal["a", 1] = "a"
        note: str | None = None

    exported = tp.schema_of(Sample).to_json_schema()
    array = {
        "type": "string",
        "contentEncoding": "base64",
        "contentMediaType": "application/x-npy",
    }
    part = {
        "title": "Part",
        "type": "object",
        "properties": {"x": array | {"x-dtype": "float32"}},
        "required": ["x"],
        "additionalProperties": False,
    }
    assert exported == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sample",
        "type": "object",
        "properties": {
            "image": array | {"x-dtype": "uint8", "x-shape": ["y", 3], "x-unit": "a.u."},
            "parts": {"type": "array", "items": part},
            "pair": {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "kind": {"enum": ["a", 1], "default": "a"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
        "required": ["image", "parts", "pair"],
        "additionalProperties": False,
    }


def test_a_schema_free_sample_shows_its_schema(tmp_path):
    dataset = tp.write_samples([{"x": ARRAY, "n": 1, "d": {"a": 1}}], tmp_path / "a.tar")
    assert tp.load_dataset(dataset.shards).schema.names == ("x", "n", "d")
    assert "<f4 array (2, 3)" in str(tp.load_dataset(dataset.shards).schema)
