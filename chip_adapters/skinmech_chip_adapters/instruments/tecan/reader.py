"""Tecan bytes to blocks, without meaning."""

from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.tecan.blocks import Block
from skinmech_chip_adapters.instruments.tecan.cells import (
    WORKBOOK_MARKS,
    Cells,
    Sheet,
    cells_of,
)
from skinmech_chip_adapters.instruments.tecan.grids import CORNER, CYCLE, grid_blocks
from skinmech_chip_adapters.instruments.tecan.magellan import TITLE, magellan_blocks
from skinmech_chip_adapters.plates import Cuts, plate_decimal
from skinmech_chip_adapters.readers import decode_head

_PROGRAMS = ("SparkControl", "Tecan i-control", "Magellan", "Tecan")


@dataclass(frozen=True, slots=True)
class Export:
    """All blocks of a file."""

    blocks: tuple[Block, ...]
    is_cut: bool
    is_text: bool


def sniff(head: bytes, name: str) -> Evidence:
    """The list of Magellan, or a corner cell or cycles together with a Tecan program's name."""
    if head.startswith(WORKBOOK_MARKS):
        from skinmech_chip_adapters.readers.workbook import peek

        text = peek(head).replace("&lt;&gt;", CORNER)
    else:
        text = decode_head(head)
    if f"{TITLE}<" in text or text.lstrip('" ').startswith(TITLE):
        return Evidence(0.9, ("a list that begins with 'Well positions'",))
    if (CORNER in text or CYCLE in text) and any(one in text for one in _PROGRAMS):
        return Evidence(0.9, ("a Tecan program's name and a plate or cycles",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Find the blocks of a Tecan export."""
    cells = cells_of(content, entry)
    cuts = Cuts(entry)
    blocks = [block for sheet in cells.sheets for block in _blocks(sheet, cells, cuts)]
    if not blocks and not cuts.is_cut:
        raise ChipDataError(
            "wrong_format", locator="line 1", found="no '<>', 'Well positions' or 'Cycle Nr.'",
            expected="a Tecan export", remedy="name the right adapter in the side-car",
        )  # fmt: skip
    messages = list(cuts.messages)
    if not any(block.wells for block in blocks):
        messages.append(Message(level="warning", code="no_rows", text="the file holds no values"))
    return Parsed(
        tables=Export(tuple(blocks), cuts.is_cut, cells.is_text),
        header=_header(cells),
        unparsed=(Unparsed("all sheets", "settings", "kept as header"),),
        messages=tuple(messages),
        encoding=cells.encoding,
        newline=cells.newline,
        delimiter=cells.delimiter,
        decimal=_decimal(blocks, cells, entry),
        software=_software(cells),
    )


def _blocks(sheet: Sheet, cells: Cells, cuts: Cuts) -> list[Block]:
    title = next((i for i, line in enumerate(sheet.lines) if line.cell(0) == TITLE), None)
    if title is not None:
        return magellan_blocks(sheet, title, cells.is_text, cuts)
    return grid_blocks(sheet, cells.is_text, cuts)


def _decimal(blocks: list[Block], cells: Cells, entry: FileEntry) -> str:
    """Decimal sign; numbers of a workbook are typed and need none."""
    if not cells.is_text:
        return entry.decimal or "."
    tokens = [(line, text) for block in blocks for _, text, line in block.wells]
    tokens += [(block.line, block.seconds) for block in blocks]
    tokens += [(block.line, block.temperature.removesuffix("°C").strip()) for block in blocks]
    modes = {_mode(block) for block in blocks}
    return plate_decimal(
        tokens, entry.decimal, delimiter=cells.delimiter, is_absorbance=modes == {"Absorbance"}
    )


def _mode(block: Block) -> str:
    return block.settings.get("Mode") or block.settings.get("Measurement mode", "")


def _header(cells: Cells) -> str:
    """Lines that begin with a text, which the rows of values do not (but for their letter)."""
    return "\n".join(
        "\t".join(line.cells)
        for sheet in cells.sheets
        for line in sheet.lines
        if len(line.cell(0)) > 3 and len(line.cells) < 12
    )


def _software(cells: Cells) -> str:
    """The line that names the program, such as `Application: SparkControl V2.1`."""
    for sheet in cells.sheets:
        for line in sheet.lines:
            if line.cell(0).startswith("Application: "):
                return " ".join((*filter(None, line.cells),)).removeprefix("Application: ")
    return "Tecan"
