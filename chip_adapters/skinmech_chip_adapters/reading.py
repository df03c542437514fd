"""From instrument files and a side-car to a chip record."""

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from skinmech_chip_adapters.adapter import Adapter, Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.discovery import HEAD_BYTES, adapter_named, identify
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.provenance import external_of, source_of, spectrum_id
from skinmech_chip_adapters.record import ChipRecord, measurement_id
from skinmech_chip_adapters.schema import (
    Cells,
    Chip,
    Exposure,
    Flag,
    LogEntry,
    Measurement,
    Setting,
)
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.table import Table

MAX_EMBEDDED_BYTES = 16 * 2**20

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
        paths: Files, or None for all files that the side-car lists.
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
    files = _files(paths, sidecar)
    problems = Problems()
    record = _declared(sidecar, existing, problems)
    for done, path in enumerate(files):
        if progress is not None:
            progress(done, len(files), path.name)
        with problems.collect(path.name):
            record = _with_file(record, path, sidecar)
    if progress is not None:
        progress(len(files), len(files), "")
    problems.raise_if_any()
    record.check()
    return record


def _files(paths: str | Path | Iterable[str | Path] | None, sidecar: Sidecar) -> list[Path]:
    if paths is None:
        return [sidecar.folder / one.path for one in sidecar.files]
    if isinstance(paths, (str, Path)):
        return [Path(paths)]
    return [Path(path) for path in paths]


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


def _with_file(record: ChipRecord, path: Path, sidecar: Sidecar) -> ChipRecord:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ChipDataError(
            "file_missing", found=error.strerror or "an unreadable file",
            expected="an instrument file", remedy="check the path and the permissions",
        ) from error  # fmt: skip
    source_id = hashlib.sha256(content).hexdigest()
    entry = sidecar.entry_for(path)
    if source_id in record.sources:
        text = f"{path.name} holds the same bytes as a file that was read before; left out"
        return record.add_log(
            [LogEntry(level="info", code="already_read", source_id=source_id, text=text)]
        )
    adapter = _adapter(content, path.name, entry, sidecar)
    parsed = adapter.read(content, entry)
    records = adapter.to_records(parsed, sidecar, entry)
    return _merged(record, path, content, source_id, entry, adapter, parsed, records)


def _adapter(content: bytes, filename: str, entry: FileEntry, sidecar: Sidecar) -> Adapter:
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise ChipDataError(
            "empty_file", found=f"{len(content)} bytes without content",
            expected="an instrument's export", remedy="export the file again",
        )  # fmt: skip
    adapter = (
        adapter_named(entry.adapter) if entry.adapter else identify(content[:HEAD_BYTES], filename)
    )
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


def _merged(
    record: ChipRecord, path: Path, content: bytes, source_id: str, entry: FileEntry,
    adapter: Adapter, parsed: Parsed, records: Records,
) -> ChipRecord:  # fmt: skip
    chips = {chip.chip_id: chip for chip in record.chips}
    messages = [*parsed.messages, *records.messages]

    def chip_of(row: Any) -> Chip:
        return chips.get(row.chip_id) or Chip(chip_id=row.chip_id)

    def shared(row: Any) -> dict[str, Any]:
        return {
            "study_id": record.study.study_id,
            "instrument_id": row.instrument_id or entry.instrument or adapter.name,
            "method": row.method or entry.method,
            "t0_event": chip_of(row).t0_event,
            "source_id": source_id,
            "note": "; ".join(part for part in (row.note, entry.note) if part),
        }

    def stamped(row: Any) -> dict[str, Any]:
        chip = chip_of(row)
        temperature = row.temperature_degC
        return {
            **shared(row),
            "donor_id": chip.donor_id,
            "time_s": _time_since_t0(row, chip) if adapter.reads_on_chip else row.time_s,
            "temperature_degC": entry.temperature_degC if math.isnan(temperature) else temperature,
        }

    measurements = []
    for row in records.measurements:
        changes = stamped(row)
        changes["measurement_id"] = measurement_id(row, changes)
        measurements.append(replace(row, **changes))
    spectra = [replace(row, **stamped(row)) for row in records.spectra]
    spectra = [replace(row, spectrum_id=spectrum_id(row)) for row in spectra]
    series = [replace(row, **shared(row)) for row in records.series]
    _refuse_duplicates(measurements)
    measurements = _flag_repeated(record, measurements, messages)
    untimed = sum(math.isnan(row.time_s) for row in (*measurements, *spectra))
    if untimed:
        messages.append(
            Message(
                level="warning",
                code="time_unknown",
                text=f"{untimed} values have no time since t0; declare time, or the chip's t0 and "
                "the file's timezone",
            )  # fmt: skip
        )
    too_large = len(content) > MAX_EMBEDDED_BYTES
    source = source_of(path.name, content, source_id, adapter, parsed, records)
    if too_large:
        source = replace(source, content=b"")
    return replace(
        record,
        measurements=record.measurements.extended(measurements),
        spectra=(*record.spectra, *spectra),
        series=(*record.series, *series),
        sources=MappingProxyType({**record.sources, source_id: source}),
        external=record.external.extended([external_of(entry.path, source)] if too_large else []),
        log=record.log.extended(
            LogEntry(
                level=one.level,
                code=one.code,
                source_id=source_id,
                locator=one.locator,
                text=one.text,
            )  # fmt: skip
            for one in messages
        ),
    )


def _time_since_t0(row: Any, chip: Chip) -> float:
    if not math.isnan(row.time_s) or not row.timestamp_utc or not chip.t0_utc:
        return row.time_s
    taken = datetime.fromisoformat(row.timestamp_utc)
    return (taken - datetime.fromisoformat(chip.t0_utc)).total_seconds()


def _point(row: Measurement) -> tuple[Any, ...]:
    return (
        *(row.chip_id, row.location, row.observable, row.analyte, row.method, row.plate_id),
        *(row.well, row.biological_replicate, row.technical_replicate),
        *(repr(row.time_s), repr(row.frequency_Hz)),
    )


def _refuse_duplicates(rows: list[Measurement]) -> None:
    first: dict[tuple[Any, ...], Measurement] = {}
    problems = Problems()
    for row in rows:
        other = first.setdefault(_point(row), row)
        if other is not row:
            what = " ".join(part for part in (row.observable, row.analyte) if part)
            problems.add(
                "duplicate_value",
                locator=f"{other.source_locator} and {row.source_locator}",
                found=f"{what} of chip {row.chip_id!r} twice at the same time and place",
                expected="one value, or numbered replicates",
                remedy="state the replicate of each (a replicate column, or the well map)",
            )  # fmt: skip
    problems.raise_if_any()


def _flag_repeated(
    record: ChipRecord, rows: list[Measurement], messages: list[Message]
) -> list[Measurement]:
    """Mark values that an earlier file already gave for the same point."""
    known = {_point(row) for row in record.measurements}
    repeated = [_point(row) in known for row in rows]
    if any(repeated):
        messages.append(
            Message(
                level="warning",
                code="measured_before",
                text=f"{sum(repeated)} values repeat a point that another file gave; flagged",
            )  # fmt: skip
        )
    return [
        replace(row, flags=row.flags | int(Flag.DUPLICATE)) if again else row
        for row, again in zip(rows, repeated, strict=True)
    ]
