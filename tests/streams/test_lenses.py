"""Lenses: types from annotations, paths that are found, laws that are checked."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from shard_samples import assert_same

import tripartite as tp
from tripartite.errors import InputError, LensError, LensLawError, SchemaError


@tp.packable
class A:
    x: int
    y: int = 0


@tp.packable
class B:
    x: int


@tp.packable
class C:
    text: str


@tp.packable
class D:
    n: int


@tp.packable
class Unrelated:
    z: float


@pytest.fixture(autouse=True)
def _registry_as_it_was():
    from tripartite.streams import lenses

    before = dict(lenses._registry)
    yield
    lenses._registry.clear()
    lenses._registry.update(before)


def a_to_b():
    @tp.lens
    def view(s: A) -> B:
        return B(s.x)

    @view.putter
    def view_put(v: B, s: A) -> A:
        return A(v.x, s.y)

    return view


def b_to_c():
    @tp.lens
    def view(s: B) -> C:
        return C(str(s.x))

    @view.putter
    def view_put(v: C, s: B) -> B:
        return B(int(v.text))

    return view


def c_to_d():
    @tp.lens
    def view(s: C) -> D:
        return D(len(s.text))

    return view


def test_a_lens_takes_its_types_from_the_annotations():
    view = a_to_b()
    assert (view.source, view.view) == (A, B)
    assert view(A(3, 4)) == view.get(A(3, 4)) == B(3)
    assert view.put(B(7), A(3, 4)) == A(7, 4)
    assert repr(view) == "Lens(A <-> B)"
    assert repr(c_to_d()) == "Lens(C -> D)"


def test_a_lens_without_a_putter_refuses_to_put():
    view = c_to_d()
    assert not view.can_put
    with pytest.raises(LensError, match="putter"):
        view.put(D(1), C("a"))


def test_functions_that_say_too_little_make_no_lens():
    def none(s):
        return s

    def no_return(s: A):
        return s

    def two(s: A, t: A) -> B:
        return B(1)

    def nobody() -> B:
        return B(1)

    def unknown(s: Nowhere) -> B:  # noqa: F821
        return B(1)

    def perhaps(s: A) -> B | None:
        return None

    def many(s: A) -> list[B]:
        return []

    for function in (none, no_return, two, nobody, unknown, perhaps, many):
        with pytest.raises(LensError):
            tp.lens(function)


def test_a_putter_has_the_types_of_its_lens():
    view = a_to_b()
    bare = tp.Lens(B, C, lambda s: C(str(s.x)))

    def turned(s: B, v: C) -> B:
        return s

    def other(v: C, s: B) -> C:
        return v

    for function in (turned, other):
        with pytest.raises(LensError, match=r"takes a C and a B, and returns a B"):
            bare.putter(function)
    with pytest.raises(LensError, match="one putter"):

        @view.putter
        def second(v: B, s: A) -> A:
            return s


def test_a_lens_is_never_overwritten_silently():
    first = a_to_b()
    with pytest.raises(LensError, match="from A to B"):
        a_to_b()
    assert tp.find_lens(A, B) is first
    tp.forget_lens(A, B)
    assert a_to_b() is tp.find_lens(A, B)


def test_what_is_not_registered_cannot_be_forgotten():
    with pytest.raises(LensError, match="from D to A"):
        tp.forget_lens(D, A)


# Paths.


def test_a_path_of_several_lenses_is_found():
    a_to_b(), b_to_c(), c_to_d()
    path = tp.find_lens(A, D)
    assert (path.source, path.view) == (A, D)
    assert path(A(1234)) == D(4)
    assert not path.can_put
    back_and_forth = tp.find_lens(A, C)
    assert back_and_forth.put(C("9"), A(1, 2)) == A(9, 2)


def test_a_type_is_seen_as_itself_without_a_lens():
    same = tp.find_lens(A, A)
    assert same(A(1)) == A(1)
    assert same.put(A(2), A(1)) == A(2)


def test_the_shortest_path_wins():
    a_to_b(), b_to_c()

    @tp.lens
    def direct(s: A) -> C:
        return C("direct")

    assert tp.find_lens(A, C)(A(1)) == C("direct")


def test_a_path_without_an_end_is_an_error_that_lists_what_can_be_reached():
    a_to_b(), b_to_c()
    with pytest.raises(LensError, match="A can be seen as: B, C"):
        tp.find_lens(A, Unrelated)
    with pytest.raises(LensError, match="none"):
        tp.find_lens(Unrelated, A)


def test_two_shortest_paths_are_an_error_that_names_both():
    a_to_b(), b_to_c()

    @tp.lens
    def a_to_d(s: A) -> D:
        return D(s.x)

    @tp.lens
    def d_to_c(s: D) -> C:
        return C("d")

    with pytest.raises(LensError, match="via B; via D"):
        tp.find_lens(A, C)


def test_circles_end():
    a_to_b()

    @tp.lens
    def back(s: B) -> A:
        return A(s.x)

    with pytest.raises(LensError):
        tp.find_lens(A, Unrelated)


# Composition.


def test_composition_goes_from_left_to_right_and_at_from_right_to_left():
    first, second, third = a_to_b(), b_to_c(), c_to_d()
    assert (first | second)(A(12)) == (second @ first)(A(12)) == C("12")
    assert (first | second | third)(A(12)) == (first | (second | third))(A(12)) == D(2)
    assert (first | second).put(C("5"), A(1, 2)) == A(5, 2)
    assert not (first | second | third).can_put


def test_lenses_that_do_not_meet_do_not_compose():
    first, third = a_to_b(), c_to_d()
    for compose in (lambda: first | third, lambda: third @ first):
        with pytest.raises(LensError, match="B"):
            compose()
    with pytest.raises(TypeError):
        first | 3


# Views without a lens.


@tp.packable
class Wide:
    image: NDArray[np.uint8]
    t: float
    note: str = ""


@tp.packable
class Narrow:
    t: float
    image: NDArray[np.uint8]


def test_some_fields_of_a_type_are_a_view_of_it():
    wide = Wide(np.zeros(3, "u1"), 1.5, "n")
    view = tp.find_lens(Wide, Narrow)
    assert_same(view(wide), Narrow(1.5, np.zeros(3, "u1")))
    assert_same(view.put(Narrow(2.5, np.ones(3, "u1")), wide), Wide(np.ones(3, "u1"), 2.5, "n"))
    assert tp.check_lens_laws(view, [wide, Wide(np.ones(2, "u1"), 0.0)]) == 6


def test_types_inside_functions_are_seen_too():
    @tp.packable
    class Inner:
        n: int

    @tp.packable
    class Source:
        inner: Inner
        more: int

    @tp.packable
    class View:
        inner: Inner

    assert tp.find_lens(Source, View)(Source(Inner(1), 2)) == View(Inner(1))


def test_fields_of_another_type_are_no_view():
    @dataclasses.dataclass
    class Other:
        t: int

    with pytest.raises(LensError, match="Wide to Other"):
        tp.find_lens(Wide, Other)


def test_a_registered_path_goes_before_a_view_by_names():
    @tp.lens
    def own(s: Wide) -> Narrow:
        return Narrow(-1.0, s.image)

    assert tp.find_lens(Wide, Narrow)(Wide(np.zeros(1, "u1"), 1.0)).t == -1


def test_a_schema_free_sample_is_seen_as_a_type_with_its_checks():
    view = tp.find_lens(tp.DictSample, A)
    assert view(tp.DictSample({"x": 3})) == A(3)
    for values in ({"x": "a"}, {"y": 1}, {"x": 1, "more": 2}):
        with pytest.raises(SchemaError):
            view(tp.DictSample(values))
    assert not view.can_put


def test_a_dataset_is_seen_through_a_path(tmp_path):
    a_to_b(), b_to_c(), c_to_d()
    dataset = tp.write_samples([A(10**i) for i in range(4)], tmp_path / "a.tar")
    assert [d.n for d in dataset.as_type(D)] == [1, 2, 3, 4]
    assert next(iter(dataset.as_type(D).ordered(4))).n == [1, 2, 3, 4]
    assert dataset.as_type(D).sample_type is D
    assert dataset.as_type(D).schema.names == ("n",)
    with pytest.raises(LensError, match="Unrelated"):
        dataset.as_type(Unrelated)


# Laws.


def lens_of(get, put):
    return tp.Lens(A, B, get, put)


GOOD = lens_of(lambda s: B(s.x), lambda v, s: A(v.x, s.y))
SAMPLES = [A(1, 2), A(3, 4), A(5, 6)]


def test_a_good_lens_passes_three_checks_a_sample():
    assert tp.check_lens_laws(GOOD, SAMPLES) == 9
    assert tp.check_lens_laws(GOOD, SAMPLES[:1]) == 3
    assert tp.check_lens_laws(a_to_b() | b_to_c(), iter(SAMPLES)) == 9


@pytest.mark.parametrize(
    ("law", "put"),
    [
        ("GetPut", lambda v, s: A(v.x, 0)),
        ("GetPut", lambda v, s: A(v.x, s.y + 1)),
        ("PutGet", lambda v, s: s),
        ("Put(Get|Put)", lambda v, s: A(s.x if v.x < s.x else v.x, s.y)),
        ("PutPut", lambda v, s: A(v.x, s.y if v.x == s.x else s.y + 1)),
    ],
)
def test_each_broken_law_is_caught_by_its_name(law, put):
    with pytest.raises(LensLawError, match=rf"{law} holds.*sample \d differs in field '[xy]'"):
        tp.check_lens_laws(lens_of(lambda s: B(s.x), put), SAMPLES)


def test_the_laws_need_a_putter_and_a_sample():
    with pytest.raises(LensError, match="putter"):
        tp.check_lens_laws(c_to_d(), [C("a")])
    with pytest.raises(InputError, match="at least one"):
        tp.check_lens_laws(GOOD, [])


@dataclasses.dataclass
class Holder:
    value: object


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, 2.0])),
        (np.array([1.0]), np.array([1.0], "f4")),
        (np.zeros((1, 2)), np.zeros((2, 1))),
        (
            np.array([(1, np.nan)], [("a", "i4"), ("b", "f8")]),
            np.array([(2, 1.0)], [("a", "i4"), ("b", "f8")]),
        ),
        (np.array(["NaT"], "M8[s]"), np.array([0], "M8[s]")),
        (float("nan"), 1.0),
        (1, 1.0),
        (1, True),
        ([1, [np.zeros(2)]], [1, [np.ones(2)]]),
        ([1], [1, 2]),
        ((1,), [1]),
        ({"a": np.zeros(2)}, {"a": np.ones(2)}),
        ({"a": 1}, {"b": 1}),
        ("a", None),
    ],
    ids=str,
)
def test_values_of_every_kind_are_compared(value, other):
    keep = tp.Lens(Holder, Holder, lambda s: s, lambda v, s: v)
    change = tp.Lens(Holder, Holder, lambda s: s, lambda v, s: Holder(other))
    assert tp.check_lens_laws(keep, [Holder(value), Holder(other)]) == 6
    with pytest.raises(LensLawError, match="GetPut"):
        tp.check_lens_laws(change, [Holder(value)])


def test_a_getter_that_changes_its_sample_breaks_a_law():
    def get(s):
        s["seen"] = True
        return s["v"]

    careless = tp.Lens(dict, int, get, lambda v, s: s | {"v": v})
    with pytest.raises(LensLawError, match="arguments"):
        tp.check_lens_laws(careless, [{"v": 1, "seen": False}, {"v": 5, "seen": False}])
