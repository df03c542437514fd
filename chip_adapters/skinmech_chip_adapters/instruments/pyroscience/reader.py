"""PyroScience bytes to rows of cells, without meaning."""

from collections.abc import Iterator

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments._logger import decode_log, refuse_row
from skinmech_chip_adapters.instruments.pyroscience.status import is_status
from skinmech_chip_adapters.instruments.pyroscience.tables import (
    UNKNOWN,
    Log,
    logger_parts,
    workbench_parts,
)
from skinmech_chip_adapters.readers import Text, decide_decimal, decode_head

_SECTIONS = ("#--- Experiment ---", "#--- System ---")
_OLD = "Pyro Oxygen Logger"
_LEGEND = "This legend elaborates"


def _program(head: str) -> str:
    lines = head.splitlines()[:6]
    if lines and lines[0].startswith(_SECTIONS):
        return "Workbench"
    if any(_OLD in line for line in lines):
        return _OLD
    return ""


def sniff(head: bytes, name: str) -> Evidence:
    """The section line of the Workbench, or the name of the older program."""
    program = _program(decode_head(head))
    return Evidence(0.95, (program,)) if program else Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a log of either program into its header and rows."""
    head = decode_head(content[:8192])
    program = _program(head)
    if not program:
        legend = head.startswith(_LEGEND)
        raise ChipDataError(
            "wrong_format", locator="line 1",
            found="the legend of status numbers" if legend else "no section line of a log",
            expected="a log of the Workbench or of the Pyro Oxygen Logger",
            remedy="leave the legend out; its numbers are known here" if legend else
            "name the right adapter in the side-car",
        )  # fmt: skip
    text = decode_log(content, entry.encoding)
    is_new = program == "Workbench"
    start = _title_line(text, is_new)
    titles = _cells(text.lines[start])
    while titles and not titles[-1]:
        titles.pop()
    if is_new:
        parts, unparsed = workbench_parts(titles, start + 1)
    else:
        groups = _cells(text.lines[start - 1]) if start else []
        parts, unparsed = logger_parts(groups, titles, _settings(text, start), start + 1)
    messages = [
        Message(level="warning", code="unknown_column", locator=one.locator,
                text=f"column {one.name!r} is unknown and was left out")
        for one in unparsed if one.reason == UNKNOWN
    ]  # fmt: skip
    rows = tuple(_rows(text, start, len(titles), is_new, entry, messages))
    numeric = {part.clock["elapsed"] for part in parts}
    numeric |= {column.index for part in parts for column in part.columns}
    decimal = decide_decimal(
        ((line, cells[index]) for line, cells in rows for index in sorted(numeric)), entry.decimal
    )
    if not rows:
        messages.append(
            Message(level="warning", code="no_rows", text="the file holds a header and no values")
        )
    refused = sum(one.code == "cut_row" for one in messages)
    return Parsed(
        tables=Log(program, start + 1, parts, rows, refused),
        header="\n".join(text.lines[: start + 1]),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter="\t",
        decimal=decimal,
        software=_software(text, program),
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("\t")]


def _title_line(text: Text, is_new: bool) -> int:
    for index, line in enumerate(text.lines):
        cells = _cells(line)
        is_title = (
            cells[0].startswith("Date [")
            if is_new
            else cells[0] == "Date" and len(cells) > 1 and cells[1].startswith("Time")
        )
        if is_title and (index < len(text.lines) - 1 or text.ends_with_newline):
            return index
    raise ChipDataError(
        "cut_file", locator=f"line {len(text.lines)}", found="no whole line of column titles",
        expected="titles that start with a date and a time",
        remedy="the file is cut: export it again",
    )  # fmt: skip


def _settings(text: Text, stop: int) -> dict[str, str]:
    """Oxygen unit by channel number, from the lines below `Settings:`."""
    found: dict[str, str] = {}
    inside = False
    for line in text.lines[:stop]:
        cells = _cells(line)
        if cells[0].startswith("Settings:"):
            inside = True
        elif inside and cells[0].startswith("Ch") and len(cells) > 2:
            found.setdefault(cells[0].removeprefix("Ch").strip(" ."), cells[2])
        elif inside and cells[0]:
            break
    return found


def _rows(
    text: Text, start: int, width: int, is_new: bool, entry: FileEntry, messages: list[Message]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    for index in range(start + 1, len(text.lines)):
        if not text.lines[index].strip():
            continue
        cells = _cells(text.lines[index])
        is_last = index == len(text.lines) - 1 and not text.ends_with_newline
        # The Workbench leaves the last line without an end; a whole status closes it.
        is_cut = is_last and not (is_new and is_status(cells[-1]))
        if len(cells) >= width and not any(cells[width:]) and not is_cut:
            yield index + 1, tuple(cells[:width])
            continue
        found = "a last line without its end" if is_cut else f"{len(cells)} cells"
        expected = f"{width} cells as in line {start + 1}, the last one whole"
        refuse_row(index + 1, found, expected, entry, messages)


def _software(text: Text, program: str) -> str:
    for line in text.lines[:12]:
        at = line.find(program)
        if at >= 0:
            return " ".join(line[at:].split("www.")[0].split())
    return program
