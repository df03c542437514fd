"""Putting a file in place whole or not at all, with its sha256 kept beside it."""

import errno
import hashlib
import os
import secrets
from pathlib import Path

from skinmech_chip_adapters.errors import ChipDataError

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def checksum_path(path: Path) -> Path:
    """Where the sha256 of a file is kept."""
    return path.with_name(path.name + ".sha256")


def put_in_place(path: Path, content: bytes) -> None:
    """Write a file and its checksum so that a reader only ever sees the old or the new one.

    The checksum file lists the new and the old hash while the file itself is exchanged, so a kill
    or power cut at any moment leaves a file whose hash is listed.

    Raises:
        ChipDataError: `disk_full` or `cannot_write`; the old file is intact then.
    """
    new = hashlib.sha256(content).hexdigest()
    beside = checksum_path(path)
    old = _listed(beside) if path.exists() else []
    _exchange(beside, _lines([new, *(one for one in old if one != new)], path.name))
    _exchange(path, content)
    _exchange(beside, _lines([new], path.name))


def read_checked(path: Path, *, need_checksum: bool = True) -> bytes:
    """Bytes of a file after comparing them with the checksum beside it.

    Raises:
        ChipDataError: `file_missing`, `checksum_missing` or `checksum_mismatch`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ChipDataError(
            "file_missing", file=path.name, found=error.strerror or "an unreadable file",
            expected="a chip record", remedy="check the path and the permissions",
        ) from error  # fmt: skip
    hashes = _listed(checksum_path(path))
    if not hashes:
        if need_checksum:
            raise ChipDataError(
                "checksum_missing", file=path.name, found=f"no {checksum_path(path).name}",
                expected="the sha256 beside the record",
                remedy="copy both files; or load with need_checksum=False and save again",
            )  # fmt: skip
        return content
    if hashlib.sha256(content).hexdigest() not in hashes:
        raise ChipDataError(
            "checksum_mismatch", file=path.name, found="content that differs from its sha256",
            expected="the bytes that were written",
            remedy="the file was damaged or changed by hand: restore it from a copy",
        )  # fmt: skip
    return content


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
        _sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in _NO_SPACE:
            raise ChipDataError(
                "disk_full", file=path.name, found="no space left for the record",
                expected=f"{len(content)} free bytes",
                remedy="free some space and save again; the record on disk is unchanged",
            ) from error  # fmt: skip
        raise ChipDataError(
            "cannot_write", file=path.name, found=error.strerror or type(error).__name__,
            expected="a folder that can be written to",
            remedy="check the path and the permissions; the record on disk is unchanged",
        ) from error  # fmt: skip


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # other systems cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
