"""Excel workbooks, read in a child process with limits.

A valid workbook of two kilobytes can end the process that reads it or fill the memory, so the
library never runs in this one. Needs the extra `excel` (python-calamine).
"""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers.archive import UNPACKING, is_zip, open_archive

MAX_FILE_BYTES = 64 * 2**20
SMALL_BYTES = 2**20
WALL_SECONDS = 60.0  # for a machine under load; the limit that counts is processor time
PEEK_BYTES = 65536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # xls, and encrypted xlsx
_CHILD = Path(__file__).with_name("_workbook_child.py")
_LIBRARY = "python_calamine"

CellValue = str | float | int | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        name: As on its tab.
        rows: All rows from the first to the last used one, each as wide as the widest. Empty cells
            are None; whole numbers are int; dates are datetime (the workbook's own date system is
            honoured); times of day and durations are text `hh:mm:ss`; a cell that holds an error is
            its text, such as `#N/A`.
        hidden: True for a sheet that Excel does not show. It is returned, as nothing is lost, but
            an adapter should only read it if its format hides sheets.
    """

    name: str
    rows: tuple[tuple[CellValue, ...], ...]
    hidden: bool = False


def is_workbook(content: bytes) -> bool:
    """True for content that looks like an xlsx or xls workbook, without reading it."""
    return content.startswith(_OLE) or (is_zip(content) and b"xl/" in content)


def peek(content: bytes) -> str:
    """Some raw text of an xlsx workbook (its strings and first sheet), for `sniff` only.

    In-process, bounded and never an error: empty where nothing can be read. Look for words in it;
    it is XML as written, not cells.
    """
    try:
        with open_archive(content) as archive:
            names = archive.namelist()
            first = sorted(name for name in names if name.startswith("xl/worksheets/sheet"))[:1]
            parts = []
            for name in ("xl/workbook.xml", "xl/sharedStrings.xml", *first):
                if name in names:
                    with archive.open(name) as part:
                        parts.append(part.read(PEEK_BYTES).decode("utf-8", "replace"))
            return "\n".join(parts)
    except (*UNPACKING, ChipDataError):
        return ""


def read_workbook(content: bytes) -> tuple[Sheet, ...]:
    """All sheets of an xlsx or xls workbook, in order, hidden ones marked.

    Raises:
        ChipDataError: `not_a_workbook`, `workbook_damaged`, `workbook_encrypted`,
            `workbook_too_large` (size, cells, time or memory), `formula_without_value`,
            `missing_extra`, or what `archive` says about the zip around it.
    """
    if not content:
        raise ChipDataError("empty_file", found="0 bytes", expected="a workbook",
                            remedy="export the file again")  # fmt: skip
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(f"{len(content)} bytes", f"at most {MAX_FILE_BYTES}")
    if is_zip(content):
        with open_archive(content) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise _not_a_workbook("a zip archive without a workbook in it")
    elif not content.startswith(_OLE):
        raise _not_a_workbook("content without the mark of xlsx or xls")
    answer = _ask_child(content)
    if "error" in answer:
        raise ChipDataError(**answer["error"])
    return tuple(
        Sheet(one["name"], tuple(tuple(map(_cell, row)) for row in one["rows"]), one["hidden"])
        for one in answer["sheets"]
    )


def _ask_child(content: bytes) -> dict[str, Any]:
    found = importlib.util.find_spec(_LIBRARY)
    if found is None or found.origin is None:
        raise ChipDataError(
            "missing_extra", found="a workbook, and no library to read it",
            expected="the extra excel", remedy="pip install 'skinmech[excel]'",
        )  # fmt: skip
    small = len(content) <= SMALL_BYTES
    limits = {
        "library": str(Path(found.origin).parent.parent),
        "cpu_seconds": 2 if small else 30,
        "data_bytes": (200 if small else 1024) * 2**20,
    }
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(_CHILD), json.dumps(limits)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_large("a workbook that takes too long to read", "a plain workbook") from error
    try:
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        answer = None
    if answer is None:
        raise _too_large(
            "a workbook that ended its reader or went over the limits of time and memory",
            "a plain workbook",
        )
    return answer


def _cell(value: Any) -> CellValue:
    return datetime.fromisoformat(value["datetime"]) if isinstance(value, dict) else value


def _not_a_workbook(found: str) -> ChipDataError:
    return ChipDataError(
        "not_a_workbook", found=found, expected="an xlsx or xls file",
        remedy="save it from Excel as .xlsx",
    )  # fmt: skip


def _too_large(found: str, expected: str) -> ChipDataError:
    return ChipDataError(
        "workbook_too_large", found=found, expected=expected,
        remedy="delete empty formatted rows and columns, or save the table as CSV",
    )  # fmt: skip
