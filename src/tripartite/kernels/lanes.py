"""Records of numbers, one per lane, in a workspace of rows.

A workspace is a flat float64 array of rows of `LANES` numbers: number k of the record in lane j
lies at ``(row + k) * LANES + j``. All rows share one base address at distances known to the
compiler, so that it can prove that they do not overlap and a loop over lanes becomes vector
instructions.

Records are named tuples. The functions here take them apart and together inside compiled code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic as _intrinsic

#: Nodes that are advanced together: a record of 40 numbers for each of them fits the L1 cache.
LANES = 64


def intrinsic(function: Callable[..., Any]) -> Any:
    """Make a function of compiled code, which is called without its first parameter."""
    return _intrinsic(function)


def _record(cls: Any) -> types.NamedUniTuple:
    return types.NamedUniTuple(types.float64, len(cls._fields), cls)


def _address(builder: Any, context: Any, array: Any, typ: Any, row: Any, k: int, lane: Any) -> Any:
    data = context.make_array(typ)(context, builder, array).data
    first = builder.mul(builder.add(row, row.type(k)), row.type(LANES))
    return builder.gep(data, [builder.add(first, lane)], inbounds=True)


@intrinsic
def load(typingctx: Any, cls: Any, workspace: Any, row: Any, lane: Any) -> Any:
    """Return the record of type `cls` that begins at `row` for one lane."""
    record = _record(cls.instance_class)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, array, row, lane = args
        numbers = [
            builder.load(_address(builder, context, array, signature.args[1], row, k, lane))
            for k in range(record.count)
        ]
        return context.make_tuple(builder, record, numbers)

    return record(cls, workspace, types.intp, types.intp), codegen


@intrinsic
def store(typingctx: Any, workspace: Any, row: Any, lane: Any, record: Any) -> Any:
    """Put a record at `row` for one lane."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, row, lane, numbers = args
        for k in range(record.count):
            number = builder.extract_value(numbers, k)
            builder.store(
                number, _address(builder, context, array, signature.args[0], row, k, lane)
            )
        return context.get_dummy_value()

    return types.void(workspace, types.intp, types.intp, record), codegen


@intrinsic
def weighted(typingctx: Any, start: Any, h: Any, weights: Any, slopes: Any) -> Any:
    """Return ``start + h * sum(weight * slope)``, number by number."""
    signature = start(start, types.float64, weights, slopes)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        start_value, h_value, weight_values, slope_values = args
        flags = ["contract"]
        numbers = []
        for k in range(start.count):
            total = None
            for s in range(len(slopes)):
                weight = builder.extract_value(weight_values, s)
                slope = builder.extract_value(builder.extract_value(slope_values, s), k)
                term = builder.fmul(weight, slope, flags=flags)
                total = term if total is None else builder.fadd(total, term, flags=flags)
            numbers.append(
                builder.fadd(
                    builder.extract_value(start_value, k),
                    builder.fmul(h_value, total, flags=flags),
                    flags=flags,
                )
            )
        return context.make_tuple(builder, start, numbers)

    return signature, codegen


@intrinsic
def get(typingctx: Any, workspace: Any, row: Any, lane: Any) -> Any:
    """Return one number of one lane, without the check of the index that would stop vectorising."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, row, lane = args
        return builder.load(_address(builder, context, array, signature.args[0], row, 0, lane))

    return types.float64(workspace, types.intp, types.intp), codegen


@intrinsic
def put(typingctx: Any, workspace: Any, row: Any, lane: Any, number: Any) -> Any:
    """Put one number of one lane."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, row, lane, number = args
        place = _address(builder, context, array, signature.args[0], row, 0, lane)
        builder.store(number, place)
        return context.get_dummy_value()

    return types.void(workspace, types.intp, types.intp, types.float64), codegen


@intrinsic
def largest_ratio(
    typingctx: Any,
    errors: Any,
    slopes: Any,
    h: Any,
    absolute: Any,
    relative: Any,
) -> Any:
    """Return the largest of ``|error| / (absolute + relative * |h * slope|)`` over two records."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        errors_value, slopes_value, h_value, absolute_value, relative_value = args
        kind = context.get_value_type(types.float64)
        size = builder.module.declare_intrinsic("llvm.fabs", [kind])
        largest = context.get_constant(types.float64, 0.0)
        for k in range(errors.count):
            step = builder.fmul(h_value, builder.extract_value(slopes_value, k))
            slack = builder.fmul(relative_value, builder.call(size, [step]))
            error = builder.call(size, [builder.extract_value(errors_value, k)])
            ratio = builder.fdiv(error, builder.fadd(absolute_value, slack))
            largest = builder.select(builder.fcmp_ordered(">", ratio, largest), ratio, largest)
        return largest

    number = types.float64
    return number(errors, slopes, number, number, number), codegen
