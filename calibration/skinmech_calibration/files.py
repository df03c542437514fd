"""JSON files that are whole or not there, with a checksum inside."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .errors import CalibrationError


def write_json(path: str | Path, content: dict[str, Any]) -> None:
    """Write a file and put it in place only when all of it is on disk.

    The sha256 of the content is kept under `"sha256"`.
    """
    path = Path(path)
    text = json.dumps(content, sort_keys=True)
    whole = json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest(), "content": content})
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: str | Path) -> dict[str, Any]:
    """Read what `write_json` wrote.

    Raises:
        CalibrationError: the file is not there, not JSON, or not what was written.
    """
    path = Path(path)
    try:
        whole = json.loads(path.read_text("utf-8"))
        content, told = whole["content"], whole["sha256"]
    except OSError as error:
        raise CalibrationError(f"Unable to read {path.name}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CalibrationError(
            f"{path.name} is not a file of this package (no JSON with content and sha256). Delete "
            "it, or name another one."
        ) from error
    text = json.dumps(content, sort_keys=True)
    if hashlib.sha256(text.encode()).hexdigest() != told:
        raise CalibrationError(
            f"{path.name} was changed or damaged: its sha256 does not fit. Restore a copy, or "
            "delete it and run again."
        )
    return content
