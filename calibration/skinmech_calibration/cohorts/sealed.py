"""HDF5 files that carry their own sha256: whole, or known to be damaged.

The seal stands in the user block, 512 bytes that HDF5 leaves to applications at the front of a
file, so file and hash are put in place by one rename and every HDF5 reader still opens the file.
"""

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import h5py

from skinmech_chip_adapters.files import sync_folder

from .errors import CohortError

USER_BLOCK = 512
_MARK = b"skinmech sha256 "
_PIECE = 2**20


def sealed_image(fill: Callable[[h5py.File], None]) -> bytes:
    """A small HDF5 file in memory, filled and sealed."""
    image = io.BytesIO()
    with h5py.File(image, "w", userblock_size=USER_BLOCK) as file:
        fill(file)
    _seal(image)
    return image.getvalue()


def write_sealed(path: Path, size: int, fill: Callable[[h5py.File], None]) -> None:
    """Write a large HDF5 file in bounded memory and put it in place when all of it is on disk.

    Its space is taken before anything is written: a disk that fills up inside the HDF5 library
    would end the process.

    Args:
        path: Where to.
        size: At least the bytes that the file will have.
        fill: Writes the content.

    Raises:
        OSError: no space, or the folder cannot be written to; what was there is unchanged.
    """
    temporary = _beside(path)
    try:
        with temporary.open("x+b") as raw:
            with h5py.File(raw, "w", userblock_size=USER_BLOCK) as file:
                file.flush()
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(raw.fileno(), 0, size)
                fill(file)
            _seal(raw)
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_image(path: Path, content: bytes) -> None:
    """Put a sealed image in place, whole.

    Raises:
        OSError: no space, or the folder cannot be written to.
    """
    temporary = _beside(path)
    try:
        with temporary.open("xb") as raw:
            raw.write(content)
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def is_whole(path: Path) -> bool:
    """Whether a file is there and its content fits its seal."""
    try:
        with path.open("rb") as raw:
            told = raw.read(USER_BLOCK)
            return told == _block(_digest(raw))
    except OSError:
        return False


@contextlib.contextmanager
def open_sealed(path: Path) -> Iterator[h5py.File]:
    """Open a file for reading after comparing it with its seal.

    Raises:
        CohortError: it is not there, damaged, or no file of this package.
    """
    if not is_whole(path):
        state = "damaged or no file of a cohort" if path.exists() else "not there"
        raise CohortError(
            f"{path.name} is {state}. Expected a file whose content fits the sha256 in its first "
            "bytes. Restore a copy, or delete it and run the cohort again."
        )
    with h5py.File(path, "r") as file:
        yield file


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")


def _block(digest: str) -> bytes:
    return (_MARK + digest.encode()).ljust(USER_BLOCK, b"\0")


def _digest(raw: Any) -> str:
    """Hash of all that follows the user block."""
    digest = hashlib.sha256()
    raw.seek(USER_BLOCK)
    while piece := raw.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _seal(raw: BinaryIO | io.BytesIO) -> None:
    digest = _digest(raw)
    raw.seek(0)
    raw.write(_block(digest))
