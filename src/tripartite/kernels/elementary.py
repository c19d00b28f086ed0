"""exp and log as polynomials, so that loops over lanes become vector instructions.

`math.exp` is a call into a library, and a loop with a call in it is not vectorised. These are a few
multiplications and additions without branches; they differ from `math` by at most 3 units in the
last place.
"""

from __future__ import annotations

from typing import Any

from numba import njit, types

from tripartite.kernels.lanes import intrinsic

# Adding 1.5 * 2**52 rounds a double to an integer, which then lies in its low bits.
_ROUNDER = 6755399441055744.0
_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first short enough that its product with an exponent is exact.
_LN2_HIGH = 0.6931471805598903
_LN2_LOW = 5.497923018708371e-14
# Arguments beyond these would leave the normal doubles.
_EXP_LEAST, _EXP_MOST = -708.0, 709.0
_HALF_ROOT_BITS = 0x3FE6A09E667F3BCD
_ROUNDER_BITS = 0x4338000000000000


@intrinsic
def _bits_of(typingctx: Any, value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.int64))

    return types.int64(types.float64), codegen


@intrinsic
def _double_of(typingctx: Any, bits: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.int64), codegen


@njit(fastmath={"contract"}, error_model="numpy", forceinline=True)
def exp(x: float) -> float:
    """Return e to the power of `x`, for x in -708..709; beyond, the value at the end.

    Parameters
    ----------
    x : float
        Exponent, not nan.

    Examples
    --------
    >>> round(float(exp(1.0)), 12)
    2.718281828459
    """
    x = min(max(x, _EXP_LEAST), _EXP_MOST)
    shifted = x * _LOG2_E + _ROUNDER
    n = shifted - _ROUNDER
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    # Chebyshev fit of (exp(r) - 1 - r) / r**2 on |r| <= ln(2) / 2, summed in pairs (Estrin): a
    # chain of ten dependent multiplications would be waited for.
    r2 = r * r
    r4 = r2 * r2
    low = (0.5000000000000001 + 0.16666666666666669 * r) + r2 * (
        0.04166666666662413 + 0.008333333333330062 * r
    )
    middle = (0.0013888888917213717 + 0.00019841269863053618 * r) + r2 * (
        2.4801521295954376e-05 + 2.7557268459997064e-06 * r
    )
    high = 2.7620088445409746e-07 + 2.510038549551032e-08 * r
    q = low + r4 * (middle + r4 * high)
    power = _double_of((_bits_of(shifted) + 1023) << 52)
    return (1.0 + (r + r2 * q)) * power


@njit(fastmath={"contract"}, error_model="numpy", forceinline=True)
def log(x: float) -> float:
    """Return the natural logarithm of `x`.

    Parameters
    ----------
    x : float
        A positive normal number.

    Examples
    --------
    >>> round(float(log(10.0)), 12)
    2.302585092994
    """
    # Counted from sqrt(1/2), the exponent splits off a mantissa between sqrt(1/2) and sqrt(2).
    shifted = _bits_of(x) - _HALF_ROOT_BITS
    exponent = shifted >> 52
    mantissa = _double_of((shifted & 0x000FFFFFFFFFFFFF) + _HALF_ROOT_BITS)
    # The exponent as a double without a conversion, which older vector units lack.
    n = _double_of(exponent + _ROUNDER_BITS) - _ROUNDER
    f = (mantissa - 1.0) / (mantissa + 1.0)
    s = f * f
    # Chebyshev fit of (2 artanh(f) / f - 2) / s on mantissas between sqrt(1/2) and sqrt(2).
    g = 0.13086767009948175
    g = g * s + 0.13268759668560612
    g = g * s + 0.15386240205813478
    g = g * s + 0.18181795630884753
    g = g * s + 0.2222222239180047
    g = g * s + 0.2857142857080323
    g = g * s + 0.4000000000000088
    g = g * s + 0.6666666666666666
    return n * _LN2_HIGH + (f * (2.0 + s * g) + n * _LN2_LOW)
