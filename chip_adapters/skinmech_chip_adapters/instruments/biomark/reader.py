"""BioMark bytes to chambers, without meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import Line, decide_decimal, decode_head, split_lines
from skinmech_chip_adapters.readers.titled import (
    Titled,
    account,
    decode_text,
    titled,
    titles_delimiter,
    wrong_format,
)

NEEDED = ("Chamber ID", "Sample Name", "Assay Name", "Ct Value", "Ct Call")
USED = (*NEEDED, "Sample Type", "Ct Threshold")
NUMERIC = ("Ct Value", "Ct Quality", "Ct Threshold", "Sample rConc")
_FIRST = re.compile(r'\s*"?Chip Run Filename"?\s*[,;\t]')
_HEAD_LINES = 40

# Columns of the format that are left out, and why.
IGNORED = {
    "Sample rConc": "relative concentration of standards, as the user typed it",
    "Assay Type": "label of the layout",
    "Ct Quality": "quality score of the curve; the call is kept",
}


@dataclass(frozen=True, slots=True)
class Array:
    """A file as written; titles join the second and third row of titles, the dye as `Assay`."""

    keys: dict[str, str]
    table: Titled


def sniff(head: bytes, name: str) -> Evidence:
    """The first key of the run, or the row of titles with chambers."""
    text = decode_head(head)
    if _FIRST.match(text):
        return Evidence(0.95, ("the first key is Chip Run Filename",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Keys, titles and chambers."""
    expected = "a BioMark table of results: Chip Run Filename, then Chamber ID, …"
    text = decode_text(content, entry, expected)
    first = _FIRST.match(text.lines[0]) if text.lines else None
    if first is None:
        raise wrong_format("line 1", "another first key", expected)
    at, delimiter = next(
        (
            (index, found)
            for index, line in enumerate(text.lines[:_HEAD_LINES])
            if (found := titles_delimiter(line, ("Chamber", "Sample", "Ct"), entry.delimiter))
        ),
        (0, ""),
    )
    if not delimiter:
        raise ChipDataError(
            "header_missing", locator="line 1", found="no titles Chamber, Sample and Ct",
            expected="three rows of titles after the keys", remedy="export the table of results",
        )  # fmt: skip
    lines = split_lines(text, delimiter)
    before = [line for line in lines if line.number <= at]
    rest = [line for line in lines if line.number > at]
    if len(rest) < 2:
        raise ChipDataError(
            "cut_file", locator=f"line {at + 1}", found="one row of titles",
            expected="a second one with ID, Name, Type, …", remedy="export the file again",
        )  # fmt: skip
    header = _joined(rest[0], rest[1])
    table = titled(header, rest[2:], entry, needed=NEEDED, ends=text.ends_with_newline)
    unparsed, messages = account(table, USED, IGNORED)
    keys = {line.cells[0]: line.cell(1) for line in before if line.cells}
    tokens = (
        (number, row[title]) for number, row in table.rows for title in NUMERIC if row.get(title)
    )
    plain = delimiter == "," and '"' not in "".join(text.lines)
    return Parsed(
        tables=Array(keys, table),
        header="\n".join(text.lines[: rest[1].number]),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal, "." if plain else ".,"),
        software=f"BioMark {keys.get('Application Version', '')}".strip(),
    )


def _joined(groups: Line, names: Line) -> Line:
    """One row of titles from two: `Ct` over `Value` is `Ct Value`; dyes are `Assay`."""
    known = ("Chamber", "Sample", "Ct")
    titles: Sequence[str] = [
        f"{group if group in known else 'Assay'} {name}"
        for group, name in zip(groups.cells, names.cells, strict=False)
    ]
    if len(groups.cells) != len(names.cells):
        raise ChipDataError(
            "cut_row", locator=f"line {names.number}", found=f"{len(names.cells)} titles",
            expected=f"{len(groups.cells)} titles as in the row above",
            remedy="export the file again",
        )  # fmt: skip
    return Line(names.number, tuple(titles), len(titles))
