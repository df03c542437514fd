"""Putting a file in place whole or not at all, with its sha256 kept beside it."""

import errno
import glob
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skinmech_chip_adapters.errors import ChipDataError

MAX_INSTRUMENT_BYTES = 2**30
LOCK_SECONDS = 30.0
_TRIES = 5
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def inside(folder: Path, stated: str) -> Path:
    """A path that a side-car states, if it stays in the side-car's folder (links followed).

    Raises:
        ChipDataError: `path_outside`.
    """
    path = folder / stated
    try:
        stays = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a loop of links, or a zero character
        stays = False
    if not stays:
        raise ChipDataError(
            "path_outside", file=Path(stated).name, found="a path that leaves the folder",
            expected="a file in the side-car's folder or below it",
            remedy="put the file there, or name it yourself when reading",
        )  # fmt: skip
    return path


def read_whole(path: Path) -> bytes:
    """Bytes of an instrument file.

    Raises:
        ChipDataError: `file_missing` (also for a folder or a device) or `too_large`.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "not a plain file")
        size = path.stat().st_size
        if size > MAX_INSTRUMENT_BYTES:
            raise ChipDataError("too_large", found=f"{size} bytes",
                                expected=f"at most {MAX_INSTRUMENT_BYTES}")  # fmt: skip
        return path.read_bytes()
    except OSError as error:
        raise ChipDataError(
            "file_missing", found=error.strerror or "an unreadable file",
            expected="an instrument file", remedy="check the path and the permissions",
        ) from error  # fmt: skip


def checksum_path(path: Path) -> Path:
    """Where the sha256 of a file is kept."""
    return path.with_name(path.name + ".sha256")


def put_in_place(path: Path, content: bytes, *, checksum: bool = True) -> None:
    """Write a file and its checksum so that a reader only ever sees the old or the new one.

    Args:
        path: Where to.
        content: All of it.
        checksum: False for files that other programs read and nobody verifies.

    The checksum file lists the new and the old hash while the file itself is exchanged, so a kill
    or power cut at any moment leaves a file whose hash is listed. Two processes that write into one
    folder wait for each other.

    Raises:
        ChipDataError: `disk_full`, `cannot_write` or `busy`; the old file is intact then.
    """
    new = hashlib.sha256(content).hexdigest()
    beside = checksum_path(path)
    with _alone_in(path):
        for left in path.parent.glob(f".{glob.escape(path.name)}*.tmp"):
            left.unlink(missing_ok=True)  # of a process that was killed
        if not checksum:
            _exchange(path, content)
            return
        old = _listed(beside) if path.exists() else []
        _exchange(beside, _lines([new, *(one for one in old if one != new)], path.name))
        _exchange(path, content)
        _exchange(beside, _lines([new], path.name))


def read_checked(path: Path, *, need_checksum: bool = True) -> bytes:
    """Bytes of a file after comparing them with the checksum beside it.

    Raises:
        ChipDataError: `file_missing`, `checksum_missing` or `checksum_mismatch`.
    """
    content, hashes = b"", []
    for _ in range(_TRIES):  # a writer may exchange the file between the two looks
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ChipDataError(
                "file_missing", file=path.name, found=error.strerror or "an unreadable file",
                expected="a chip record", remedy="check the path and the permissions",
            ) from error  # fmt: skip
        hashes = _listed(checksum_path(path))
        if hashlib.sha256(content).hexdigest() in hashes:
            return content
    if not hashes:
        if need_checksum:
            raise ChipDataError(
                "checksum_missing", file=path.name, found=f"no {checksum_path(path).name}",
                expected="the sha256 beside the record",
                remedy="copy both files; or load with need_checksum=False and save again",
            )  # fmt: skip
        return content
    raise ChipDataError(
        "checksum_mismatch", file=path.name, found="content that differs from its sha256",
        expected="the bytes that were written",
        remedy="the file was damaged or changed by hand: restore it from a copy",
    )  # fmt: skip


@contextmanager
def _alone_in(path: Path) -> Iterator[None]:
    """Hold the folder's lock, where the system and the file system have one."""
    try:
        import fcntl  # not on Windows
    except ImportError:
        yield
        return
    try:
        handle = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        last = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > last:
                    raise ChipDataError(
                        "busy", file=path.name, found="another process that writes in this folder",
                        expected=f"the folder within {LOCK_SECONDS:g} s",
                        remedy="wait until it is done, and save again",
                    ) from error  # fmt: skip
                time.sleep(0.01)
            except OSError:  # a network drive without locks: the exchange itself is still whole
                break
        yield
    finally:
        os.close(handle)


def _lines(hashes: list[str], name: str) -> bytes:
    return "".join(f"{one}  {name}\n" for one in hashes).encode()


def _listed(beside: Path) -> list[str]:
    try:
        lines = beside.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line.split()[0] for line in lines if line.strip()]


def _exchange(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in _NO_SPACE:
            raise ChipDataError(
                "disk_full", file=path.name, found="no space left for the record",
                expected=f"{len(content)} free bytes",
                remedy="free some space and save again; the record on disk is unchanged",
            ) from error  # fmt: skip
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> ChipDataError:
    return ChipDataError(
        "cannot_write", file=path.name, found=error.strerror or type(error).__name__,
        expected="a folder that can be written to",
        remedy="check the path and the permissions; the record on disk is unchanged",
    )  # fmt: skip


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder last through a loss of power, where the system can."""
    if os.name != "posix":  # other systems cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
