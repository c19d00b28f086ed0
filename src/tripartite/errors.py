"""One tree of errors: every failure that the library raises on purpose.

::

    TripartiteError
    ├── InputError            an argument does not hold            (ValueError)
    ├── MissingExtraError     an optional library is not installed (ImportError)
    ├── FileFormatError       a file is not what it should be      (ValueError)
    │   └── ShardError        a shard or a sample in it is broken
    ├── RemoteError           a remote file cannot be read         (OSError)
    │   └── RemoteShardError  a sample in it cannot be; also a ShardError
    ├── WriteError            a file cannot be written             (OSError)
    ├── SchemaError           a sample does not fit its type       (TypeError)
    │   └── SampleError       a stored sample does not fit; also a ShardError
    ├── SampleKeyError        no sample, or several, with this key (KeyError)
    ├── SimulationError       a simulated network leaves all bounds (ArithmeticError)
    └── LensError             a lens does not exist or does not fit (TypeError)
        └── LensLawError      a lens breaks GetPut, PutGet or PutPut

Each message has three parts: what must hold, what came, what to do.
"""

from typing import Any


class TripartiteError(Exception):
    """Base of all errors of this library.

    Parameters
    ----------
    must : str
        What must hold, as a sentence without the full stop.
    got : object, optional
        What came instead.
    do : str, optional
        What the user can do about it.
    """

    def __init__(self, must: str, got: object = None, do: str | None = None) -> None:
        self.must, self.got, self.do = must, got, do
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        parts = [self.must.rstrip(".") + "."]
        if self.got is not None:
            parts.append(f"Got {str(self.got).rstrip('.')}.")
        if self.do is not None:
            parts.append(self.do.rstrip(".") + ".")
        return " ".join(parts)

    def __str__(self) -> str:
        # KeyError would print the repr of its argument.
        return self._sentence()

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel between the processes of a data loader.
        return type(self), (self.must, self.got, self.do), self._noted()

    def _noted(self) -> dict[str, Any] | None:
        """Return the notes that were added to the error, as what a copy of it is given."""
        return {"__notes__": self.__notes__} if hasattr(self, "__notes__") else None


class InputError(TripartiteError, ValueError):
    """An argument does not hold what its documentation asks for."""


class MissingExtraError(TripartiteError, ImportError):
    """A function needs an optional library that is not installed.

    Parameters
    ----------
    library : str
        The import name of the library.
    extra : str
        The extra of this package that installs it.
    """

    def __init__(self, library: str, extra: str) -> None:
        self.library, self.extra = library, extra
        super().__init__(
            f"This needs the library {library!r}, which is not installed",
            do=f'Install it with: pip install "tripartite[{extra}]"',
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.library, self.extra), self._noted()


class FileFormatError(TripartiteError, ValueError):
    """A file is not what its format asks for."""


class ShardError(FileFormatError):
    """A shard, or a sample in it, is broken.

    Parameters
    ----------
    must, got, do
        As in `TripartiteError`.
    shard : str
        Path or URL of the shard.
    key : str, optional
        Key of the sample.
    offset : int, optional
        Byte offset in the shard where the trouble lies.
    """

    def __init__(
        self,
        must: str,
        got: object = None,
        do: str | None = None,
        *,
        shard: str | None = None,
        key: str | None = None,
        offset: int | None = None,
    ) -> None:
        self.shard, self.key, self.offset = shard, key, offset
        super().__init__(must, got, do)

    def _sentence(self) -> str:
        place = [] if self.shard is None else [f"shard {self.shard}"]
        place += [] if self.key is None else [f"key {self.key!r}"]
        place += [] if self.offset is None else [f"byte {self.offset}"]
        where = ", ".join(place)
        return (f"[{where}] " if where else "") + super()._sentence()

    def __reduce__(self) -> tuple[object, ...]:
        place = {"shard": self.shard, "key": self.key, "offset": self.offset}
        message = (self.must, self.got, self.do)
        return _rebuild_shard_error, (type(self), message, place), self._noted()


def _rebuild_shard_error(
    kind: type[ShardError], message: tuple[str, object, str | None], place: dict[str, Any]
) -> ShardError:
    return kind(*message, **place)


class RemoteError(TripartiteError, OSError):
    """A remote file cannot be read."""


class RemoteShardError(ShardError, RemoteError):
    """A sample of a remote shard cannot be read."""


class WriteError(TripartiteError, OSError):
    """A file cannot be written."""


class SchemaError(TripartiteError, TypeError):
    """A sample does not fit its declared type, or the type cannot be stored."""


class SampleError(ShardError, SchemaError):
    """A stored sample does not fit the type that it is read as."""


class SampleKeyError(TripartiteError, KeyError):
    """No sample, or more than one, has this key."""


class SimulationError(TripartiteError, ArithmeticError):
    """A simulated network leaves all bounds."""


class LensError(TripartiteError, TypeError):
    """A lens does not exist, does not fit, or would be overwritten."""


class LensLawError(LensError):
    """A lens breaks one of its laws."""
