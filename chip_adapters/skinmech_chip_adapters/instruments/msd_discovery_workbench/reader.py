"""Discovery Workbench bytes to rows, without meaning."""

from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.readers import (
    Line,
    decide_decimal,
    decode,
    decode_head,
    split_lines,
)
from skinmech_chip_adapters.readers.delimited import DELIMITERS

NEEDED = ("Sample", "Assay", "Well", "Signal")
USED = (*NEEDED, "Spot", "Detection Range", "Dilution", "Calc. Concentration")
NUMERIC = ("Signal", "Dilution", "Calc. Concentration")

# Columns of the format that are left out, and why.
IGNORED = {
    "Fit Statistic: RSquared": "quality of the vendor's standard curve",
    "Concentration": "nominal concentration of standards",
    "Adjusted Signal": "signal after the vendor's adjustment; the signal itself is kept",
    "Mean": "mean of replicates, which are kept one by one",
    "Adj. Sig. Mean": "mean of replicates",
    "CV": "computed from replicates",
    "% Recovery": "recovery of standards",
    "% Recovery Mean": "recovery of standards",
    "Calc. Conc. Mean": "mean of replicates",
    "Calc. Conc. CV": "computed from replicates",
    "Group": "label of the plate layout",
    "Plate Name": "stands on the first line",
}


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate as written.

    Attributes:
        name: Text of the first line.
        rows: Line number and cells by title.
        ends_with_newline: False if the last line has no end and may be cut.
    """

    name: str
    rows: tuple[tuple[int, dict[str, str]], ...]
    ends_with_newline: bool


def sniff(head: bytes, name: str) -> Evidence:
    """A header with Sample, Assay and Well, and columns only this software writes."""
    for line in decode_head(head).splitlines()[:4]:
        for delimiter in DELIMITERS.values():
            cells = {cell.strip(' "') for cell in line.split(delimiter)}
            if {"Sample", "Assay", "Well", "Signal"} <= cells and (
                {"Detection Range", "Calc. Concentration", "Spot"} & cells
            ):
                return Evidence(0.95, ("Sample, Assay, Well, Signal and MSD columns",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Plate name, header and rows."""
    text = decode(content, entry.encoding)
    delimiter = _delimiter(text.lines, entry)
    lines = split_lines(text, delimiter)
    header = _header(lines)
    before = [line for line in lines if line.number < header.number and line.cells]
    titles = header.cells
    rows = [
        (line.number, _cells(line, header))
        for line in lines
        if line.number > header.number and line.cells
    ]
    tokens = ((number, row.get(name, "")) for number, row in rows for name in NUMERIC)
    unknown = [title for title in titles if title and title not in (*USED, *IGNORED)]
    where = f"line {header.number}"
    messages = [
        Message(level="warning", code="unknown_column", locator=where,
                text=f"column {title!r} is not known to this adapter and was left out")
        for title in unknown
    ]  # fmt: skip
    if not rows:
        messages.append(
            Message(level="warning", code="no_rows", text="the file holds a header and no values")
        )
    unparsed = [Unparsed(where, title, IGNORED[title]) for title in titles if title in IGNORED]
    return Parsed(
        tables=Plate(before[0].cells[0] if before else "", tuple(rows), text.ends_with_newline),
        header="\n".join(text.lines[: header.number]),
        unparsed=(
            *unparsed,
            *(Unparsed(where, title, "unknown to this adapter") for title in unknown),
        ),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal),
        software="MSD Discovery Workbench",
    )


def _delimiter(lines: tuple[str, ...], entry: FileEntry) -> str:
    if entry.delimiter:
        if entry.delimiter not in DELIMITERS:
            raise ChipDataError("unknown_delimiter", found=f"delimiter {entry.delimiter!r}",
                                expected="one of comma, semicolon, tab")  # fmt: skip
        return DELIMITERS[entry.delimiter]
    for line in lines[:4]:
        for delimiter in (",", ";", "\t"):
            if {"Sample", "Assay"} <= {cell.strip(' "') for cell in line.split(delimiter)}:
                return delimiter
    raise _no_header()


def _no_header() -> ChipDataError:
    return ChipDataError(
        "wrong_format", locator="line 2", found="no header with Sample and Assay",
        expected="a Discovery Workbench plate: its name, then Sample, Assay, Well, …",
        remedy="name the right adapter in the side-car",
    )  # fmt: skip


def _header(lines: tuple[Line, ...]) -> Line:
    header = next((line for line in lines if {"Sample", "Assay"} <= set(line.cells)), None)
    if header is None:
        raise _no_header()
    for name in NEEDED:
        if name not in header.cells:
            raise ChipDataError(
                "column_missing", locator=f"line {header.number}", found=f"no column {name!r}",
                expected=one_of(USED, name), remedy="export the plate with this column",
            )  # fmt: skip
    twice = [title for title in header.cells if title and header.cells.count(title) > 1]
    if twice:
        raise ChipDataError(
            "column_twice",
            locator=f"line {header.number}",
            found=f"column {twice[0]!r} twice",
            expected="each title once",
        )
    return header


def _cells(line: Line, header: Line) -> dict[str, str]:
    titles = header.cells
    if line.width < len(titles) or len(line.cells) > len(titles):
        raise ChipDataError(
            "cut_row", locator=f"line {line.number}", found=f"{line.width} cells",
            expected=f"{len(titles)} cells as in the header",
            remedy="the file is cut or was edited: export it again",
        )  # fmt: skip
    return {title: line.cell(index) for index, title in enumerate(titles)}
