"""Parts of a record as pandas data frames (extra `frame`)."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.schema import Series, Spectrum
from skinmech_chip_adapters.table import text_of

if TYPE_CHECKING:
    import pandas as pd

    from skinmech_chip_adapters.record import ChipRecord

TABLES = (
    *("measurements", "spectra", "series", "chips", "cells", "exposures", "settings"),
    *("derivations", "external", "log"),
)
_POINTS = {
    "spectra": ("frequency_Hz", "z_ohm", "point_time_s"),
    "series": ("time_s", "value", "status_text"),
}


def frame(record: "ChipRecord", part: str = "measurements") -> "pd.DataFrame":
    """One part of a record, a row for each value.

    Args:
        record: The record.
        part: A table, or `spectra` or `series`, which get a row for each point; impedance is in
            the columns `z_real_ohm` and `z_imag_ohm`.

    Raises:
        ChipDataError: `missing_extra`, or `unknown_table`.
    """
    try:
        import pandas as pd  # optional extra
    except ImportError as error:
        raise ChipDataError(
            "missing_extra", found="no pandas", expected="the extra frame",
            remedy="pip install 'skinmech[frame]'",
        ) from error  # fmt: skip
    if part not in TABLES:
        raise ChipDataError("unknown_table", found=f"table {part!r}", expected=one_of(TABLES, part))
    if part in _POINTS:
        return pd.DataFrame(_long(getattr(record, part), part))
    return pd.DataFrame(
        {name: _plain(column) for name, column in getattr(record, part).columns.items()}
    )


def _plain(column: np.ndarray) -> Any:
    return [text_of(cell) for cell in column] if column.dtype == object else column.copy()


def _long(rows: tuple[Any, ...], part: str) -> dict[str, Any]:
    """Points of all rows below each other; the row's own facts are repeated."""
    points = _POINTS[part]
    row_type = {"spectra": Spectrum, "series": Series}[part]
    lengths = [len(getattr(row, points[0])) for row in rows]
    columns: dict[str, Any] = {}
    for item in fields(row_type):
        if item.name in points:
            parts = [getattr(row, item.name) for row in rows]
            columns[item.name] = np.concatenate(parts) if parts else np.empty(0)
        else:
            cells = np.empty(len(rows), dtype=object)
            cells[:] = [text_of(getattr(row, item.name)) for row in rows]
            columns[item.name] = np.repeat(cells, lengths)
    if "z_ohm" in columns:
        z = columns.pop("z_ohm").astype(np.complex128)
        columns |= {"z_real_ohm": z.real.copy(), "z_imag_ohm": z.imag.copy()}
    return columns
