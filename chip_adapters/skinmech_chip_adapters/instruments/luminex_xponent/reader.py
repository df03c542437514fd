"""xPONENT bytes to header keys and blocks, without meaning."""

import re
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import (
    Line,
    decide_decimal,
    decode,
    decode_head,
    split_lines,
)
from skinmech_chip_adapters.readers.delimited import DELIMITERS

_FIRST = re.compile(r'"?Program"?\s*([,;\t])\s*"?xPONENT"?')
_FOOTER = "-- CRC --"
_CHECKSUM = re.compile(r"CRC32:\s*[0-9A-Fa-f]{8}")

VALUES = ("Median", "Net MFI", "Result")
USED = (*VALUES, "Count", "Units", "Per Bead Count", "Dilution Factor", "Warnings/Errors")
# Blocks of the format that are left out, and why.
IGNORED = {
    "Mean": "the median is kept",
    "%CV": "spread between beads",
    "Peak": "the median is kept",
    "Std Dev": "spread between beads, not of the measurement",
    "Trimmed Mean": "the median is kept",
    "Trimmed Count": "the count is kept",
    "Trimmed Peak": "the median is kept",
    "Trimmed % CV of Microspheres": "spread between beads",
    "Trimmed Standard Deviation": "spread between beads",
    "Avg Net MFI": "mean of replicates, which are kept one by one",
    "Avg Result": "mean of replicates, which are kept one by one",
    "Range": "range of replicates",
    "% Recovery": "recovery of standards",
    "%CV Replicates": "computed from replicates",
    "Standard Expected Concentration": "nominal concentration of standards",
    "Test Result": "interpretation by the vendor's protocol",
    "Comments": "free text",
    "Analysis Types": "setting of the vendor's analysis",
    "Analysis Coefficients": "the vendor's standard curve",
    "R^2": "quality of the vendor's standard curve",
    "Audit Logs": "names of users",
}


@dataclass(frozen=True, slots=True)
class Block:
    """One `DataType:` block.

    Attributes:
        name: Its data type.
        line: Line number of the `DataType:` line.
        titles: Cells of the row below it.
        rows: Line number and cells of the rows after that.
    """

    name: str
    line: int
    titles: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A file as written: header keys with their cells, and blocks by name."""

    keys: dict[str, tuple[str, ...]]
    dates: tuple[tuple[str, str], ...]
    blocks: dict[str, Block]
    is_cut: bool


_DATE_CELL = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{2,4}( +\d{1,2}:\d{2}(:\d{2})?( [AP]M)?)?")


def sniff(head: bytes, name: str) -> Evidence:
    """The first line names the program."""
    if _FIRST.match(decode_head(head).lstrip()):
        return Evidence(0.95, ("the first line names xPONENT",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split an xPONENT file into header and blocks."""
    text = decode(content, entry.encoding)
    first = _FIRST.match(text.lines[0]) if text.lines else None
    if first is None:
        raise ChipDataError(
            "wrong_format", locator="line 1", found="a first line that does not name xPONENT",
            expected="an xPONENT export", remedy="name the right adapter in the side-car",
        )  # fmt: skip
    delimiter = DELIMITERS.get(entry.delimiter, first[1])
    lines = [line for line in split_lines(text, delimiter) if line.cells]
    end = _footer(lines)
    if end is None and entry.on_bad_row == "error":
        raise ChipDataError(
            "cut_file", locator=f"line {lines[-1].number}", found="no footer",
            expected=f"{_FOOTER!r} and a checksum as the last lines",
            remedy='the file is cut: export it again, or declare on_bad_row = "keep_flagged"',
        )  # fmt: skip
    messages = []
    if end is None:
        messages.append(Message(level="error", code="cut_file", text="the footer is missing"))
    elif not any(_CHECKSUM.fullmatch(" ".join(line.cells)) for line in lines[end:]):
        messages.append(
            Message(level="warning", code="cut_footer", text="the checksum in the footer is cut")
        )
    start = next((i for i, line in enumerate(lines) if line.cells[0] == "DataType:"), len(lines))
    blocks, unparsed = _blocks(lines[start:end], is_cut=end is None)
    messages += _remarks(blocks, unparsed)
    tokens = (
        (number, cell)
        for block in blocks.values()
        if block.name in (*VALUES, "Count", "Dilution Factor")
        for number, cells in block.rows
        for cell in cells[2:]
    )
    keys = {line.cells[0]: line.cells[1:] for line in lines[:start]}
    return Parsed(
        tables=Batch(keys, _dates(lines[:start]), blocks, end is None),
        header="\n".join(text.lines[: lines[start].number - 1 if start < len(lines) else None]),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal),
        software=" ".join(("xPONENT", *keys.get("Build", ())[:1])),
    )


def _footer(lines: list[Line]) -> int | None:
    return next((i for i, line in enumerate(lines) if line.cells[0] == _FOOTER), None)


def _dates(lines: list[Line]) -> tuple[tuple[str, str], ...]:
    """Dates of the header; together they show the order of day and month."""
    return tuple(
        (f"line {line.number}", cell)
        for line in lines
        for cell in line.cells
        if _DATE_CELL.fullmatch(cell)
    )


def _blocks(lines: list[Line], is_cut: bool) -> tuple[dict[str, Block], list[Unparsed]]:
    starts = [i for i, line in enumerate(lines) if line.cells[0] == "DataType:"]
    blocks: dict[str, Block] = {}
    unparsed = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        first = lines[start]
        name = first.cell(1)
        if name in blocks:
            raise ChipDataError(
                "block_twice", locator=f"line {first.number}", found=f"block {name!r} again",
                expected="each data type once", remedy="split the file by batch",
            )  # fmt: skip
        last = is_cut and end == len(lines)
        if name not in USED:
            reason = IGNORED.get(name, "unknown to this adapter")
            unparsed.append(Unparsed(f"line {first.number}", name, reason))
        elif last:
            unparsed.append(Unparsed(f"line {first.number}", name, "refused: the file is cut here"))
        else:
            blocks[name] = _block(name, first, lines[start + 1 : end])
    return blocks, unparsed


def _block(name: str, first: Line, lines: list[Line]) -> Block:
    if not lines:
        raise ChipDataError(
            "header_missing",
            locator=f"line {first.number}, block {name!r}",
            found="no titles",
            expected="a row of titles",
        )
    titles = lines[0].cells
    free = name in ("Units", "Per Bead Count", "Warnings/Errors")
    for line in lines[1:]:
        if not free and (line.width < len(titles) or len(line.cells) > len(titles)):
            raise ChipDataError(
                "cut_row", locator=f"line {line.number}, block {name!r}",
                found=f"{line.width} cells", expected=f"{len(titles)} cells as in its titles",
                remedy="the file is cut or was edited: export it again",
            )  # fmt: skip
    return Block(name, first.number, titles, tuple((one.number, one.cells) for one in lines[1:]))


def _remarks(blocks: dict[str, Block], unparsed: list[Unparsed]) -> list[Message]:
    messages = [
        Message(level="warning", code="unknown_block", locator=one.locator,
                text=f"block {one.name!r} is not known to this adapter and was left out")
        for one in unparsed
        if one.reason.startswith("unknown")
    ]  # fmt: skip
    if not any(blocks[name].rows for name in VALUES if name in blocks):
        messages.append(Message(level="warning", code="no_rows", text="the file holds no values"))
    return messages
