"""From Python annotations to kinds: every spelling that people use for arrays and options."""

from __future__ import annotations

import dataclasses
import threading
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

import numpy as np

from tripartite.errors import SchemaError
from tripartite.streams.samples.array_kind import Array, ArrayKind
from tripartite.streams.samples.kinds import (
    AnyKind,
    Kind,
    ListKind,
    LiteralKind,
    MapKind,
    ScalarKind,
    TupleKind,
    UnionKind,
)
from tripartite.streams.samples.record_kind import Field, RecordKind, default_of

_kinds: WeakKeyDictionary[type, RecordKind] = WeakKeyDictionary()
_unfinished: set[type] = set()
_lock = threading.RLock()
# What a `type` statement makes (Python 3.12), and what NDArray is since numpy 2.5.
_TYPE_ALIAS: Any = getattr(typing, "TypeAliasType", ())
_SCALARS = (bool, int, float, str, bytes, type(None))
_STORABLE = (
    "arrays, bool, int, float, str, bytes, None, list, dict, tuple, Literal, other dataclasses, "
    "and unions of these"
)


def record_kind_of(cls: type, names: Mapping[str, Any] | None = None) -> RecordKind:
    """Return the kind of a dataclass; of one that was seen before, the one that was made then.

    Parameters
    ----------
    cls : type
        A dataclass.
    names : mapping, optional
        Names that its annotations may use besides those of its module.

    Raises
    ------
    SchemaError
        If a field cannot be stored.
    """
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
        raise SchemaError(
            "A sample type is a dataclass",
            repr(cls),
            "Decorate the class with @tripartite.packable",
        )
    with _lock:
        if cls in _unfinished:
            raise SchemaError(
                "A sample type does not contain itself", cls.__name__, "Annotate that field as dict"
            )
        if cls not in _kinds:
            _unfinished.add(cls)
            try:
                _kinds[cls] = _read_class(cls, names or {})
            finally:
                _unfinished.remove(cls)
        return _kinds[cls]


def _read_class(cls: type, names: Mapping[str, Any]) -> RecordKind:
    try:
        hints = get_type_hints(cls, localns=dict(names), include_extras=True)
    except NameError as error:
        raise SchemaError(
            f"The annotations of {cls.__name__} name types that can be found",
            error,
            "Define them at the top of the module, before the class",
        ) from error
    return RecordKind(cls, tuple(_field_of(cls, f, hints[f.name]) for f in dataclasses.fields(cls)))


def _field_of(cls: type, f: dataclasses.Field[Any], annotation: Any) -> Field:
    if not f.init:
        raise SchemaError(
            f"Every field of {cls.__name__} is an argument of it", f"{f.name}: init=False"
        )
    try:
        return Field(f.name, kind_of(annotation), default_of(f))
    except SchemaError as error:
        message = f"In {cls.__name__}.{f.name}: {error.must}"
        raise SchemaError(message, error.got, error.do) from error


