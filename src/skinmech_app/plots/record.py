"""A chip record on one page: time courses, plates, logger channels, spectra, and remarks."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .courses import courses, draw_course, draw_logger, loggers
from .plate import draw_plate, plates
from .spectra import draw_spectra
from .style import COLOURS, MARKS, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skinmech_chip_adapters import ChipRecord

_MAX_CHIPS = 8
_MAX_COURSES = 15
_MAX_PLATES = 9
_MAX_LOGGERS = 6
_MAX_REMARKS = 10
_COLUMNS = 3
_WIDTH = 10.2  # all lengths in inches
_HEAD = 0.62
_LINE = 0.175
_KEY = (
    "Filled marks and wells are values. Open triangle: beyond a limit, which way it points. "
    "Cross or dash: failed or missing. Red ring, or dotted: flagged or excluded."
)

Draw = Callable[[Any], None]


def draw_record(record: "ChipRecord", only: Sequence[str] = ()) -> "Figure":
    """Everything the record holds that can be drawn, with its quality flags.

    Args:
        record: The record.
        only: Chips to show; empty: the first eight.
    """
    chips = list(only) or list(record.chips["chip_id"])[:_MAX_CHIPS]
    colour = {chip: COLOURS[i % len(COLOURS)] for i, chip in enumerate(chips)}
    mark = {chip: MARKS[i % len(MARKS)] for i, chip in enumerate(chips)}
    with drawing() as figure_class:
        sections = _sections(record, chips, colour, mark)
        notes = _notes(record, chips)
        bottom = 0.25 + _LINE * len(notes)
        height = _HEAD + sum(section.height for section in sections) + bottom
        figure = figure_class(figsize=(_WIDTH, max(height, 2.0)))
        if not sections:
            figure.text(0.5, 0.6, "The record holds no values to draw.", ha="center")
        top = height - _HEAD
        for section in sections:
            _draw_section(figure, section, top, height)
            top -= section.height
        handles = [_legend_mark(chip, colour[chip], mark[chip]) for chip in chips]
        title = record.study.study_id + (f": {record.study.title}" if record.study.title else "")
        figure.legend(handles=handles, loc="upper left", ncols=max(1, len(chips)), title=title,
                      alignment="left", bbox_to_anchor=(0.0, 1.0))  # fmt: skip
        figure.text(0.015, 0.12 / height, "\n".join(notes), va="bottom", fontsize=8,
                    color="#333333", linespacing=1.45)  # fmt: skip
    return figure


@dataclass(frozen=True)
class _Section:
    """A row of the page.

    Attributes:
        height: In inches, titles and labels included.
        above: Inches for the titles.
        below: Inches for the labels.
        gap: Space between the axes as a fraction of their width.
        draws: What draws each of its axes.
    """

    height: float
    above: float
    below: float
    gap: float
    draws: "Sequence[Draw]"


def _draw_section(figure: Any, section: _Section, top: float, height: float) -> None:
    grid = figure.add_gridspec(
        1, _COLUMNS, left=0.075, right=0.985, wspace=section.gap,
        top=(top - section.above) / height, bottom=(top - section.height + section.below) / height,
    )  # fmt: skip
    for column, draw in enumerate(section.draws):
        draw(figure.add_subplot(grid[0, column]))


def _sections(
    record: "ChipRecord", chips: Sequence[str], colour: dict[str, str], mark: dict[str, str]
) -> list[_Section]:
    found = plates(record, chips, _MAX_PLATES)
    on_plates = [(row.observable, row.analyte) for one in found for row in one.wells.values()]
    draws: list[Draw] = [
        lambda axis, key=key, rows=rows: draw_course(axis, key, rows, colour, mark)
        for key, rows in courses(record, chips, _MAX_COURSES, on_plates).items()
    ]
    draws += [
        lambda axis, key=key, channels=channels: draw_logger(axis, key, channels, colour)
        for key, channels in loggers(record, chips, _MAX_LOGGERS).items()
    ]
    sections = [_Section(2.75, 0.35, 0.55, 0.3, row) for row in _rows(draws)]
    wells: list[Draw] = [lambda axis, one=one: _with_bar(axis, one) for one in found]
    sections += [_Section(2.5, 0.45, 0.25, 0.3, row) for row in _rows(wells)]
    sweeps = [one for one in record.spectra if one.chip_id in colour]
    if sweeps:
        axes: list[Any] = []

        def collect(axis: Any) -> None:
            axes.append(axis)
            if len(axes) == _COLUMNS:
                draw_spectra(axes, sweeps, colour)

        sections.append(_Section(3.2, 0.35, 0.55, 0.35, [collect] * _COLUMNS))
    return sections


def _rows(draws: list[Draw]) -> list[list[Draw]]:
    return [draws[at : at + _COLUMNS] for at in range(0, len(draws), _COLUMNS)]


def _with_bar(axis: Any, plate: Any) -> None:
    from matplotlib import colors

    drawn = draw_plate(axis, plate, colors)
    if drawn is not None:
        place = axis.inset_axes((1.02, 0.08, 0.03, 0.84))
        bar = axis.figure.colorbar(drawn, cax=place)
        bar.ax.set_title(plate.unit, fontsize=7.5, fontweight="normal")
        bar.ax.tick_params(labelsize=7)
        bar.outline.set_visible(False)


def _notes(record: "ChipRecord", chips: Sequence[str]) -> list[str]:
    from skinmech_chip_adapters.summary import remarks

    left_out = len(record.chips) - len(chips)
    notes = [_KEY]
    if left_out > 0:
        notes.append(f"{left_out} more chips are not drawn: choose with --chip.")
    for text in remarks(record, _MAX_REMARKS) or ["no remarks"]:
        notes += textwrap.wrap(f"• {text}", 150, subsequent_indent="   ")
    return notes


def _legend_mark(chip: str, colour: str, mark: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, marker=mark, label=chip, markersize=5)
