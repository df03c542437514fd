"""An immutable table of named columns whose rows are frozen dataclasses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_type_hints

import numpy as np

Row = TypeVar("Row")


@lru_cache(maxsize=64)
def column_types(row_type: type) -> dict[str, type]:
    """Column names of a row dataclass and their Python types (str, float, int, bool, an enum)."""
    hints = get_type_hints(row_type)
    return {field.name: hints[field.name] for field in fields(row_type)}


def _dtype(kind: type) -> Any:
    return {float: np.float64, int: np.int64, bool: np.bool_}.get(kind, object)


@dataclass(frozen=True, eq=False)
class Table(Generic[Row]):
    """Columns of equal length; each column is a read-only array.

    Numbers are float64 or int64 arrays; text and enumerations are object arrays, so that
    `table["censor"] == "left"` gives a mask. Every change returns a new table.

    Attributes:
        row_type: The dataclass a row is made of; it is also the schema of the table.
        columns: Column name to array of shape (rows,).
    """

    row_type: type[Row]
    columns: Mapping[str, np.ndarray]

    @staticmethod
    def of(row_type: type[Row], rows: Iterable[Row] = ()) -> "Table[Row]":
        """Table from rows of the dataclass `row_type`."""
        rows = list(rows)
        return _filled(row_type, rows) if rows else _empty(row_type)

    @staticmethod
    def from_columns(row_type: type[Row], columns: Mapping[str, np.ndarray]) -> "Table[Row]":
        """Table from complete columns of equal length."""
        for column in columns.values():
            column.flags.writeable = False
        return Table(row_type, dict(columns))

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns:
            raise KeyError(f"No column {name!r}. Columns: {', '.join(self.columns)}")
        return self.columns[name]

    def row(self, index: int) -> Row:
        """One row as its dataclass."""
        values = {}
        for name, kind in column_types(self.row_type).items():
            cell = self.columns[name][index]
            values[name] = kind(cell) if kind in (float, int, bool) else cell
        return self.row_type(**values)

    def __iter__(self) -> Iterator[Row]:
        return (self.row(index) for index in range(len(self)))

    def filter(self, mask: np.ndarray) -> "Table[Row]":
        """Rows where the mask (or the index array) holds."""
        return Table.from_columns(
            self.row_type, {name: column[mask] for name, column in self.columns.items()}
        )

    def select(self, **wanted: Any) -> "Table[Row]":
        """Rows whose columns equal the wanted values; a tuple, list or set means any of them."""
        mask = np.ones(len(self), dtype=bool)
        for name, value in wanted.items():
            column = self[name]
            if isinstance(value, (tuple, list, set, frozenset)):
                mask &= np.array([cell in value for cell in column], dtype=bool)
            else:
                mask &= np.asarray(column == value, dtype=bool)
        return self.filter(mask)

    def extended(self, rows: Iterable[Row]) -> "Table[Row]":
        """This table with rows added at the end."""
        return self.joined([Table.of(self.row_type, rows)])

    def joined(self, others: Iterable["Table[Row]"]) -> "Table[Row]":
        """This table with the rows of others added at the end."""
        parts = [self, *others]
        return Table.from_columns(
            self.row_type,
            {name: np.concatenate([one.columns[name] for one in parts]) for name in self.columns},
        )

    def replaced(self, **columns: Any) -> "Table[Row]":
        """This table with whole columns exchanged (an array, or one value for all rows)."""
        new = dict(self.columns)
        for name, value in columns.items():
            column = np.empty(len(self), dtype=self[name].dtype)
            column[:] = value
            new[name] = column
        return Table.from_columns(self.row_type, new)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table) or self.row_type is not other.row_type:
            return False
        return all(equal_arrays(self[name], other[name]) for name in self.columns)

    __hash__ = None  # type: ignore[assignment]


def _filled(row_type: type[Any], rows: list[Any]) -> Table[Any]:
    if not is_dataclass(row_type):
        raise TypeError(f"Expected a dataclass as row type, got {row_type!r}")
    kinds = column_types(row_type)
    columns = {name: np.empty(len(rows), dtype=_dtype(kind)) for name, kind in kinds.items()}
    cells = zip(*map(attrgetter(*kinds), rows), strict=True)
    for column, values in zip(columns.values(), cells, strict=False):  # no rows: no values
        column[:] = values
    return Table.from_columns(row_type, columns)


@lru_cache(maxsize=64)
def _empty(row_type: type[Any]) -> Table[Any]:
    """The table without rows; nothing in it can change, so that one serves all."""
    return _filled(row_type, [])


def equal_arrays(first: np.ndarray, second: np.ndarray) -> bool:
    """Same shape, type and values; NaN equals NaN."""
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if first.dtype.kind in "fc":
        return bool(np.array_equal(first, second, equal_nan=True))
    return bool(np.array_equal(first, second))


def text_of(cell: Any) -> Any:
    """Plain value of a cell: the text of an enumeration, else the cell itself."""
    return cell.value if isinstance(cell, Enum) else cell
