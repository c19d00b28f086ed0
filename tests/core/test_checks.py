import numpy as np
import pytest

from tripartite.core.checks import (
    check_option,
    check_same_length,
    check_shape,
    check_type,
    nearest_name,
)
from tripartite.errors import InputError


@pytest.mark.parametrize(
    ("asked", "nearest"), [("Dff", "dff"), ("postion", "position"), ("xyz", None), (3, None)]
)
def test_the_nearest_name_is_found_or_none(asked, nearest):
    assert nearest_name(asked, ["dff", "position"]) == nearest


def test_an_option_passes():
    check_option("a", ["a", "b"], name="mode")


@pytest.mark.parametrize("value", ["c", None, 1, ["a"], np.array(["a", "b"])])
def test_no_option_is_refused_with_the_list(value):
    with pytest.raises(InputError, match=r"mode must be one of 'a', 'b'\. Got"):
        check_option(value, ("a", "b"), name="mode")


def test_a_misspelt_option_gets_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'median'"):
        check_option("medain", ["mean", "median"], name="mode")


@pytest.mark.parametrize(
    ("shape", "asked"),
    [((3,), (3,)), ((3, 2), ("times", "channels")), ((4, 4), ("units", "units")), ((), ())],
)
def test_a_shape_that_fits_passes(shape, asked):
    check_shape(np.zeros(shape), asked, name="x")


@pytest.mark.parametrize(
    ("shape", "asked", "text"),
    [
        ((3,), (4,), r"\(4,\)"),
        ((3, 2), ("times",), r"\(times,\)"),
        ((3,), ("times", 2), r"\(times, 2\)"),
        ((3, 2), ("units", "units"), r"\(units, units\)"),
    ],
)
def test_another_shape_is_refused(shape, asked, text):
    with pytest.raises(InputError, match=f"x must have the shape {text}. Got") as error:
        check_shape(np.zeros(shape), asked, name="x")
    assert error.value.got == shape


def test_lengths_are_compared_by_name():
    check_same_length(times=[1, 2], values=np.zeros((2, 5)))
    with pytest.raises(InputError, match=r"times and values and labels must .* Got 2 and 2 and 1"):
        check_same_length(times=[1, 2], values=[1, 2], labels=["a"])


def test_types_are_named_in_words():
    check_type(True, (int, str), name="x")
    with pytest.raises(InputError, match=r"x must be a int or str. Got a list: .*Do that"):
        check_type(list(range(1000)), (int, str), name="x", do="Do that")


def test_a_choice_among_nothing_is_an_error_that_says_so():
    with pytest.raises(InputError, match="There is no choice for variable here"):
        check_option("V_m", [], name="variable")
