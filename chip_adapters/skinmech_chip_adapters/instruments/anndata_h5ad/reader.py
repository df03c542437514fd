"""The two attributes of an AnnData file, and whether it is whole."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_TYPE, _VERSION = b"encoding-type\0", b"encoding-version\0"
# Place of the address of the file's end in the superblock, by its version (HDF5 format 3.0, II.A).
_END_AT = {0: 40, 1: 44, 2: 28, 3: 28}
_OFFSET_SIZE_AT = {0: 13, 1: 13, 2: 9, 3: 9}
_WINDOW = 96  # bytes behind an attribute's name that hold its type, its space and its value


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the root group's attributes say, and the size of the file in bytes."""

    kind: str
    version: str
    size: int


def sniff(head: bytes, name: str) -> Evidence:
    """HDF5 with the words of the encoding."""
    if head.startswith(SIGNATURE) and _TYPE in head and b"anndata" in head:
        return Evidence(0.95, ("HDF5 with encoding-type anndata",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Check that the file is whole, and find its encoding."""
    if not content.startswith(SIGNATURE):
        raise _wrong("no HDF5 signature")
    size = _stated_size(content)
    if len(content) < size:
        raise ChipDataError(
            "cut_file", found=f"{len(content)} bytes", expected=f"{size} as the file itself states",
            remedy="copy or export the file again",
        )  # fmt: skip
    kinds = list(_texts(content, _TYPE))
    if "anndata" not in [kind for _, kind in kinds]:
        raise _wrong("HDF5 without encoding-type anndata")
    place = next(at for at, kind in kinds if kind == "anndata")
    version = next((text for at, text in _texts(content, _VERSION) if at > place), "")
    if not version:
        raise _wrong("HDF5 without encoding-version")
    return Parsed(
        tables=Encoding("anndata", version, len(content)),
        header=f"encoding-type: anndata\nencoding-version: {version}",
        encoding="hdf5",
        newline="none",
        decimal=".",
        software=f"AnnData {version}",
    )


def _wrong(found: str) -> ChipDataError:
    return ChipDataError("wrong_format", found=found, expected="an AnnData file (h5ad)",
                         remedy="name the right adapter in the side-car")  # fmt: skip


def _stated_size(content: bytes) -> int:
    """Address of the end of the file in the superblock."""
    version = content[8] if len(content) > 8 else -1
    end = _END_AT.get(version, 0)
    if not end or len(content) < end + 8:
        raise ChipDataError(
            "cut_file", locator="superblock", found=f"{len(content)} bytes, version {version}",
            expected="a whole superblock of version 0 to 3", remedy="copy the file again",
        )  # fmt: skip
    if content[_OFFSET_SIZE_AT[version]] != 8:
        raise ChipDataError("unsupported_data", locator="superblock",
                            found="addresses that are not of 8 bytes", expected="8")  # fmt: skip
    return struct.unpack_from("<Q", content, end)[0]


def _texts(content: bytes, name: bytes) -> Iterator[tuple[int, str]]:
    """Place and value of every text attribute of a name; the texts lie in the global heap."""
    at = content.find(name)
    while at >= 0:
        text = _text(content, at + len(name))
        if text is not None:
            yield at, text
        at = content.find(name, at + 1)


def _text(content: bytes, start: int) -> str | None:
    for at in range(start, min(start + _WINDOW, len(content) - 16)):
        length, address, index = struct.unpack_from("<IQI", content, at)
        if 0 < length <= 64 and content[address : address + 4] == b"GCOL":
            return _heap_object(content, address, index, length)
    return None


def _heap_object(content: bytes, address: int, index: int, length: int) -> str | None:
    at, end = address + 16, min(len(content), address + 65536)
    while at + 16 <= end:
        number, size = struct.unpack_from("<H6xQ", content, at)
        if number == index and size >= length:
            return content[at + 16 : at + 16 + length].decode("utf-8", "replace").rstrip("\0")
        if number == 0:
            return None
        at += 16 + (size + 7) // 8 * 8
    return None
