"""Declared rows to records, by layout."""

from dataclasses import replace
from typing import Any

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.instruments.generic_table.impedance import spectra_of
from skinmech_chip_adapters.instruments.generic_table.measurements import measurements_of
from skinmech_chip_adapters.instruments.generic_table.reader import Rows
from skinmech_chip_adapters.instruments.generic_table.rows import RowReader
from skinmech_chip_adapters.instruments.generic_table.series import series_of
from skinmech_chip_adapters.schema import Flag, Measurement
from skinmech_chip_adapters.sidecar import Sidecar


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Measurements, series or spectra, as the side-car's layout says."""
    table: Rows = parsed.tables
    problems = Problems()
    if "rows" in entry.expected and len(table.rows) != entry.expected["rows"]:
        problems.add(
            "cut_file", found=f"{len(table.rows)} rows", expected=f"{entry.expected['rows']} rows",
            remedy="export the file again, or correct expected.rows in the side-car",
        )  # fmt: skip
    reader = RowReader(parsed, sidecar, entry, problems)
    measurements, series, spectra = (), (), ()
    if table.layout.layout == "table":
        measurements = measurements_of(reader)
    elif table.layout.layout == "series":
        series = series_of(reader)
    else:
        spectra = spectra_of(reader)
    reader.placement.check_complete()
    problems.raise_if_any()
    messages = list(reader.messages)
    if reader.placement.skipped:
        messages.append(
            Message(
                level="info",
                code="unmapped_skipped",
                text=f"{reader.placement.skipped} rows are not in the well map",
            )
        )
    verified = table.ends_with_newline and "rows" in entry.expected
    flag = Flag.PARTIAL_SOURCE if table.cut_rows else Flag(0) if verified else Flag.UNVERIFIED_END
    if table.rows and not verified:
        messages.append(
            Message(
                level="info",
                code="unverified_end",
                text="the format has no end mark; declare expected = { rows = … } to have the "
                "size of the file checked",
            )  # fmt: skip
        )
    return Records(
        measurements=_flag_last(measurements, flag, reader.last_line),
        series=_flag_all(series, flag),
        spectra=_flag_all(spectra[:-1], flag & Flag.PARTIAL_SOURCE) + _flag_all(spectra[-1:], flag),
        messages=tuple(messages),
    )


def _flag_all(rows: tuple[Any, ...], flag: Flag) -> tuple[Any, ...]:
    return tuple(replace(row, flags=row.flags | int(flag)) for row in rows)


def _flag_last(
    rows: tuple[Measurement, ...], flag: Flag, last_line: int
) -> tuple[Measurement, ...]:
    everywhere = flag & Flag.PARTIAL_SOURCE
    last = f"line {last_line},"
    return tuple(
        replace(
            row,
            flags=row.flags | int(flag if row.source_locator.startswith(last) else everywhere),
        )
        for row in rows
    )
