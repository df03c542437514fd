"""A guard for HDF5 bytes that somebody else wrote.

HDF5 can point outside itself (external links, external storage, virtual datasets) and can declare
sizes far beyond what it holds; a reader that follows reads other files of this machine or runs out
of memory. `safe_open` walks the whole file without reading any data and refuses such content.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
from h5py import h5o  # pyright: ignore[reportAttributeAccessIssue]  # compiled, no stub

from skinmech_chip_adapters.errors import ChipDataError, Problems

MAX_FILE_BYTES = 4 * 2**30
MAX_DECLARED_BYTES = 4 * 2**30
MAX_RATIO = 1000
MAX_OBJECTS = 200_000
_FILTERS = {1, 2, 3, 32000}  # deflate, shuffle, fletcher32, and h5py's own lzf
# What h5py raises on damaged content, depending on where the damage is.
_FROM_HDF5 = (OSError, RuntimeError, LookupError, TypeError, ValueError, ArithmeticError,
              AttributeError, MemoryError)  # fmt: skip


@contextmanager
def safe_open(content: bytes, name: str) -> Iterator[h5py.File]:
    """Open HDF5 bytes read-only after an audit.

    Args:
        content: The whole file.
        name: File name for messages.

    Raises:
        ChipDataError: `not_hdf5`, `hdf5_damaged`, or `hdf5_unsafe` with every finding.
    """
    if not content.startswith(b"\x89HDF\r\n\x1a\n"):
        raise ChipDataError(
            "not_hdf5", file=name, found="a file without the HDF5 signature", expected="HDF5"
        )
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            _audit(file, len(content), name)
            yield file
    except ChipDataError:
        raise
    except _FROM_HDF5 as error:
        raise ChipDataError(
            "hdf5_damaged", file=name, found="content that HDF5 cannot read",
            expected="an undamaged file", remedy="restore it from a copy",
        ) from error  # fmt: skip


def _audit(file: h5py.File, size: int, name: str) -> None:
    problems = Problems()
    seen: set[Any] = set()
    declared = 0
    pending: list[tuple[str, h5py.Group]] = [("/", file)]
    while pending:
        path, group = pending.pop()
        _audit_attributes(group, path, name, problems)
        for key in group:
            place = f"{path.rstrip('/')}/{key}"
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                _unsafe(problems, name, place, "a link that leaves its place")
                continue
            item = group[key]
            identity = h5o.get_info(item.id).addr
            if identity in seen or len(seen) > MAX_OBJECTS:
                _unsafe(problems, name, place, "an object that is linked twice, or too many")
                continue
            seen.add(identity)
            if isinstance(item, h5py.Group):
                pending.append((place, item))
            elif isinstance(item, h5py.Dataset):
                _audit_attributes(item, place, name, problems)
                declared += _audit_dataset(item, place, name, problems)
            else:
                _unsafe(problems, name, place, "a named type")
    if declared > MAX_DECLARED_BYTES or declared > MAX_RATIO * max(size, 4096):
        _unsafe(problems, name, "/", f"{declared} declared bytes in a file of {size}")
    problems.raise_if_any()


def _audit_attributes(item: Any, place: str, name: str, problems: Problems) -> None:
    for key in item.attrs:
        if not _is_plain(item.attrs.get_id(key).dtype):
            _unsafe(problems, name, f"{place} attribute {key!r}", "an object or reference type")


def _audit_dataset(item: h5py.Dataset, place: str, name: str, problems: Problems) -> int:
    if item.external:
        _unsafe(problems, name, place, "data stored in another file")
    if item.is_virtual:
        _unsafe(problems, name, place, "a virtual dataset")
    if not _is_plain(item.dtype):
        _unsafe(problems, name, place, "an object or reference type")
    creation = item.id.get_create_plist()
    filters = {creation.get_filter(number)[0] for number in range(creation.get_nfilters())}
    if filters - _FILTERS:
        _unsafe(problems, name, place, "a rare compression or filter")
    return int(item.size or 0) * item.dtype.itemsize


def _is_plain(dtype: Any) -> bool:
    if h5py.check_string_dtype(dtype) is not None:
        return True
    if dtype.names:
        return all(_is_plain(dtype.fields[part][0]) for part in dtype.names)
    return dtype.kind in "biufcSUV" and not dtype.hasobject and h5py.check_ref_dtype(dtype) is None


def _unsafe(problems: Problems, name: str, place: str, found: str) -> None:
    problems.add(
        "hdf5_unsafe", file=name, locator=place, found=found,
        expected="plain datasets and groups stored in the file itself",
        remedy="ask the sender for a plain file",
    )  # fmt: skip
