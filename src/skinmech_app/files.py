"""Output files put in place whole or not at all."""

import contextlib
import errno
import hashlib
import os
from pathlib import Path

from .failures import Problem, UserError


def write_whole(path: str | Path, content: str | bytes) -> Path:
    """Write a file so that a reader sees the old or the new one, never half of one.

    Raises:
        UserError: the disk is full or the folder cannot be written to; the old file is intact.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise UserError(_problem(error, path, len(data))) from error
    return path


def _problem(error: OSError, path: Path, size: int) -> Problem:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Problem(
            "disk_full", "No space left for the output.", path.name,
            expected=f"{size} free bytes",
            fix="free some space and run again; what was there before is unchanged",
        )  # fmt: skip
    return Problem(
        "cannot_write", f"Unable to write the output: {error.strerror}.", path.name,
        fix="check the folder and its permissions; what was there before is unchanged",
    )  # fmt: skip


def sha256(path: str | Path) -> str:
    """Hash of a file's content."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def read_text(path: str | Path, what: str) -> str:
    """The UTF-8 text of an input file.

    Raises:
        UserError: the file is missing or not UTF-8.
    """
    path = Path(path)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise UserError(
            Problem("file_missing", f"Unable to read {what}: {reason}.", path.name,
                    fix="check the path")
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise UserError(
            Problem("unknown_encoding", f"Unable to read {what}.", path.name,
                    "bytes that are not UTF-8", "UTF-8", "save the file as UTF-8")
        ) from error  # fmt: skip