def kind_of(annotation: Any) -> Kind:
    """Return the kind that an annotation asks for.

    Raises
    ------
    SchemaError
        If values of this annotation cannot be stored, or not told apart when read.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, _TYPE_ALIAS):
        return kind_of(annotation.__value__)
    if isinstance(origin, _TYPE_ALIAS):
        return kind_of(origin.__value__[arguments])
    if origin is Annotated:
        return _annotated_kind(annotation)
    if annotation is np.ndarray or origin is np.ndarray:
        return _array_kind(arguments)
    if annotation in _SCALARS or annotation is None:
        return ScalarKind(type(None) if annotation is None else annotation)
    if annotation in (Any, object):
        return AnyKind()
    if origin in (Union, types.UnionType):
        return _union_kind(arguments)
    if origin is Literal:
        return _literal_kind(arguments)
    if annotation in (list, tuple) or origin in (list, tuple):
        return _sequence_kind(origin or annotation, arguments)
    if annotation in (dict, Mapping) or origin in (dict, Mapping):
        return _map_kind(arguments)
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return record_kind_of(annotation)
    raise SchemaError(f"A field holds {_STORABLE}", f"the annotation {annotation!r}")


def _annotated_kind(annotation: Any) -> Kind:
    inner = kind_of(annotation.__origin__)
    for extra in annotation.__metadata__:
        if isinstance(extra, Array):
            return _promise(inner, extra)
    return inner


def _promise(kind: Kind, promise: Array) -> Kind:
    if isinstance(kind, ArrayKind):
        return ArrayKind(kind.scalar_type, promise)
    if isinstance(kind, UnionKind):
        options = (_promise(k, promise) if isinstance(k, ArrayKind) else k for k in kind.options)
        return UnionKind(tuple(options))
    raise SchemaError("Array(...) annotates an array", kind.describe())


def _array_kind(arguments: tuple[Any, ...]) -> ArrayKind:
    # NDArray[X] is ndarray[<any shape>, dtype[X]]; a bare NDArray leaves a type variable for X.
    shape, dtype = arguments if len(arguments) == 2 else (Any, Any)
    scalar: Any = (get_args(dtype) or (Any,))[0]
    if isinstance(scalar, type) and issubclass(scalar, np.generic):
        scalar_type = scalar
    elif scalar is Any or isinstance(scalar, TypeVar):
        scalar_type = np.generic
    else:
        raise SchemaError("The element type of an array is a numpy scalar type", repr(scalar))
    axes = get_args(shape) if get_origin(shape) is tuple else (...,)
    return ArrayKind(scalar_type, Array(shape=None if ... in axes else (None,) * len(axes)))


def _union_kind(arguments: tuple[Any, ...]) -> Kind:
    options = tuple(kind_of(argument) for argument in arguments)
    if any(isinstance(option, AnyKind) for option in options):
        return AnyKind()
    families = [_family(option) for option in options]
    repeated = {name for name in families if name and families.count(name) > 1} - {"text"}
    if repeated or {"bytes", "text"} <= set(families):
        raise SchemaError(
            "The options of a union can be told apart when they are read",
            f"two options stored as {' or '.join(sorted(repeated)) or 'bytes or text'}: "
            + " | ".join(option.describe() for option in options),
            "Use one type, or a field of its own for each",
        )
    # int before float: 1 stays an int in int | float.
    return UnionKind(
        tuple(sorted(options, key=lambda k: isinstance(k, ScalarKind) and k.type is float))
    )


def _family(kind: Kind) -> str | None:
    if isinstance(kind, ArrayKind) or (isinstance(kind, ScalarKind) and kind.type is bytes):
        return "bytes"
    if isinstance(kind, LiteralKind) or (isinstance(kind, ScalarKind) and kind.type is str):
        return "text" if str in kind.wire_types else None
    if isinstance(kind, (ListKind, TupleKind)):
        return "a list"
    if isinstance(kind, (MapKind, RecordKind)):
        return "a map"
    return None


def _literal_kind(arguments: tuple[Any, ...]) -> Kind:
    if not all(type(option) in (str, int, type(None)) for option in arguments):
        raise SchemaError("The options of a Literal are str, int or None", arguments)
    return LiteralKind(arguments)


def _sequence_kind(container: Any, arguments: tuple[Any, ...]) -> Kind:
    if container is list:
        return ListKind(kind_of(arguments[0]) if arguments else AnyKind())
    if not arguments or arguments[-1] is ...:
        return ListKind(kind_of(arguments[0]) if arguments else AnyKind(), tuple)
    return TupleKind(tuple(kind_of(argument) for argument in arguments))


def _map_kind(arguments: tuple[Any, ...]) -> Kind:
    if arguments and arguments[0] not in (str, Any):
        raise SchemaError(
            "The keys of a stored dict are text", repr(arguments[0]), "Use dict[str, ...]"
        )
    return MapKind(kind_of(arguments[1]) if arguments else AnyKind())
