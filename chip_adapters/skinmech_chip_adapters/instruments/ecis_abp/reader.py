"""ECIS impedance export to rows, without meaning."""

import re
from dataclasses import dataclass

import numpy as np

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.impedance.cells import (
    Column,
    check_line_end,
    check_width,
    column_missing,
    no_rows,
    number_column,
    split_plainly,
    wrong_format,
)
from skinmech_chip_adapters.instruments.ecis_abp.sections import (
    Section,
    numbers_in,
    parameters,
    section,
    sections_of,
    software_of,
)
from skinmech_chip_adapters.readers import Line, decode, decode_head, parse_number

_KEY = re.compile(r"T(\d{1,9})W(\d{1,4})", re.ASCII)
_TITLE = re.compile(r"(?P<part>[RX])\s+(?P<frequency>\S+)")


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recording as written.

    Attributes:
        keys: Of [ECIS_Parameters].
        trailer: Lines of [Comments], empty where there is no such section.
        has_trailer: True if the section stands behind the data, which are whole then.
        frequency: In Hz as in the titles, shape (frequencies,).
        index: Number of the time point of each row, shape (rows,).
        wells: Well number of each row as text.
        rows: Line number of each row, shape (rows,).
        hours: Shape (rows,).
        real, imaginary: `R` and `X` in ohm, one column for each frequency.
    """

    keys: dict[str, str]
    trailer: tuple[str, ...]
    has_trailer: bool
    frequency: np.ndarray
    index: np.ndarray
    wells: tuple[str, ...]
    rows: np.ndarray
    hours: np.ndarray
    real: tuple[Column, ...]
    imaginary: tuple[Column, ...]


def sniff(head: bytes, name: str) -> Evidence:
    """[ECIS_Parameters] first, and keys with an equals sign that name the file type ABP."""
    lines = [line.strip() for line in decode_head(head[:4096]).splitlines()[:30]]
    if lines and lines[0] == "[ECIS_Parameters]":
        if any(re.fullmatch(r"FileType\s*=\s*ABP", line) for line in lines):
            return Evidence(0.95, ("ECIS parameters of file type ABP",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Parameters, titles, rows and trailer.

    Raises:
        ChipDataError: For a file of another format, a cut row, or cells that are no numbers.
    """
    if not sniff(content[:4096], "").score:
        raise wrong_format(
            "a start without [ECIS_Parameters] and FileType = ABP",
            "an ECIS impedance export (.abp)",
        )
    text = decode(content, entry.encoding)
    check_line_end(text)
    found = sections_of(text.lines)
    keys = parameters(section(found, "ECIS_Parameters"), "=")
    indices, frequency, unparsed = _titles(section(found, "Headings"), keys)
    keyed, lines = _rows(section(found, "Data"), 1 + len(indices) + len(unparsed))
    messages: list[Message] = [] if lines else [no_rows()]
    columns = {
        key: number_column(lines, index, ".", entry, messages) for key, index in indices.items()
    }
    last = section(found, "Data").line
    trailer = found.get("Comments")
    return Parsed(
        tables=Recording(
            keys=keys,
            trailer=tuple(line.strip() for _, line in trailer.lines) if trailer else (),
            has_trailer=trailer is not None and trailer.line > last,
            frequency=frequency,
            index=np.array([int(time) for time, _ in keyed], dtype=np.int64),
            wells=tuple(str(int(well)) for _, well in keyed),
            rows=np.array([line.number for line in lines], dtype=np.int64),
            hours=number_column(lines, 0, ".", entry, messages).values,
            real=tuple(columns["R", one] for one in frequency.tolist()),
            imaginary=tuple(columns["X", one] for one in frequency.tolist()),
        ),
        header="\n".join(line for line in text.lines if not _KEY.match(line)),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=",",
        decimal=".",
        software=software_of(keys),
    )


def _titles(
    headings: Section, keys: dict[str, str]
) -> tuple[dict[tuple[str, float], int], np.ndarray, list[Unparsed]]:
    """Index of each R and X column behind the equals sign, and the frequencies in file order."""
    if not headings.lines:
        raise column_missing(headings.line, "Time", ())
    number, line = headings.lines[0]
    titles = [title.strip() for title in line.strip().rstrip(",").split(",")]
    if titles[:2] != ["Index", "Time"]:
        raise column_missing(number, "Time", titles)
    indices: dict[tuple[str, float], int] = {}
    unparsed = []
    for index, title in enumerate(titles[2:], 1):
        match = _TITLE.fullmatch(title)
        if match is None:
            unparsed.append(Unparsed(f"line {number}", title, "a column this adapter skips"))
            continue
        key = (match["part"], parse_number(match["frequency"]))
        if indices.setdefault(key, index) != index:
            raise ChipDataError(
                "column_twice", locator=f"line {number}", found=f"column {title!r} twice",
                expected="each frequency once", remedy="export the file again",
            )  # fmt: skip
    frequencies = [frequency for part, frequency in indices if part == "R"]
    for part, frequency in [("R", 0.0)] if not indices else indices:
        twin = "X" if part == "R" else "R"
        if (twin, frequency) not in indices:
            raise column_missing(number, f"{twin} {frequency:g}", titles)
    stated = [parse_number(one) for one in numbers_in(keys.get("Frequency", ""))]
    if stated and stated != frequencies:
        raise ChipDataError(
            "inconsistent_header", locator=f"line {number}",
            found=f"{len(frequencies)} frequencies in the titles",
            expected="the frequencies that the key Frequency lists",
            remedy="the file is damaged: export it again",
        )  # fmt: skip
    return indices, np.array(frequencies, dtype=np.float64), unparsed


def _rows(data: Section, width: int) -> tuple[list[tuple[str, str]], list[Line]]:
    """Time and well number of each row, and its cells behind the equals sign."""
    keyed, lines = [], []
    for number, line in data.lines:
        name, equals, cells = line.partition("=")
        match = _KEY.fullmatch(name.strip())
        if match is None or not equals:
            raise ChipDataError(
                "cut_row", locator=f"line {number}", found="a row without its index",
                expected="rows such as 'T1W13 = …'",
                remedy="the file is damaged: export it again",
            )  # fmt: skip
        row = split_plainly([cells.strip().rstrip(",")], ",", number)[0]
        check_width(row, width)
        keyed.append((match[1], match[2]))
        lines.append(row)
    return keyed, lines
