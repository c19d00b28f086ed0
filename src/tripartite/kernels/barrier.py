"""A place where threads wait for one another inside compiled code."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils

from tripartite.kernels.lanes import intrinsic

# A wait is most often shorter than this many looks; after that the core is offered to others.
_LOOKS = 2000


def _address(context: Any, builder: Any, typ: Any, array: Any) -> Any:
    return context.make_array(typ)(context, builder, array).data


@intrinsic
def _add_one(typingctx: Any, counter: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _address(context, builder, signature.args[0], args[0])
        one = context.get_constant(types.int64, 1)
        return builder.add(builder.atomic_rmw("add", place, one, "seq_cst"), one)

    return types.int64(counter), codegen


@intrinsic
def _read(typingctx: Any, counter: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _address(context, builder, signature.args[0], args[0])
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(counter), codegen


@intrinsic
def _yield(typingctx: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if sys.platform != "win32":
            kind = ir.FunctionType(ir.IntType(32), ())
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), ())
        return context.get_dummy_value()

    return types.void(), codegen


@njit(nogil=True)
def wait_for_all(counter: np.ndarray, n_threads: int) -> None:
    """Return when all threads have called this as often as the calling one.

    Parameters
    ----------
    counter : int64 ndarray of shape (1,)
        Shared by the threads; zero before the first call.
    n_threads : int
        Number of threads.
    """
    if n_threads == 1:
        return
    arrived = _add_one(counter)
    needed = (arrived + n_threads - 1) // n_threads * n_threads
    looks = 0
    while _read(counter) < needed:
        looks += 1
        if looks > _LOOKS:
            _yield()
