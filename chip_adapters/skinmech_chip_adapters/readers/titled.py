"""A table under a row of titles: every row as wide as its titles, or refused by its line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Message, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.readers.delimited import DELIMITERS, Line
from skinmech_chip_adapters.readers.encoding import Text, decode

# Marks of zip, gzip, OLE, HDF5, parquet, FCS and TIFF.
_BINARY = (
    *(b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"\x89HDF", b"PAR1"),
    *(b"FCS2.", b"FCS3.", b"II*\0", b"MM\0*"),
)


@dataclass(frozen=True, slots=True)
class Titled:
    """A table as written.

    Attributes:
        titles: Cells of the row of titles.
        line: Its line number.
        rows: Line number and cells by title of the rows below it.
        is_cut: True if a row was refused, so that the table is shorter than it was.
        ends: True if the last line of the file has its end, so that its last cell is whole.
    """

    titles: tuple[str, ...]
    line: int
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    is_cut: bool = False
    ends: bool = True


def wrong_format(where: str, found: str, expected: str) -> ChipDataError:
    """The error for a file that belongs to another adapter."""
    return ChipDataError(
        "wrong_format", locator=where, found=found, expected=expected,
        remedy="name the right adapter in the side-car",
    )  # fmt: skip


def refuse_binary(content: bytes, expected: str) -> None:
    """Refuse a binary container, which is another format than a text.

    Raises:
        ChipDataError: `wrong_format`.
    """
    if content.startswith(_BINARY):
        raise wrong_format("byte 0", "a binary file", expected)


def decode_text(content: bytes, entry: FileEntry, expected: str) -> Text:
    """Decode the file of a text format; a binary container is another format.

    Raises:
        ChipDataError: `wrong_format`, or what `decode` says.
    """
    refuse_binary(content, expected)
    return decode(content, entry.encoding)


def titles_delimiter(line: str, needed: Sequence[str], declared: str = "") -> str:
    """Delimiter of a line that holds all needed titles, or empty where it does not.

    Raises:
        ChipDataError: `unknown_delimiter` for a wrong declaration.
    """
    if declared and declared not in DELIMITERS:
        raise ChipDataError("unknown_delimiter", found=f"delimiter {declared[:10]!r}",
                            expected="one of comma, semicolon, tab")  # fmt: skip
    candidates = (DELIMITERS[declared],) if declared else ("\t", ";", ",")
    for delimiter in candidates:
        cells = {cell.strip(' "\xa0') for cell in line.split(delimiter)}
        if set(needed) <= cells:
            return delimiter
    return ""


def titled(
    header: Line,
    lines: Iterable[Line],
    entry: FileEntry,
    *,
    needed: Sequence[str] = (),
    ends: bool = True,
    ragged: bool = False,
) -> Titled:
    """The rows below a row of titles.

    Args:
        header: The row of titles.
        lines: The lines below it; empty ones are left out.
        entry: With `on_bad_row = "keep_flagged"` rows of another width are left out.
        needed: Titles the format cannot do without.
        ends: False if the last line of the file has no line end.
        ragged: True where the format leaves out empty cells at the end of a row.

    Raises:
        ChipDataError: `column_missing`, `column_twice`, or `cut_row` for every row whose number of
            cells is not that of the titles.
    """
    problems = Problems()
    titles = header.cells
    for name in needed:
        if name not in titles:
            problems.add(
                "column_missing", locator=f"line {header.number}", found=f"no column {name!r}",
                expected=one_of(filter(None, titles), name), remedy="export it with this column",
            )  # fmt: skip
    for twice in sorted({one for one in titles if one and titles.count(one) > 1}):
        problems.add(
            "column_twice", locator=f"line {header.number}", found=f"column {twice!r} twice",
            expected="each title once", remedy="export the file again",
        )  # fmt: skip
    problems.raise_if_any()
    rows, is_cut = [], False
    for line in lines:
        if not line.cells:
            continue
        if (line.width < len(titles) and not ragged) or len(line.cells) > len(titles):
            is_cut = True
            problems.add(
                "cut_row", locator=f"line {line.number}", found=f"{line.width} cells",
                expected=f"{len(titles)} cells as in its titles",
                remedy="the file is cut or was edited: export it again, or declare "
                'on_bad_row = "keep_flagged"',
            )  # fmt: skip
            continue
        cells = {title: line.cell(index) for index, title in enumerate(titles)}
        rows.append((line.number, cells))
    if entry.on_bad_row == "error":
        problems.raise_if_any()
    return Titled(titles, header.number, tuple(rows), is_cut, ends)


def account(
    table: Titled, used: Iterable[str], ignored: Mapping[str, str]
) -> tuple[list[Unparsed], list[Message]]:
    """Columns that were not mapped, with the reason, and remarks for the log."""
    used, where = set(used), f"line {table.line}"
    left = [one for one in table.titles if one and one not in used]
    unparsed = [Unparsed(where, one, ignored.get(one, "unknown to this adapter")) for one in left]
    messages = [
        Message(level="warning", code="unknown_column", locator=where,
                text=f"column {one[:60]!r} is not known to this adapter and was left out")
        for one in left
        if one not in ignored
    ]  # fmt: skip
    if not table.rows:
        messages.append(
            Message(level="warning", code="no_rows", text="the file holds titles and no values")
        )
    if table.is_cut:
        messages.append(
            Message(level="error", code="cut_row", text="rows of another width were left out")
        )
    return unparsed, messages
