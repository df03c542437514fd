"""A folder of what instruments wrote: which of its files are read, and which are left out."""

import os
from collections.abc import Iterable
from os.path import realpath
from pathlib import Path

from skinmech_chip_adapters.discovery import identify
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.files import inside, read_whole
from skinmech_chip_adapters.schema import LogEntry
from skinmech_chip_adapters.sidecar import Sidecar

MAX_FILES = 20_000
_NAMED = 8  # files named in a remark


def files_to_read(
    paths: str | Path | Iterable[str | Path] | None, sidecar: Sidecar, problems: Problems
) -> tuple[list[Path], list[LogEntry]]:
    """The files behind paths, each once, and remarks on what folders hold besides.

    Of a folder, and of the folders in it, every file is read that the side-car lists. A file that
    it does not list is a problem if it is of a format that is read: it was forgotten. Any other is
    remarked on and left out. Hidden files and links to folders are not looked at.

    Args:
        paths: Files or folders; None for all files that the side-car lists.
        sidecar: Its own file is no instrument's.
        problems: Where forgotten files are noted.
    """
    if paths is None:
        listed = []
        for one in sidecar.files:
            with problems.collect(sidecar.name, "[[file]]"):
                listed.append(inside(sidecar.folder, one.path))
        return listed, []
    given = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    found: dict[str, Path] = {}
    remarks: list[LogEntry] = []
    for path in given:
        if path.is_dir():
            files, left = _of_folder(path, sidecar, problems)
            remarks += left
        else:
            files = [path]
        for one in files:
            found.setdefault(realpath(one), one)
    return list(found.values()), remarks


def _of_folder(
    folder: Path, sidecar: Sidecar, problems: Problems
) -> tuple[list[Path], list[LogEntry]]:
    root = Path(realpath(folder))
    listed = {realpath(sidecar.folder / one.path) for one in sidecar.files}
    own = realpath(sidecar.folder / sidecar.name)
    # A listed file that is missing is read all the same, so that it is told.
    files = {one: Path(one) for one in sorted(listed) if Path(one).is_relative_to(root)}
    others = []
    for one in _walk(root, problems):
        if realpath(one) not in (own, *files):
            others.append(one)
    left: dict[str, list[str]] = {"unknown_format": [], "format_not_read": []}
    for one in others:
        code, name = _format_of(one)
        if code:
            left[code].append(one.name)
            continue
        shown = os.path.relpath(one, realpath(sidecar.folder))
        problems.add(
            "file_not_declared", file=one.name, locator=f"folder {folder.name or folder}",
            found=f"a file of format {name} that the side-car does not list",
            expected="every instrument file of the folder in a [[file]] entry",
            remedy=f'add [[file]] with path = "{shown}", its chip and time, or move it elsewhere',
        )  # fmt: skip
    texts = {
        "unknown_format": "files are not listed in the side-car and of no known format",
        "format_not_read": "files are not listed in the side-car and of a format that is not read",
    }
    return list(files.values()), [
        LogEntry(
            level="warning", code="left_out", text=f"{len(names)} {texts[code]}: {_some(names)}"
        )
        for code, names in left.items()
        if names
    ]


def _walk(root: Path, problems: Problems) -> list[Path]:
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(folder) / name for name in sorted(names) if not name.startswith((".", "~$"))]
        if len(found) > MAX_FILES:
            problems.add(
                "too_large", locator=f"folder {root.name}", found=f"more than {MAX_FILES} files",
                expected="a folder of what the instruments of one study wrote",
                remedy="name the files, or a smaller folder",
            )  # fmt: skip
            return []
    return found


def _format_of(path: Path) -> tuple[str, str]:
    """Why a file is no concern of the record, or its format."""
    try:
        return "", identify(read_whole(path), path.name).name
    except ChipDataError as error:
        if error.code == "several_formats":
            return "", "that several adapters claim"
        return ("format_not_read" if error.code == "format_not_read" else "unknown_format"), ""


def _some(names: list[str]) -> str:
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
