"""SDR bytes to rows of cells, without meaning."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments._logger import decode_log, refuse_row
from skinmech_chip_adapters.readers import Text, decide_decimal, decode_head

TITLE, ELAPSED = "Date/Time", "Time/Min."
_FIRST = re.compile(r"\s*Measurement Name\s*:(?P<name>.*?)(?:Generated On\s*:(?P<made>.*))?")
_PARAMETER = re.compile(r"\s*(?P<quantity>\w+)\s*\[(?P<unit>.*)\]\s*")


@dataclass(frozen=True, slots=True)
class Log:
    """The file as a table.

    Attributes:
        header: Text by key of the lines above the table, the first of equal keys.
        quantity, unit: Of the readings, from the line `Parameter`.
        titles: Of the columns.
        title_line: Line number of the titles.
        rows: Line number and cells of every row.
        refused: Number of rows that were left out.
    """

    header: dict[str, str]
    quantity: str
    unit: str
    titles: tuple[str, ...]
    title_line: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    refused: int


def sniff(head: bytes, name: str) -> Evidence:
    """A measurement name in the first line, and the serial number of a reader."""
    text = decode_head(head)
    if text.lstrip().startswith("Measurement Name") and "SDR Serial No." in text:
        return Evidence(0.95, ("measurement name, then SDR serial number",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split an SDR log into its header and rows."""
    if not decode_head(content[:4096]).lstrip().startswith("Measurement Name"):
        raise ChipDataError(
            "wrong_format", locator="line 1", found="a first line without a measurement name",
            expected="an SDR log: 'Measurement Name : …'",
            remedy="name the right adapter in the side-car",
        )  # fmt: skip
    text = decode_log(content, entry.encoding)
    start = _title_line(text)
    header = _header(text.lines[:start])
    match = _PARAMETER.fullmatch(header.get("Parameter", ""))
    if match is None:
        raise ChipDataError(
            "header_missing", locator="line 'Parameter'", found="no quantity with its unit",
            expected="'Parameter : Oxygen [unit]'", remedy="export the log again, with its header",
        )  # fmt: skip
    titles = tuple(cell.strip() for cell in text.lines[start].split(";"))
    _check_titles(titles, start + 1)
    messages: list[Message] = []
    rows = tuple(_rows(text, start, titles, entry, messages))
    numeric = [index for index, title in enumerate(titles) if index and title not in ("", "Error")]
    tokens = ((number, cells[index]) for number, cells in rows for index in numeric)
    decimal = decide_decimal(tokens, entry.decimal)
    if not rows:
        messages.append(
            Message(level="warning", code="no_rows", text="the file holds a header and no values")
        )
    refused = sum(one.code == "cut_row" for one in messages)
    return Parsed(
        tables=Log(header, match["quantity"], match["unit"], titles, start + 1, rows, refused),
        header="\n".join(text.lines[: start + 1]),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=";",
        decimal=decimal,
        software=f"SDR {header.get('SDR Serial No.', '')}".strip(),
    )


def _title_line(text: Text) -> int:
    for index, line in enumerate(text.lines):
        if line.split(";")[0].strip() != TITLE or ";" not in line:
            continue
        if index == len(text.lines) - 1 and not text.ends_with_newline:
            break
        return index
    raise ChipDataError(
        "cut_file", locator=f"line {len(text.lines)}", found="no line of column titles",
        expected=f"a line that starts with '{TITLE};'",
        remedy="the file is cut: export it again",
    )  # fmt: skip


def _header(lines: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    first = _FIRST.fullmatch(lines[0]) if lines else None
    if first:
        found["Measurement Name"] = first["name"].strip()
        found["Generated On"] = (first["made"] or "").strip()
    for line in lines[1:]:
        key, colon, value = line.partition(":")
        if colon:
            found.setdefault(key.strip(), value.strip())
    return found


def _check_titles(titles: tuple[str, ...], line: int) -> None:
    if len(titles) < 2 or titles[1] != ELAPSED:
        raise ChipDataError(
            "column_missing", locator=f"line {line}", found="no elapsed time as second column",
            expected=f"column {ELAPSED!r}", remedy="export the log with this column",
        )  # fmt: skip
    for title in set(titles) - {""}:
        # Cells are padded with blanks: inside a title they show that a delimiter was lost, which
        # would move every column behind it.
        if "  " in title:
            raise ChipDataError(
                "column_missing", locator=f"line {line}", found=f"title {title[:40]!r}",
                expected="titles divided by ';'", remedy="the line is damaged: export it again",
            )  # fmt: skip
        if titles.count(title) > 1:
            raise ChipDataError("column_twice", locator=f"line {line}", found=f"column {title!r}",
                                expected="each title once")  # fmt: skip


def _rows(
    text: Text, start: int, titles: tuple[str, ...], entry: FileEntry, messages: list[Message]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    filled = [index for index in range(start + 1, len(text.lines)) if text.lines[index].strip()]
    for index in filled:
        cells = tuple(cell.strip() for cell in text.lines[index].split(";"))
        is_cut = index == len(text.lines) - 1 and not text.ends_with_newline
        # The last column is a message: its cell is left out of rows that have none.
        if len(cells) not in (len(titles), len(titles) - 1) or is_cut or cells[-1]:
            found = "a last line without its end" if is_cut else f"{len(cells)} cells"
            expected = f"{len(titles)} cells as in line {start + 1}, and a line end"
            refuse_row(index + 1, found, expected, entry, messages)
            continue
        yield index + 1, cells + ("",) * (len(titles) - len(cells))
