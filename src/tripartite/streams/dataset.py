"""Datasets: typed samples in shards, streamed in any order or read one by one."""

from __future__ import annotations

import copy as copying
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import (
    Any,
    ForwardRef,
    Generic,
    Literal,
    TypeVar,
    cast,
    get_args,
    get_type_hints,
    overload,
)

import numpy as np
from numpy.typing import NDArray

from tripartite.errors import InputError, SchemaError
from tripartite.streams.lenses import is_registered
from tripartite.streams.order import Order, Part
from tripartite.streams.reading import Reader
from tripartite.streams.samples.batches import Ragged
from tripartite.streams.samples.codec import Extra, codec_of
from tripartite.streams.samples.sample import DictSample
from tripartite.streams.samples.schema import Schema, infer_schema, schema_of
from tripartite.streams.shards.servers import Remote
from tripartite.streams.shards.shard import ShardOptions
from tripartite.streams.shards.shard_set import ShardSet
from tripartite.streams.shards.skipping import SkipLog, Skipped
from tripartite.streams.shards.sources import Source, find_shards
from tripartite.streams.steps import Filter, Map, Step, View
from tripartite.streams.stream import Stream, identify

T = TypeVar("T")
U = TypeVar("U")
OnError = Literal["raise", "skip"]


class Dataset(Generic[T]):
    """Samples of one type in shards.

    ``Dataset[Frame]("data/frames-{000000..000009}.tar")`` opens shards whose samples are read as
    ``Frame``; without a type, samples are `DictSample`. Opening reads no sample.

    Parameters
    ----------
    source : str, path, or iterable of them
        See `tripartite.streams.shards.sources.find_shards`.
    sample_type : type, optional
        The same as the type in brackets.
    extra : {"error", "ignore"}
        What becomes of stored fields that the type does not have.
    on_error : {"raise", "skip"}
        ``"skip"`` leaves out what is damaged, counts it in `skipped`, and warns.
    copy : bool
        False gives the arrays of single samples as read-only views of local shards.
    checksums : mapping of str to str, optional
        SHA-256 of shards, by URL or by file name; checked when a shard is opened.
    remote : Remote, optional
        How remote shards are read.

    Examples
    --------
    >>> import tempfile
    >>> from tripartite.streams import write_samples
    >>> folder = tempfile.TemporaryDirectory()
    >>> samples = [{"x": np.full(3, i)} for i in range(4)]
    >>> dataset = write_samples(samples, f"{folder.name}/x.tar")
    >>> dataset[2].x
    array([2, 2, 2])
    >>> [batch.x.shape for batch in dataset.shuffled(batch_size=3, seed=0)]
    [(3, 3), (1, 3)]
    >>> folder.cleanup()
    """

    def __init__(
        self,
        source: Source,
        sample_type: type[T] | None = None,
        *,
        extra: Extra = "error",
        on_error: OnError = "raise",
        copy: bool = True,
        checksums: Mapping[str, str] | None = None,
        remote: Remote | None = None,
    ) -> None:
        if extra not in ("error", "ignore") or on_error not in ("raise", "skip"):
            raise InputError(
                'extra is "error" or "ignore", on_error is "raise" or "skip"',
                f"extra={extra!r}, on_error={on_error!r}",
            )
        tolerant = on_error == "skip"
        options = ShardOptions(
            remote=remote or Remote(),
            checksums={} if checksums is None else checksums,
            tolerant=tolerant,
        )
        names = find_shards(source, options.remote, tolerant=tolerant)
        self._set = ShardSet(names, options, SkipLog())
        self._stored_type: type | None = sample_type
        self._extra: Extra = extra
        self._copy = copy
        self._steps: tuple[Step, ...] = ()
        self._part = Part()
        self._forget()

    def _forget(self) -> None:
        self._kept: NDArray[np.int64] | None = None
        self._stream: Stream[Any] | None = None
        self._made_reader: Reader | None = None

    def _derive(self, **changes: Any) -> Dataset[Any]:
        derived = copying.copy(self)
        derived.__dict__.update(changes)
        derived._forget()
        return derived

    @property
    def shards(self) -> tuple[str, ...]:
        """Paths and URLs of the shards."""
        return self._set.names

    @property
    def sample_type(self) -> type:
        """Type of the samples as they come; ``object`` after a map without a return annotation."""
        for step in reversed(self._steps):
            if isinstance(step, View):
                return step.view
            if isinstance(step, Map):
                return _returned_type(step.function)
        return self._read_as

    @property
    def _read_as(self) -> type:
        if self._stored_type is None:
            # Python notes Dataset[Frame] on the object only after __init__.
            (bracket,) = get_args(getattr(self, "__orig_class__", None)) or (Any,)
            if isinstance(bracket, ForwardRef):
                raise SchemaError(
                    "Dataset[...] takes a class",
                    f"the text {bracket.__forward_arg__!r}",
                    "Leave out the quotes",
                )
            has_type = isinstance(bracket, type) and bracket is not Any
            self._stored_type = cast(type, bracket if has_type else DictSample)
        return self._stored_type

    @property
    def schema(self) -> Schema:
        """Fields of the samples; of schema-free ones, those of the first sample."""
        sample_type = self.sample_type
        if issubclass(sample_type, (DictSample, dict)) or sample_type is object:
            return infer_schema(self[0]) if len(self) else Schema(sample_type.__name__, ())
        return schema_of(sample_type)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What ``on_error="skip"`` left out so far (the first thousand)."""
        return tuple(self._set.skipped.items.values())

    @property
    def n_skipped(self) -> int:
        """How many samples, shards or rests of shards this process left out so far.

        The workers of a data loader count for themselves; their warnings tell.
        """
        return self._set.skipped.n_skipped

    def ordered(self, batch_size: int | None = None, *, ragged: Ragged = "list") -> Stream[Any]:
        """Return a stream in the order in which samples are stored.

        Parameters
        ----------
        batch_size : int, optional
            Samples in a `Batch`; None yields single samples.
        ragged : {"list", "pad"}
            What becomes of arrays of different shapes in a batch.
        """
        return self._start(Order(part=self._part), batch_size, ragged)

    def shuffled(
        self,
        batch_size: int | None = None,
        *,
        seed: int = 0,
        epoch: int = 0,
        ragged: Ragged = "list",
    ) -> Stream[Any]:
        """Return a stream in an order in which every permutation is equally likely.

        Indices are shuffled, not samples: eight bytes of memory each.

        Parameters
        ----------
        batch_size : int, optional
            Samples in a `Batch`; None yields single samples.
        seed, epoch : int
            Same seed and epoch, same order. Each pass over the stream is the next epoch.
        ragged : {"list", "pad"}
            What becomes of arrays of different shapes in a batch.
        """
        order = Order(shuffled=True, seed=seed, epoch=epoch, part=self._part)
        return self._start(order, batch_size, ragged)

    def _start(self, order: Order, batch_size: int | None, ragged: Ragged) -> Stream[Any]:
        self._stream = Stream(self._reader, order, batch_size, ragged)
        return self._stream

    def iterator_state(self) -> dict[str, Any]:
        """Return where the stream stands that was last made from this dataset; fit for JSON.

        Raises
        ------
        InputError
            If no stream was made.
        """
        if self._stream is None:
            raise InputError(
                "A stream was made from this dataset", "none", "Call ordered() or shuffled() first"
            )
        return self._stream.state()

    def resume(self, state: Mapping[str, Any]) -> Stream[Any]:
        """Return a stream that goes on where another one stood.

        Parameters
        ----------
        state : mapping
            What `iterator_state` returned, for the same shards and the same steps. A part goes on
            as that part, whichever part the state is of: all stand at the same place.

        Raises
        ------
        InputError
            If the state is of another dataset or another number of parts, or is no state.
        """
        try:
            order = Order.from_state(state["order"])
            batch_size, ragged = state["batch_size"], state["ragged"]
            known = [(k, v) for k, v in identify(self._reader).items() if v is not None]
            differs = [k for k, v in known if state[k] not in (None, v)]
        except (KeyError, TypeError) as error:
            raise InputError("A state is what iterator_state() returned", repr(error)) from error
        if state.get("version") != 1 or differs:
            raise InputError(
                "A state belongs to the dataset it was made for",
                f"other {' and '.join(differs) or 'version'}",
            )
        if self._part != Part():
            if order.part.world_size != self._part.world_size:
                raise InputError(
                    "A state belongs to a dataset of as many parts",
                    f"{order.part.world_size} parts besides {self._part.world_size}",
                )
            order = order.at(part=self._part)
        return self._start(order, batch_size, ragged)

    def __iter__(self) -> Iterator[Any]:
        # Looking at a few samples does not move the stream that iterator_state() tells of.
        return iter(self.ordered() if self._stream is None else self._look())

    def _look(self) -> Stream[Any]:
        return Stream(self._reader, Order(part=self._part), None, "list")

    @property
    def _reader(self) -> Reader:
        if self._made_reader is None:
            codec = codec_of(self._read_as, self._extra)
            self._made_reader = Reader(self._set, codec, self._steps, self._copy)
        return self._made_reader

    @property
    def _positions(self) -> NDArray[np.int64]:
        """Positions of the samples, for which filters have to be asked once."""
        if self._kept is None:
            positions = np.arange(*self._part.bounds(len(self._set)))
            if any(step.changes_count for step in self._steps):
                kept = [n_done - 1 for n_done, _ in self._reader.samples([positions])]
                positions = positions[kept]
            self._kept = positions
        return self._kept

    def __len__(self) -> int:
        """Return the number of samples; a filter is asked once for each of them."""
        return len(self._positions)

    @overload
    def __getitem__(self, i: int) -> Any: ...
    @overload
    def __getitem__(self, i: slice) -> list[Any]: ...
    def __getitem__(self, i: int | slice) -> Any:
        """Return the sample at a position, or a list of those in a slice."""
        if isinstance(i, slice):
            return self.select(range(len(self))[i])
        i = _as_integer(i)
        if self._kept is None and self._is_plain and self._set.holds(i):
            return self._reader.one(i)
        n = len(self)
        if not -n <= i < n:
            raise _no_position(i, n)
        return self._reader.one(self._positions.item(i))

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Return several samples; torch's data loader asks for them like this."""
        return self.select(indices)

    @property
    def _is_plain(self) -> bool:
        """True if positions are those of the shards."""
        return self._part == Part() and not any(step.changes_count for step in self._steps)

    def select(self, indices: Sequence[int] | NDArray[np.integer]) -> list[Any]:
        """Return the samples at some positions, in the order asked for.

        The arrays of up to 64 samples share one block of memory: copy those that you keep long.

        Parameters
        ----------
        indices : sequence of int
            Positions; negative ones count from the end.

        Raises
        ------
        IndexError
            If there is no such position.
        ShardError
            If a sample is damaged: what is asked for by position is never skipped.
        """
        n = len(self)
        wanted = np.array([_as_integer(i) for i in indices], np.int64)
        for extreme in (wanted.min(), wanted.max()) if len(wanted) else ():
            if not -n <= extreme < n:
                raise _no_position(extreme, n)
        return self._reader.select(self._positions[wanted])

    def get(self, key: str) -> Any:
        """Return the sample with a key.

        Parameters
        ----------
        key : str
            Key; see `keys`.

        Raises
        ------
        SampleKeyError
            If no sample has this key, or several have.
        """
        position = self._set.find(key)
        place = int(np.searchsorted(self._positions, position))
        if place == len(self) or self._positions[place] != position:
            raise InputError("The sample passes the filters and is in this part", repr(key))
        return self[place]

    def head(self, n: int = 5) -> list[Any]:
        """Return the first samples; opens no shard that is not needed for them.

        Parameters
        ----------
        n : int
            How many.
        """
        return [sample for _, sample in zip(range(n), self._look(), strict=False)]

    def keys(self) -> list[str]:
        """Return the keys of the samples, in order."""
        keys = list(self._set.keys())
        return [keys[i] for i in self._positions]

    def filter(self, keep: Callable[[Any], bool]) -> Dataset[T]:
        """Return the dataset of the samples for which ``keep(sample)`` is true.

        Parameters
        ----------
        keep : callable
            Asked for each sample as the steps before left it.
        """
        return self._derive(_steps=(*self._steps, Filter(keep)))

    def map(self, function: Callable[[Any], U]) -> Dataset[U]:
        """Return the dataset of what ``function(sample)`` returns.

        Parameters
        ----------
        function : callable
            Gets each sample as the steps before left it.
        """
        return self._derive(_steps=(*self._steps, Map(function)))

    def as_type(self, sample_type: type[U]) -> Dataset[U]:
        """Return the dataset seen as another type: by a lens, or by a path of several.

        Parameters
        ----------
        sample_type : type
            The type to see. A dataset without steps whose samples have no declared type is read as
            this type.

        Raises
        ------
        LensError
            If there is no path.
        """
        is_free = not self._steps and issubclass(self._read_as, (DictSample, dict))
        if is_free and not is_registered(DictSample, sample_type):
            return self._derive(_stored_type=sample_type)
        view = View(sample_type)
        view.prepare(self.sample_type)
        return self._derive(_steps=(*self._steps, view))

    def split(self, rank: int, world_size: int) -> Dataset[T]:
        """Return one of several equal parts; all parts together hold every sample once.

        Parts are ranges of samples, whatever the number of shards. Shuffled streams deal the
        samples of the whole dataset anew among the parts in each epoch.

        Parameters
        ----------
        rank : int
            Which part, from 0.
        world_size : int
            How many parts.

        Raises
        ------
        InputError
            If the dataset is a part already, or ``0 <= rank < world_size`` does not hold.
        """
        if self._part != Part():
            raise InputError(
                "A part is not split again", self._part, "Split the whole dataset: rank of rank * n"
            )
        return self._derive(_part=Part(rank, world_size))

    def __repr__(self) -> str:
        steps = "".join(f".{type(step).__name__.lower()}(...)" for step in self._steps)
        part = (
            "" if self._part == Part() else f", part {self._part.rank} of {self._part.world_size}"
        )
        shards = f"{len(self.shards)} shard{'s' * (len(self.shards) > 1)}{part}, {self.shards[0]}"
        return f"<Dataset[{self.sample_type.__name__}]{steps}: {shards}>"


def load_dataset(source: Source, sample_type: type[T] = DictSample, **options: Any) -> Dataset[T]:
    """Return a dataset; without a type, its samples are read schema-free, arrays decoded.

    Parameters
    ----------
    source : str, path, or iterable of them
        See `tripartite.streams.shards.sources.find_shards`.
    sample_type : type, optional
        Type of the samples.
    **options
        As for `Dataset`.
    """
    return Dataset(source, sample_type, **options)


def _returned_type(function: Callable[..., Any]) -> type:
    try:
        returned = get_type_hints(function).get("return", object)
    except (NameError, TypeError):
        return object
    return returned if isinstance(returned, type) else object


def _as_integer(i: Any) -> int:
    # A list of bools is a mask to numpy, and 1 and 0 to Python: to select, it is neither.
    if isinstance(i, (int, np.integer)) and not isinstance(i, bool):
        return int(i)
    raise InputError(
        "Samples are selected by integers",
        repr(i),
        'Several: dataset.select([1, 2]); by key: dataset.get("key")',
    )


def _no_position(i: int, n: int) -> IndexError:
    if n == 0:
        return IndexError(f"This dataset has no samples, so none at position {i}.")
    return IndexError(f"Positions lie between {-n} and {n - 1}. Got {i}.")
