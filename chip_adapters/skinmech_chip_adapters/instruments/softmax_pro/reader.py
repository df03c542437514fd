"""SoftMax Pro bytes to plate blocks, without meaning."""

import re
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.softmax_pro.blocks import Plate, plate_block
from skinmech_chip_adapters.plates import Cuts, plate_decimal
from skinmech_chip_adapters.readers import Line, Text, decode, decode_head
from skinmech_chip_adapters.readers.delimited import DELIMITERS

_FIRST = re.compile(r"##BLOCKS= ?(\d{1,4})\b")
_FOOTER = re.compile(r"Original Filename: .*; Date Last Saved: .*\d.*")
_END = "~End"
_LEFT_OUT = {
    "Note": "free text and the vendor's summaries",
    "Group": "the vendor's computations on samples; map wells in the side-car",
    "Cuvette Set": "cuvettes",
}


@dataclass(frozen=True, slots=True)
class Export:
    """All plates of a file.

    Attributes:
        plates: Blocks `Plate:`.
        is_cut: True if blocks are missing.
        has_footer: False if the last line is not the footer, or is cut.
    """

    plates: tuple[Plate, ...]
    is_cut: bool
    has_footer: bool


def sniff(head: bytes, name: str) -> Evidence:
    """The first line counts the blocks."""
    if _FIRST.match(decode_head(head).lstrip()):
        return Evidence(0.95, ("the first line is '##BLOCKS='",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a SoftMax Pro file into blocks and read the plates."""
    text = decode(content, entry.encoding)
    first = _FIRST.match(text.lines[0] if text.lines else "")
    if first is None:
        raise ChipDataError(
            "wrong_format", locator="line 1", found="a first line without '##BLOCKS='",
            expected="a SoftMax Pro export", remedy="name the right adapter in the side-car",
        )  # fmt: skip
    delimiter = DELIMITERS.get(entry.delimiter, "\t")
    lines = _split(text, delimiter)
    cuts = Cuts(entry)
    blocks, rest = _blocks(lines)
    where = f"line {lines[-1].number}"
    has_footer = any(_FOOTER.fullmatch(delimiter.join(line.cells)) for line in rest)
    if len(blocks) != int(first[1]):
        cuts.at(where, f"{len(blocks)} whole blocks", f"{int(first[1])} as the first line counts")
    elif any(line.cells for line in rest if not line.cell(0).startswith("Original F")):
        cuts.at(where, "lines after the last block", "the footer", "wrong_format")
    plates: list[Plate] = []
    unparsed: list[Unparsed] = []
    for block in blocks:
        kind = block[0].cell(0).partition(":")[0]
        if kind == "Plate":
            plate = plate_block(block, cuts)
            plates += [plate] if plate is not None else []
        else:
            if kind not in _LEFT_OUT and {"PlateFormat", "TimeFormat"} & {*block[0].cells}:
                where = f"line {block[0].number}"
                cuts.at(where, f"a plate called {block[0].cell(0)[:20]!r}", "'Plate:'")
            reason = _LEFT_OUT.get(kind, "unknown to this adapter")
            unparsed.append(Unparsed(f"line {block[0].number}", block[0].cell(0)[:60], reason))
    for plate in plates:
        if plate.reduced_line:
            reason = "reduced by the vendor's software"
            unparsed.append(Unparsed(f"line {plate.reduced_line}", "reduced values", reason))
    unparsed.append(
        Unparsed(where, "Date Last Saved", "time of saving the file, not of reading the plate")
    )
    tokens = [(row.line, cell) for plate in plates for row in plate.rows for cell in row.texts]
    tokens += [(row.line, row.temperature) for plate in plates for row in plate.rows]
    return Parsed(
        tables=Export(tuple(plates), cuts.is_cut, has_footer),
        header="\n".join(text.lines[plate.line - 1] for plate in plates),
        unparsed=tuple(unparsed),
        messages=(*cuts.messages, *_remarks(plates, has_footer)),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=plate_decimal(
            tokens, entry.decimal, delimiter=delimiter,
            is_absorbance=all(plate.mode == "Absorbance" for plate in plates),
        ),
        software="SoftMax Pro",
    )  # fmt: skip


def _remarks(plates: list[Plate], has_footer: bool) -> list[Message]:
    messages = []
    if not has_footer:
        text = "the footer is missing or cut; all blocks that the first line counts are whole"
        messages.append(Message(level="warning", code="cut_footer", text=text))
    if not any(plate.rows for plate in plates):
        messages.append(Message(level="warning", code="no_rows", text="the file holds no plate"))
    return messages


def _split(text: Text, delimiter: str) -> list[Line]:
    """Cells of all lines; the format quotes nothing, and notes may hold any sign."""
    lines = []
    for number, line in enumerate(text.lines, 1):
        raw = line.split(delimiter) if line else []
        cells = [cell.strip(" \xa0") for cell in raw]
        while cells and not cells[-1]:
            cells.pop()
        lines.append(Line(number, tuple(cells), len(raw)))
    return lines


def _blocks(lines: list[Line]) -> tuple[list[list[Line]], list[Line]]:
    """Whole blocks without their `~End`, and the lines after the last of them."""
    blocks: list[list[Line]] = []
    block: list[Line] = []
    for line in lines[1:]:
        if line.cell(0) == _END:
            while block and not block[0].cells:
                block.pop(0)
            blocks += [block] if block else []
            block = []
        else:
            block.append(line)
    return blocks, block
