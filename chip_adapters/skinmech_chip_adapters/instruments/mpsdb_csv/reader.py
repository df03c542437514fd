"""The 17-column table to rows of cells."""

from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.interchange import MPSDB_COLUMNS
from skinmech_chip_adapters.readers import decide_decimal, decode, decode_head, split_lines
from skinmech_chip_adapters.readers.delimited import DELIMITERS

OPTIONAL = ("Cross Reference", "Subtarget", "Replicate", "Caution Flag", "Exclude", "Notes")
_MARKS = {"Chip ID or Well ID", "Target/Analyte", "Value Unit"}


@dataclass(frozen=True, slots=True)
class Upload:
    """Line number and cells by title; `ends_with_newline` is False if the end may be cut."""

    rows: tuple[tuple[int, dict[str, str]], ...]
    ends_with_newline: bool


def sniff(head: bytes, name: str) -> Evidence:
    """The first line holds the database's titles."""
    first = decode_head(head).splitlines()[:1]
    if first and all(mark in first[0] for mark in _MARKS):
        return Evidence(0.95, ("the database's column titles",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Titles and rows."""
    text = decode(content, entry.encoding)
    if not all(mark in text.lines[0] for mark in _MARKS):
        raise ChipDataError(
            "wrong_format", locator="line 1", found="other titles than the database's",
            expected=", ".join(MPSDB_COLUMNS), remedy="name the right adapter in the side-car",
        )  # fmt: skip
    delimiter = DELIMITERS.get(entry.delimiter) or next(
        one for one in (";", "\t", ",") if one in text.lines[0]
    )
    lines = [line for line in split_lines(text, delimiter) if line.cells]
    titles = lines[0].cells
    for title in MPSDB_COLUMNS:
        if title not in titles and title not in OPTIONAL:
            raise ChipDataError(
                "column_missing", locator="line 1", found=f"no column {title!r}",
                expected=one_of(MPSDB_COLUMNS, title), remedy="export the full table",
            )  # fmt: skip
    rows = []
    for line in lines[1:]:
        if line.width < len(titles) or len(line.cells) > len(titles):
            raise ChipDataError(
                "cut_row", locator=f"line {line.number}", found=f"{line.width} cells",
                expected=f"{len(titles)} cells as in the titles",
                remedy="the file is cut or was edited: export it again",
            )  # fmt: skip
        rows.append((line.number, {title: line.cell(i) for i, title in enumerate(titles)}))
    unknown = [title for title in titles if title and title not in MPSDB_COLUMNS]
    messages = [
        Message(level="warning", code="unknown_column", locator="line 1",
                text=f"column {title!r} is not one of the 17 and was left out")
        for title in unknown
    ]  # fmt: skip
    if not rows:
        messages.append(Message(level="warning", code="no_rows", text="the file holds no values"))
    tokens = ((number, row[name]) for number, row in rows for name in ("Value", "Minute"))
    return Parsed(
        tables=Upload(tuple(rows), text.ends_with_newline),
        header=text.lines[0],
        unparsed=(
            Unparsed("line 1", "Cross Reference", "identifier of another system"),
            *(Unparsed("line 1", title, "unknown to this adapter") for title in unknown),
        ),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal),
    )
