"""A chip record as one HDF5 file.

The file is built in memory and put in place whole (see `files`): a full disk inside the HDF5
library ends the process, and a kill while it writes leaves a file nobody can open.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import h5py
import numpy as np

from skinmech_chip_adapters.audit import MAX_FILE_BYTES, safe_open
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.files import checksum_path, put_in_place, read_checked
from skinmech_chip_adapters.probe import try_in_child
from skinmech_chip_adapters.record import TABLES, ChipRecord
from skinmech_chip_adapters.schema import (
    SCHEMA,
    SCHEMA_VERSION,
    Device,
    Series,
    Source,
    Spectrum,
    Study,
)
from skinmech_chip_adapters.table import Table, column_types, text_of

# Forward migrations by the version they start from. Each changes an open in-memory file to the
# next version and returns that version; `load` applies them to a copy, never to the file on disk.
MIGRATIONS: dict[str, Callable[[h5py.File], str]] = {}

_TEXT = h5py.string_dtype("utf-8")
_FEW = 256  # rows below which a column is neither chunked nor packed
_MAX_PADDED = 64 * 2**20
_SPECTRUM_POINTS = ("frequency_Hz", "z_ohm", "point_time_s")
_SERIES_POINTS = ("time_s", "value", "status_text")
_NUMBERS: dict[type, Any] = {float: np.float64, int: np.int64, bool: np.bool_}


def save(record: ChipRecord, path: str | Path) -> Path:
    """Write a record and its sha256; an existing record is exchanged as a whole.

    Raises:
        ChipDataError: If the record is inconsistent, the disk is full (`disk_full`) or the folder
            cannot be written to (`cannot_write`). The old file is intact then.
    """
    record.check()
    path = Path(path)
    put_in_place(path, to_bytes(record))
    return path


def load(path: str | Path, *, need_checksum: bool = True) -> ChipRecord:
    """Read a record written by `save`, verifying the sha256 beside it.

    The sha256 tells damage, not who wrote the file: of a record from somebody you do not trust,
    leave the `.sha256` away and pass `need_checksum=False`.

    Args:
        path: The HDF5 file.
        need_checksum: False accepts a record whose `.sha256` got lost. It is tried in a child
            process first, as damaged HDF5 can end the process that reads it.

    Raises:
        ChipDataError: The file is missing, damaged, unsafe, no chip record, or too new.
    """
    path = Path(path)
    content = read_checked(path, need_checksum=need_checksum)
    if not checksum_path(path).exists():
        try_in_child(content, path.name)
    return from_bytes(content, path.name)


def to_bytes(record: ChipRecord) -> bytes:
    """The HDF5 image of a record."""
    image = io.BytesIO()
    with h5py.File(image, "w", track_order=True) as file:
        file.attrs["schema"] = SCHEMA
        file.attrs["schema_version"] = SCHEMA_VERSION
        file.attrs["created_utc"] = datetime.now(UTC).isoformat(timespec="seconds")
        file.attrs["writer"] = "skinmech_chip_adapters"
        file.attrs["writer_version"] = _own_version()
        _write_attributes(_group(file, "study"), record.study)
        devices = _group(file, "devices")
        for device in record.devices.values():
            _write_attributes(_group(devices, _key(device.device_id)), device)
        for name in TABLES:
            group = _group(file, name)
            for column, values in getattr(record, name).columns.items():
                _write_column(group, column, values, column_types(TABLES[name])[column])
        _write_spectra(_group(file, "spectra"), record.spectra)
        channels = _group(file, "series")
        for number, series in enumerate(record.series):
            _write_series(_group(channels, f"{number:04d} {_key(series.channel)}"), series)
        sources = _group(file, "sources")
        for source in record.sources.values():
            _write_source(sources, source)
    return image.getvalue()


def from_bytes(content: bytes, name: str) -> ChipRecord:
    """A record from its HDF5 image; `name` is the file name for messages."""
    if len(content) > MAX_FILE_BYTES:
        raise ChipDataError("too_large", file=name, found=f"{len(content)} bytes")
    with safe_open(content, name) as file:
        version_found = _version_of(file, name)
        if version_found == SCHEMA_VERSION:
            record = _read(file, name)
        else:
            record = _read_migrated(content, version_found, name)
    record.check()
    return record


def _read_migrated(content: bytes, version_found: str, name: str) -> ChipRecord:
    with h5py.File(io.BytesIO(content), "r+") as file:
        while version_found != SCHEMA_VERSION:
            if version_found not in MIGRATIONS:
                raise ChipDataError(
                    "unknown_schema_version", file=name, found=f"version {version_found!r}",
                    expected=f"{SCHEMA_VERSION} or older",
                    remedy="install a newer version of this package",
                )  # fmt: skip
            version_found = MIGRATIONS[version_found](file)
        return _read(file, name)


def _read(file: h5py.File, name: str) -> ChipRecord:
    try:
        devices = _child(file, "devices")
        sources = _child(file, "sources")
        device_rows = [_read_attributes(_child(devices, str(key)), Device) for key in devices]
        source_rows = [_read_source(_data(sources, str(key))) for key in sources]
        parts: dict[str, Any] = {
            table: _read_table(_child(file, table), row_type) for table, row_type in TABLES.items()
        }
        channels = _child(file, "series")
        return ChipRecord(
            study=_read_attributes(_child(file, "study"), Study),
            devices=MappingProxyType({one.device_id: one for one in device_rows}),
            sources=MappingProxyType({one.source_id: one for one in source_rows}),
            spectra=_read_spectra(_child(file, "spectra")),
            series=tuple(_read_series(_child(channels, str(key))) for key in channels),
            **parts,
        )
    except (KeyError, ValueError, TypeError, IndexError) as error:
        if isinstance(error, ChipDataError):
            raise
        raise ChipDataError(
            "record_incomplete", file=name, found=f"{type(error).__name__} while reading",
            expected=f"all tables of schema {SCHEMA_VERSION}",
            remedy="read the instrument files again, or restore the record from a copy",
        ) from error  # fmt: skip


def _version_of(file: h5py.File, name: str) -> str:
    if _text(file.attrs.get("schema", "")) != SCHEMA:
        raise ChipDataError(
            "not_a_chip_record", file=name, found="HDF5 without the chip record's schema mark",
            expected=f"schema {SCHEMA!r}",
        )  # fmt: skip
    return _text(file.attrs.get("schema_version", ""))


def _own_version() -> str:
    try:
        return version("skinmech")
    except PackageNotFoundError:
        return "unknown"


def _group(parent: h5py.Group, name: str) -> h5py.Group:
    return parent.create_group(name, track_order=True)


def _key(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F").replace(".", "%2E")


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


# -- attributes: one row of a dataclass ----------------------------------------------------------


def _write_attributes(group: h5py.Group | h5py.Dataset, row: Any, skip: Iterable[str] = ()) -> None:
    for item in fields(row):
        if item.name not in skip:
            group.attrs[item.name] = text_of(getattr(row, item.name))


def _read_attributes(group: h5py.Group | h5py.Dataset, row_type: type, **given: Any) -> Any:
    values = dict(given)
    for name, kind in column_types(row_type).items():
        if name in group.attrs and name not in values:
            value = group.attrs[name]
            text = kind is str or _is_enum(kind)
            values[name] = kind(_text(value)) if text else kind(value)
    return row_type(**values)


# -- tables: one dataset per column --------------------------------------------------------------


def _write_column(group: h5py.Group, name: str, values: np.ndarray, kind: type) -> None:
    members = list(kind) if issubclass(kind, Enum) else []
    numbers = {member: number for number, member in enumerate(members)}
    dtype: Any = None
    data: Any = values
    if kind is str:
        data, dtype = _texts(values)
    elif numbers:
        dtype = h5py.enum_dtype({one.value: n for one, n in numbers.items()}, basetype="u1")
        data = np.array([numbers[kind(cell)] for cell in values], dtype="u1")
    elif name == "flags":
        data = values.astype("u4")
    packing = {} if dtype is _TEXT else _packing(len(values))
    group.create_dataset(name, data=data, dtype=dtype, **packing)


def _texts(values: np.ndarray) -> tuple[Any, Any]:
    """Texts of any length, or for many rows of one length, which can be compressed."""
    encoded = [text.encode("utf-8") for text in values]
    longest = max(map(len, encoded), default=0) or 1
    if len(values) < _FEW or longest * len(values) > _MAX_PADDED:
        return values, _TEXT
    dtype = h5py.string_dtype("utf-8", longest)
    return np.array(encoded, dtype=dtype), dtype


def _is_enum(kind: type) -> bool:
    return issubclass(kind, Enum)


def _packing(length: int) -> dict[str, Any]:
    """Long arrays are compressed; a chunk for each of a hundred short ones would only cost room."""
    if length < _FEW:
        return {}
    return {"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True}


def _read_column(item: h5py.Dataset, kind: type) -> np.ndarray:
    if kind is str:
        return np.array(item.asstr()[:], dtype=object)
    if issubclass(kind, Enum):
        names = {n: name for name, n in (h5py.check_enum_dtype(item.dtype) or {}).items()}
        column = np.empty(len(item), dtype=object)
        column[:] = [kind(names[int(number)]) for number in item[:]]
        return column
    return item[:].astype(_NUMBERS[kind])


def _read_table(group: h5py.Group, row_type: type) -> Table[Any]:
    columns = {
        name: _read_column(_data(group, name), kind)
        for name, kind in column_types(row_type).items()
    }
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError("columns of different length")
    return Table.from_columns(row_type, columns)


# -- spectra (ragged) and series (one group for each channel) ------------------------------------


def _write_spectra(group: h5py.Group, rows: tuple[Spectrum, ...]) -> None:
    lengths = np.array([len(row.frequency_Hz) for row in rows], dtype=np.int64)
    group.create_dataset("offset", data=np.cumsum(lengths) - lengths)
    group.create_dataset("length", data=lengths)
    for name in _SPECTRUM_POINTS:
        dtype = np.complex128 if name == "z_ohm" else np.float64
        parts = [np.asarray(getattr(row, name), dtype=dtype) for row in rows]
        data = np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
        group.create_dataset(name, data=data, **_packing(len(data)))
    for name, kind in column_types(Spectrum).items():
        if name not in _SPECTRUM_POINTS:
            column = np.empty(len(rows), dtype=_NUMBERS.get(kind, object))
            for index, row in enumerate(rows):
                column[index] = getattr(row, name)
            _write_column(group, name, column, kind)


def _write_series(group: h5py.Group, series: Series) -> None:
    for name in _SERIES_POINTS:
        _write_column(group, name, getattr(series, name), str if name == "status_text" else float)
    _write_attributes(group, series, skip=_SERIES_POINTS)


def _read_series(group: h5py.Group) -> Series:
    points = {
        name: _frozen(_read_column(_data(group, name), str if name == "status_text" else float))
        for name in _SERIES_POINTS
    }
    return _read_attributes(group, Series, **points)


def _data(group: h5py.Group, name: str) -> h5py.Dataset:
    item = group[name]
    if not isinstance(item, h5py.Dataset):
        raise KeyError(name)
    return item


def _child(group: h5py.Group, name: str) -> h5py.Group:
    item = group[name]
    if not isinstance(item, h5py.Group):
        raise KeyError(name)
    return item


def _read_spectra(group: h5py.Group) -> tuple[Spectrum, ...]:
    offset, length = _data(group, "offset")[:], _data(group, "length")[:]
    flat = {name: _data(group, name)[:] for name in _SPECTRUM_POINTS}
    kinds = column_types(Spectrum)
    scalars = {
        name: _read_column(_data(group, name), kind)
        for name, kind in kinds.items()
        if name not in _SPECTRUM_POINTS
    }
    rows = []
    for index in range(len(length)):
        span = slice(offset[index], offset[index] + length[index])
        values: dict[str, Any] = {name: _frozen(data[span]) for name, data in flat.items()}
        for name, column in scalars.items():
            kind = kinds[name]
            values[name] = kind(column[index]) if kind in _NUMBERS else column[index]
        rows.append(Spectrum(**values))
    return tuple(rows)


def _frozen(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values.flags.writeable = False
    return values


# -- sources: the instrument files ---------------------------------------------------------------


def _write_source(group: h5py.Group, source: Source) -> None:
    data = np.frombuffer(source.content, dtype=np.uint8)
    options: Mapping[str, Any] = (
        {"compression": "gzip", "shuffle": True, "fletcher32": True} if len(data) else {}
    )
    item = group.create_dataset(source.source_id, data=data, **options)
    _write_attributes(item, source, skip=("content", "source_id"))


def _read_source(item: h5py.Dataset) -> Source:
    source_id = str(item.name).rsplit("/", 1)[-1]
    return _read_attributes(item, Source, source_id=source_id, content=item[:].tobytes())
