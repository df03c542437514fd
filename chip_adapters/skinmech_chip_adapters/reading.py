"""From instrument files and a side-car to a chip record."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from os.path import realpath  # unlike Path.resolve, no error for links that point in a circle
from pathlib import Path
from types import MappingProxyType
from typing import Any

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.discovery import adapter_named, identify
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.files import read_whole
from skinmech_chip_adapters.folders import files_to_read
from skinmech_chip_adapters.gathering import Gathering
from skinmech_chip_adapters.record import ChipRecord
from skinmech_chip_adapters.schema import (
    Cells,
    Chip,
    Exposure,
    LogEntry,
    Setting,
)
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.table import Table

Progress = Callable[[int, int, str], None]


def read(
    paths: str | Path | Iterable[str | Path] | None,
    sidecar: Sidecar | str | Path,
    *,
    existing: ChipRecord | None = None,
    progress: Progress | None = None,
) -> ChipRecord:
    """Read instrument files into a record.

    Args:
        paths: Files or folders, or None for all files that the side-car lists; see
            `folders.files_to_read` for what a folder gives.
        sidecar: What the files do not say; a `Sidecar` or the path of a `chip.toml`.
        existing: A record of the same study to add to. A file it already holds (the same bytes)
            is left out, with a remark in the log.
        progress: Called with (files done, files in all, file name) before each file.

    Returns:
        A new record; `existing` is unchanged.

    Raises:
        ChipDataError: Everything that is wrong in all files, at once. Nothing is half read.
    """
    if not isinstance(sidecar, Sidecar):
        sidecar = Sidecar.read(sidecar)
    problems = Problems()
    files, remarks = files_to_read(paths, sidecar, problems)
    entries = _Entries(sidecar)
    gathering = Gathering(_declared(sidecar, existing, problems))
    for remark in remarks:
        gathering.note(remark)
    for done, path in enumerate(files):
        if progress is not None:
            progress(done, len(files), path.name)
        with problems.collect(path.name):
            _add_file(gathering, path, entries.of(path), sidecar)
    if progress is not None:
        progress(len(files), len(files), "")
    problems.raise_if_any()
    record = gathering.record()
    record.check()
    return record


def _declared(sidecar: Sidecar, existing: ChipRecord | None, problems: Problems) -> ChipRecord:
    """Record of what the side-car declares, on top of an existing one."""
    if existing is None:
        existing = ChipRecord(study=sidecar.study)
    if existing.study.study_id != sidecar.study.study_id:
        problems.add(
            "another_study", file=sidecar.name, locator="[study] id",
            found=f"study {sidecar.study.study_id!r}", expected=f"{existing.study.study_id!r}",
            remedy="add to the record of the same study, or start a new record",
        )  # fmt: skip
    devices = dict(existing.devices)
    for device in sidecar.devices:
        _agree(devices.get(device.device_id), device, f"[device.{device.device_id}]", sidecar,
               problems)  # fmt: skip
        devices[device.device_id] = device
    known = {chip.chip_id: chip for chip in existing.chips}
    for chip in sidecar.chips:
        _agree(known.get(chip.chip_id), chip, f"[chip.{chip.chip_id}]", sidecar, problems)
    return replace(
        existing,
        devices=MappingProxyType(devices),
        chips=Table.of(Chip, {**known, **{one.chip_id: one for one in sidecar.chips}}.values()),
        cells=_union(existing.cells, sidecar.cells, Cells),
        exposures=_union(existing.exposures, sidecar.exposures, Exposure),
        settings=_union(existing.settings, sidecar.settings, Setting),
    )


def _agree(old: Any, new: Any, place: str, sidecar: Sidecar, problems: Problems) -> None:
    if old is not None and repr(old) != repr(new):
        problems.add(
            "declared_otherwise", file=sidecar.name, locator=place,
            found="values that differ from the record's", expected="the same declaration as before",
            remedy="correct it, or read all files again into a new record",
        )  # fmt: skip


def _union(table: Table[Any], rows: Iterable[Any], row_type: type) -> Table[Any]:
    # NaN is not equal to itself, so rows are compared by what they print.
    return Table.of(row_type, {repr(row): row for row in [*table, *rows]}.values())


class _Entries:
    """The side-car's entries by path, looked up once for all files."""

    def __init__(self, sidecar: Sidecar):
        self._sidecar = sidecar
        self._by_path: dict[str, list[FileEntry]] = {}
        for one in sidecar.files:
            self._by_path.setdefault(realpath(sidecar.folder / one.path), []).append(one)

    def of(self, path: Path) -> FileEntry:
        found = self._by_path.get(realpath(path), [])
        return found[0] if len(found) == 1 else self._sidecar.entry_for(path)


def _add_file(gathering: Gathering, path: Path, entry: FileEntry, sidecar: Sidecar) -> None:
    content = read_whole(path)
    source_id = hashlib.sha256(content).hexdigest()
    if gathering.has(source_id):
        text = f"{path.name} holds the same bytes as a file that was read before; left out"
        gathering.note(LogEntry(level="info", code="already_read", source_id=source_id, text=text))
        return
    adapter = _adapter(content, path.name, entry, sidecar)
    parsed = adapter.read(content, entry)
    records = adapter.to_records(parsed, sidecar, entry)
    gathering.add(path.name, content, source_id, entry, adapter, parsed, records)


def _adapter(content: bytes, filename: str, entry: FileEntry, sidecar: Sidecar) -> Adapter:
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise ChipDataError(
            "empty_file", found=f"{len(content)} bytes without content",
            expected="an instrument's export", remedy="export the file again",
        )  # fmt: skip
    adapter = adapter_named(entry.adapter) if entry.adapter else identify(content, filename)
    problems = Problems()
    for key in sorted(set(entry.extra) - set(adapter.extra_keys)):
        problems.add(
            "unknown_key", file=sidecar.name, locator=f"[[file]] ({filename})",
            found=f"key {key!r}", expected=one_of([*_ENTRY_KEYS, *adapter.extra_keys], key),
            remedy="correct the key in the side-car",
        )  # fmt: skip
    problems.raise_if_any()
    return adapter


_ENTRY_KEYS = (
    *("path", "adapter", "chip", "time", "location", "dilution", "replicate", "excluded", "note"),
    *("instrument", "method", "plate", "encoding", "delimiter", "decimal", "date_order"),
    *("timezone", "temperature_degC", "on_bad_row", "unmapped", "units", "analytes"),
    *("sentinels", "limits", "well_map", "expected"),
)
