"""A state that may be larger than memory: what was not used lately lies in a scratch file, sorted by nothing.

The fold meets ordinary mappings, so fsck replays a country's history with the very code that is tested on small ones.
The file is this process's own, is never synced, and is removed when the check ends; one that was killed leaves it.
"""

from __future__ import annotations

import marshal
import pickle
import sqlite3
from collections.abc import Callable, Iterator, MutableMapping, ValuesView
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Generic, TypeVar

from gecchain.errors import Unavailable
from gecchain.ledger import ENTITIES, Parameters, State, Totals

__all__ = ["NEAR", "Shelf", "Shelves", "shelves"]

K = TypeVar("K")
V = TypeVar("V")
NEAR: Final = 8_192
_MARSHALLED: Final = 2  # a later version writes what it wrote before as a reference, so that equal keys differ
_PRAGMAS: Final = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-32768")

# Names of shelves are ours.
_TABLE: Final = 'CREATE TABLE "{}" (place INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, value BLOB NOT NULL)'
_FOUND: Final = 'SELECT value FROM "{}" WHERE key = ?'
_KEPT: Final = 'INSERT INTO "{}" (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
_GONE: Final = 'DELETE FROM "{}" WHERE key = ?'
_KEYS: Final = 'SELECT key FROM "{}" ORDER BY place'
_VALUES: Final = 'SELECT value FROM "{}" ORDER BY place'
_COUNT: Final = 'SELECT count(*) FROM "{}"'


class Shelf(MutableMapping[K, V], Generic[K, V]):
    """Values by key in the order in which their keys came, of which `near` are at hand; the rest lies in the file.

    A value that is changed in place has to be set again.
    """

    def __init__(
        self,
        file: sqlite3.Connection,
        name: str,
        put: Callable[[V], Any],
        take: Callable[[Any], V],
        near: int = NEAR,
    ) -> None:
        self._file = file
        self._put, self._take = put, take
        self._near: dict[K, V] = {}
        self._new: dict[K, V] = {}
        self._most = near
        file.execute(_TABLE.format(name))
        self._found, self._kept, self._gone = _FOUND.format(name), _KEPT.format(name), _GONE.format(name)
        self._keys, self._values, self._count = _KEYS.format(name), _VALUES.format(name), _COUNT.format(name)

    def __getitem__(self, key: K) -> V:
        near = self._near.get(key)
        if near is not None:
            return near
        row = self._file.execute(self._found, (_word(key),)).fetchone()
        if row is None:
            raise KeyError(key)
        value = self._take(pickle.loads(row[0]))  # noqa: S301 - what this process wrote
        self._make_room()
        self._near[key] = value
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._make_room()
        self._near[key] = self._new[key] = value

    def __delitem__(self, key: K) -> None:
        self._flush()
        self._near.pop(key, None)
        if not self._file.execute(self._gone, (_word(key),)).rowcount:
            raise KeyError(key)

    def __len__(self) -> int:
        self._flush()
        return int(self._file.execute(self._count).fetchone()[0])

    def __iter__(self) -> Iterator[K]:
        self._flush()
        for (key,) in self._file.execute(self._keys):
            yield marshal.loads(key)  # noqa: S302 - what this process wrote

    def values(self) -> ValuesView[V]:
        """In the order of the keys, read as they are asked for."""
        return _Streamed(self)

    def stream(self) -> Iterator[V]:
        """The same, once."""
        self._flush()
        for (value,) in self._file.execute(self._values):
            yield self._take(pickle.loads(value))  # noqa: S301

    def _make_room(self) -> None:
        if len(self._near) >= self._most:
            self._flush()
            self._near.clear()

    def _flush(self) -> None:
        if self._new:
            rows = [(_word(key), pickle.dumps(self._put(value))) for key, value in self._new.items()]
            self._file.executemany(self._kept, rows)
            self._new.clear()


class _Streamed(ValuesView[V]):
    def __init__(self, shelf: Shelf[Any, V]) -> None:
        super().__init__(shelf)
        self._shelf = shelf

    def __iter__(self) -> Iterator[V]:
        return self._shelf.stream()


def _word(key: Any) -> bytes:
    """A key in the file; what is equal is the same, as True and 1 are."""
    plain = tuple([_plain(part) for part in key]) if type(key) is tuple else _plain(key)
    return marshal.dumps(plain, _MARSHALLED)


def _plain(part: Any) -> Any:
    kind = type(part)
    return part if kind is int or kind is str else int(part)


class Shelves:
    """A scratch file and what is made in it."""

    def __init__(self, file: sqlite3.Connection, near: int = NEAR) -> None:
        self._file = file
        self._near = near
        self._counts = 0

    def state(self) -> State:
        """An empty state whose entities, and the cuts of batches, lie on shelves."""
        kept: dict[str, Any] = {kind: self._entity(kind) for kind in ENTITIES}
        kept["totals"][1], kept["parameters"][1] = Totals(), Parameters()
        return State(**kept, cuts=Shelf(self._file, "cuts", list, list, self._near))

    def sums(self) -> MutableMapping[Any, int]:
        """A new mapping of numbers by key."""
        self._counts += 1
        return Shelf(self._file, f"sums {self._counts}", int, int, self._near)

    def _entity(self, kind: str) -> Shelf[Any, Any]:
        shape = ENTITIES[kind][0]
        names = list(shape.__dataclass_fields__)
        values = attrgetter(*names)
        put = values if len(names) > 1 else lambda value: (values(value),)
        return Shelf(self._file, kind, put, lambda row: shape(*row), self._near)


@contextmanager
def shelves(near: int = NEAR) -> Iterator[Shelves]:
    """Shelves in a scratch file of the folder for temporary files (TMPDIR). Unavailable where its disk is full."""
    with TemporaryDirectory(prefix="gec-fsck-") as folder:
        file = sqlite3.connect(Path(folder) / "scratch.db", isolation_level=None)
        try:
            for pragma in _PRAGMAS:
                file.execute(f"PRAGMA {pragma}")
            file.execute("BEGIN")
            yield Shelves(file, near)
        except sqlite3.OperationalError as error:
            raise Unavailable(
                f"the scratch file in {folder} cannot be written: {error}",
                remedy="Make room there, or name another folder in TMPDIR.",
            ) from error
        finally:
            file.close()
