"""Plates: one circle for each well, coloured by its value, marked by its state."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .courses import FLAGGED, unit_text
from .style import label

if TYPE_CHECKING:
    from skinmech_chip_adapters import ChipRecord

FEWEST_WELLS = 6
_WELL = re.compile(r"([A-P])(\d{2})")
_FORMATS = ((2, 3), (3, 4), (4, 6), (6, 8), (8, 12), (16, 24))
_EMPTY = "#D9D9D9"


@dataclass(frozen=True)
class Plate:
    """Values of one quantity on one plate.

    Attributes:
        title: What is shown, and where from.
        unit: For the colour bar.
        wells: Row of measurement shown for each place (row, column from 0).
    """

    title: str
    unit: str
    wells: dict[tuple[int, int], Any]


def plates(record: "ChipRecord", chips: Iterable[str], most: int) -> list[Plate]:
    """Plates of a record with enough wells; of several times, the last is shown."""
    wanted = set(chips)
    names = {key: one.filename for key, one in record.sources.items()}
    groups: dict[tuple[str, ...], list[Any]] = {}
    for row in record.measurements:
        if row.well and row.chip_id in wanted:
            plate = row.plate_id or names.get(row.source_id, "")
            key = (plate, row.observable, row.analyte, row.method, row.unit)
            groups.setdefault(key, []).append(row)
    found = []
    for (plate, observable, analyte, method, declared), rows in groups.items():
        times = sorted({row.time_s for row in rows if np.isfinite(row.time_s)})
        shown = [row for row in rows if not times or row.time_s == times[-1]]
        wells = {place: row for row in shown if (place := _place(row.well)) is not None}
        if len(wells) >= FEWEST_WELLS:
            what = ", ".join(part for part in (analyte or label(observable), method) if part)
            last = f" (last of {len(times)} times)" if len(times) > 1 else ""
            title = f"{what}{last}\n{_short(plate)}"
            found.append(Plate(title, unit_text(observable, declared), wells))
    return found[:most]


def _short(name: str) -> str:
    return name if len(name) <= 44 else name[:20] + "…" + name[-23:]


def _place(well: str) -> tuple[int, int] | None:
    match = _WELL.fullmatch(well)
    return (ord(match[1]) - ord("A"), int(match[2]) - 1) if match else None


def draw_plate(axis: Any, plate: Plate, colours: Any) -> Any:
    """Draw a plate; returns the drawn wells for a colour bar, or None where no value is plain."""
    rows, columns = _size(plate.wells)
    size = min(185.0 / columns, 120.0 / rows)
    everywhere = [(r, c) for r in range(rows) for c in range(columns)]
    axis.scatter([c for _, c in everywhere], [r for r, _ in everywhere], s=(0.25 * size) ** 2,
                 color=_EMPTY, lw=0)  # fmt: skip
    plain = {at: row for at, row in plate.wells.items() if row.censor == "none"}
    values = np.array([row.value for row in plain.values()])
    drawn = None
    if len(values):
        drawn = axis.scatter(
            [c for _, c in plain], [r for r, _ in plain], s=(0.8 * size) ** 2, c=values,
            cmap="viridis", norm=_norm(values, colours), lw=0,
        )  # fmt: skip
    marks = {"left": "v", "right": "^", "interval": "d", "failed": "x", "missing": "_"}
    for state, mark in marks.items():
        places = [at for at, row in plate.wells.items() if row.censor == state]
        axis.scatter([c for _, c in places], [r for r, _ in places], s=(0.6 * size) ** 2,
                     marker=mark, facecolor="white" if mark in "v^d" else "#444444",
                     edgecolor="#444444" if mark in "v^d" else None, lw=1.0)  # fmt: skip
    remarked = [at for at, row in plate.wells.items() if row.flags or row.excluded]
    axis.scatter([c for _, c in remarked], [r for r, _ in remarked], s=(0.8 * size) ** 2,
                 facecolor="none", edgecolor=FLAGGED, lw=1.1)  # fmt: skip
    axis.set_title(plate.title, fontsize=8.5)
    axis.set_xlim(-0.7, columns - 0.3)
    axis.set_ylim(rows - 0.3, -0.7)
    axis.set_aspect("equal")
    axis.grid(False)
    step = 1 if columns <= 12 else 2
    axis.set_xticks(range(0, columns, step), [str(c + 1) for c in range(0, columns, step)])
    axis.set_yticks(range(rows), [chr(ord("A") + r) for r in range(rows)])
    axis.tick_params(length=0, labelsize=7.5 if rows <= 8 else 5.5)
    for spine in axis.spines.values():
        spine.set_visible(False)
    return drawn


def _size(wells: dict[tuple[int, int], Any]) -> tuple[int, int]:
    last_row, last_column = (max(at[axis] for at in wells) for axis in (0, 1))
    return next(size for size in _FORMATS if last_row < size[0] and last_column < size[1])


def _norm(values: np.ndarray, colours: Any) -> Any:
    """Logarithmic where the values span more than two decades."""
    if values.min() > 0 and values.max() > 100 * values.min():
        return colours.LogNorm(values.min(), values.max())
    return colours.Normalize(values.min(), values.max())
