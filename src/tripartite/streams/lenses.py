"""Lenses: views of one sample type as another, and the way back.

A lens from ``S`` to ``V`` has a getter ``get(s) -> v`` and, if it can be written through, a putter
``put(v, s) -> s``. A lens that can be written through keeps three laws:

- GetPut: ``put(get(s), s) == s`` (putting back what was seen changes nothing);
- PutGet: ``get(put(v, s)) == v`` (what was put is seen);
- PutPut: ``put(v2, put(v1, s)) == put(v2, s)`` (the last put counts).

References
----------
Foster, Greenwald, Moore, Pierce & Schmitt (2007), *Combinators for bidirectional tree
transformations*, ACM TOPLAS 29(3), 17.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar, get_origin, get_type_hints

from tripartite.errors import LensError, SchemaError
from tripartite.streams.samples.annotations import record_kind_of
from tripartite.streams.samples.codec import pack, unpack
from tripartite.streams.samples.sample import DictSample

S = TypeVar("S")
V = TypeVar("V")
W = TypeVar("W")


@dataclass(frozen=True)
class Lens(Generic[S, V]):
    """A view of samples of one type as samples of another.

    Parameters
    ----------
    source, view : type
        The two types.
    get : callable
        ``get(source_sample) -> view_sample``.
    put : callable, optional
        ``put(view_sample, source_sample) -> source_sample``.

    Examples
    --------
    >>> doubled = Lens(int, int, lambda s: 2 * s, lambda v, s: v // 2)
    >>> doubled(3), doubled.put(8, 3), (doubled | doubled)(3)
    (6, 4, 12)
    """

    source: type[S]
    view: type[V]
    get: Callable[[S], V]
    _put: Callable[[V, S], S] | None = None

    def __call__(self, sample: S) -> V:
        """Return the view of a sample, as `get` does."""
        return self.get(sample)

    @property
    def can_put(self) -> bool:
        """True if the lens has a putter."""
        return self._put is not None

    def put(self, view: V, source: S) -> S:
        """Return the source sample with a changed view put back.

        Parameters
        ----------
        view : object
            Sample of the view type.
        source : object
            Sample of the source type.

        Raises
        ------
        LensError
            If the lens has no putter.
        """
        if self._put is None:
            raise LensError(
                "A lens with a putter can be written through",
                f"{self!r}, which has none",
                "Write one with @<lens>.putter",
            )
        return self._put(view, source)

    def putter(self, function: Callable[[V, S], S]) -> Callable[[V, S], S]:
        """Decorate the putter of a lens that was made with `lens`.

        Parameters
        ----------
        function : callable
            ``def put(view_sample: View, source_sample: Source) -> Source``.

        Raises
        ------
        LensError
            If the lens has a putter already, or the annotations do not fit.
        """
        takes, gives = _signature(function, 2)
        if (*takes, gives) != (self.view, self.source, self.source):
            raise LensError(
                f"The putter of {self!r} takes a {self.view.__name__} and a "
                f"{self.source.__name__}, and returns a {self.source.__name__}",
                inspect.signature(function),
            )
        if self._put is not None:
            raise LensError(
                "A lens has one putter", f"a second one, {function.__qualname__}, for {self!r}"
            )
        # The registry holds this very lens, and no other may take its place.
        object.__setattr__(self, "_put", function)
        return function

    def __or__(self, other: Lens[V, W]) -> Lens[S, W]:
        if not isinstance(other, Lens):
            return NotImplemented
        if not issubclass(self.view, other.source):
            raise LensError(
                f"The second lens takes what the first gives, a {self.view.__name__}",
                f"{other!r}",
                "Put a lens between them, or ask find_lens for a path",
            )
        first, second = self, other

        def put(view: W, source: S) -> S:
            return first.put(second.put(view, first.get(source)), source)

        both = first.can_put and second.can_put
        return Lens(
            first.source, second.view, lambda s: second.get(first.get(s)), put if both else None
        )

    def __matmul__(self, other: Lens[W, S]) -> Lens[W, V]:
        return other | self

    def __repr__(self) -> str:
        arrow = "<->" if self.can_put else "->"
        return f"Lens({self.source.__name__} {arrow} {self.view.__name__})"


_registry: dict[tuple[type, type], Lens[Any, Any]] = {}


def lens(getter: Callable[[S], V]) -> Lens[S, V]:
    """Make a lens of an annotated getter, and register it so that `find_lens` finds it.

    Parameters
    ----------
    getter : callable
        ``def view(s: Source) -> View``.

    Returns
    -------
    Lens
        Use ``@view.putter`` to add the way back.

    Raises
    ------
    LensError
        If the annotations are missing, or another lens between these types is registered. In an
        interactive session a function of the same name may be defined again.
    """
    (source,), view = _signature(getter, 1)
    made = Lens(source, view, getter)
    known = _registry.get((source, view))
    if known is not None and not _is_redefined(known.get, getter):
        raise LensError(
            f"There is one registered lens from {source.__name__} to {view.__name__}",
            f"{getter.__qualname__} besides {getattr(known.get, '__qualname__', known.get)}",
            "Build the second with Lens(...) and use it by name, or call forget_lens first",
        )
    _registry[source, view] = made
    return made


def _is_redefined(old: Callable[..., Any], new: Callable[..., Any]) -> bool:
    return new.__module__ == "__main__" and old.__qualname__ == new.__qualname__


def is_registered(source: type, view: type) -> bool:
    """Tell whether a lens between two types is registered."""
    return (source, view) in _registry


def forget_lens(source: type, view: type) -> None:
    """Remove the registered lens between two types.

    Parameters
    ----------
    source, view : type
        The two types.

    Raises
    ------
    LensError
        If there is none.
    """
    if _registry.pop((source, view), None) is None:
        raise LensError(f"A lens from {source.__name__} to {view.__name__} is registered", "none")


def find_lens(source: type[S], view: type[V]) -> Lens[S, V]:
    """Return the lens from one type to another: registered, or the shortest path of several.

    Between dataclasses, a view whose fields all are fields of the source with the same annotation
    needs no lens: it is read field by field, if there is no path.

    Parameters
    ----------
    source, view : type
        The two types.

    Raises
    ------
    LensError
        If there is no path, or there are several shortest ones; the message says which types can be
        reached.
    """
    if source is view:
        same: Lens[Any, Any] = Lens(source, source, lambda s: s, lambda v, s: v)
        return same
    paths: list[tuple[Lens[Any, Any], ...]] = [()]
    reached: set[type] = {source}
    while paths:
        longer = [
            (*path, step)
            for path in paths
            for (start, end), step in _registry.items()
            if start is (path[-1].view if path else source) and end not in reached
        ]
        found = [path for path in longer if path[-1].view is view]
        if found:
            return _the_one(found, source, view)
        reached |= {path[-1].view for path in longer}
        paths = longer
    return _structural(source, view, reached)


def _the_one(found: list[tuple[Lens[Any, Any], ...]], source: type, view: type) -> Lens[Any, Any]:
    if len(found) > 1:
        routes = ["via " + ", ".join(step.view.__name__ for step in path[:-1]) for path in found]
        raise LensError(
            f"One shortest path leads from {source.__name__} to {view.__name__}",
            f"{len(found)}: {'; '.join(routes)}",
            "Compose the one you mean: a | b",
        )
    composed = found[0][0]
    for step in found[0][1:]:
        composed = composed | step
    return composed


def _structural(source: type, view: type, reached: set[type]) -> Lens[Any, Any]:
    if is_dataclass(source) and is_dataclass(view):
        have, want = _kinds_of_fields(source), _kinds_of_fields(view)
        names = [f.name for f in fields(view)]
        if all(have.get(name) == want[name] for name in names):
            return _field_lens(source, view, names)
    if issubclass(source, DictSample) and is_dataclass(view):
        # Through the packed form, so that the values meet the checks of stored ones.
        return Lens(source, view, lambda s: unpack(view, pack(s)))
    others = sorted(t.__name__ for t in reached - {source}) or ["none"]
    raise LensError(
        f"A lens leads from {source.__name__} to {view.__name__}",
        f"no path; {source.__name__} can be seen as: {', '.join(others)}",
        "Write one with @tripartite.lens",
    )


def _kinds_of_fields(sample_type: type) -> dict[str, Any]:
    try:
        return {f.name: f.kind for f in record_kind_of(sample_type).fields}
    except SchemaError:  # it cannot be stored, but seen
        return get_type_hints(sample_type, include_extras=True)


def _field_lens(source: type, view: type, names: list[str]) -> Lens[Any, Any]:
    def get(sample: Any) -> Any:
        return view(**{name: getattr(sample, name) for name in names})

    def put(seen: Any, sample: Any) -> Any:
        values = {f.name: getattr(sample, f.name) for f in fields(source)}
        return source(**values | {name: getattr(seen, name) for name in names})

    return Lens(source, view, get, put)


def _signature(function: Callable[..., Any], n_arguments: int) -> tuple[tuple[type, ...], type]:
    # Types may be named that stand beside the function, inside another one: the caller's caller.
    frame = inspect.currentframe()
    nearby = frame.f_back.f_back.f_locals if frame and frame.f_back and frame.f_back.f_back else {}
    try:
        hints = get_type_hints(function, localns=dict(nearby))
    except NameError as error:
        raise LensError("The annotations of a lens name types that can be found", error) from error
    names = list(inspect.signature(function).parameters)
    if len(names) != n_arguments or set(names) | {"return"} != set(hints):
        raise LensError(
            f"The arguments of a lens function ({n_arguments}) and what it returns are annotated",
            f"{function.__qualname__}{inspect.signature(function)}",
            "E.g. def view(s: Frame) -> View",
        )
    types = [hints[name] for name in (*names, "return")]
    for one in types:
        if not isinstance(one, type) or get_origin(one) is not None:
            raise LensError(
                "A lens leads from one class to another", repr(one), "Use a class of its own"
            )
    return tuple(types[:-1]), types[-1]
