"""The list of wells that Magellan writes."""

import re
from collections.abc import Sequence

from skinmech_chip_adapters.instruments.tecan.blocks import (
    Block,
    is_full_plate,
    key_and_value,
    well_or_nothing,
)
from skinmech_chip_adapters.instruments.tecan.cells import Sheet
from skinmech_chip_adapters.plates import Cuts
from skinmech_chip_adapters.readers import Line

TITLE = "Well positions"
_DATE = re.compile(r"Date of measurement: (.*?)\s*/\s*Time of measurement: (.*)")
_LAST = re.compile(r"Date: .*\d, Time: .*\d.*")
_MEASUREMENT = re.compile(r"Measurement \d+:?")


def magellan_blocks(sheet: Sheet, title: int, is_text: bool, cuts: Cuts) -> list[Block]:
    """Blocks of a sheet whose line `title` begins with `Well positions`."""
    lines = sheet.lines
    labels = lines[title].cells[1:]
    rows, heads, end = _rows(lines, title, len(labels), cuts)
    below = lines[end:]
    dates = [found for line in below if (found := _DATE.match(line.cell(0)))]
    closed = any(_LAST.fullmatch(", ".join(line.cells)) for line in below[-3:])
    if is_text and not (dates and closed):
        cuts.at(f"line {lines[-1].number}", "no date at the end", "'Date: …, Time: …' as last line")
    groups = _settings(below)
    names = list(dict.fromkeys(labels))
    wells = [well for well, _ in rows]
    blocks = []
    for index, label in enumerate(labels, 1):
        settings = groups[names.index(label)] if len(groups) == len(names) else {}
        blocks.append(
            Block(
                line=lines[title].number,
                sheet=sheet.name,
                label=label,
                settings=settings,
                wells=tuple((well, line.cell(index), line.number) for well, line in rows),
                seconds=heads[0].cell(index) if heads and labels.count(label) > 1 else "",
                temperature=heads[1].cell(index) if len(heads) > 1 else "",
                date=f"{dates[0][1]} {dates[0][2]}" if dates else "",
                is_whole=is_full_plate(wells),
            )
        )
    return blocks


def _rows(
    lines: Sequence[Line], title: int, count: int, cuts: Cuts
) -> tuple[list[tuple[str, Line]], list[Line], int]:
    """Wells with their lines, the lines between title and wells, and where the list ends."""
    heads: list[Line] = []
    rows: list[tuple[str, Line]] = []
    index = title + 1
    while index < len(lines) and not lines[index].cell(0) and len(lines[index].cells) > 1:
        heads.append(lines[index])
        index += 1
    while index < len(lines) and (well := well_or_nothing(lines[index].cell(0))):
        line = lines[index]
        other_width = bool(rows) and line.width != rows[0][1].width
        if other_width or line.width < count + 1 or len(line.cells) > count + 1:
            cuts.at(f"line {line.number}", f"{line.width} cells",
                    f"{count + 1} as in the titles", "cut_row")  # fmt: skip
            break
        rows.append((well, line))
        index += 1
    strange = next(
        (one for one in lines[index:] if well_or_nothing(one.cell(0)) or not one.cell(0)
         and one.cells), None,
    )  # fmt: skip
    if strange is not None and not cuts.is_cut:
        cuts.at(f"line {strange.number}", "a row of values after the end of the list",
                "the wells without a gap", "cut_row")  # fmt: skip
    return rows, heads, index


def _settings(lines: Sequence[Line]) -> list[dict[str, str]]:
    groups: list[dict[str, str]] = []
    for line in lines:
        if _MEASUREMENT.fullmatch(line.cell(0)):
            groups.append({})
        elif groups:
            key, value = key_and_value(line)
            groups[-1].setdefault(key, value)
    return groups
