"""Gen5 bytes to plates, without meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.gen5.tables import (
    Cycle,
    LabelledRow,
    kinetic_tables,
    labelled_rows,
)
from skinmech_chip_adapters.plates import Cuts, plate_decimal
from skinmech_chip_adapters.readers import Line, decode, decode_head, split_lines
from skinmech_chip_adapters.readers.delimited import DELIMITERS

_FIRST = re.compile(r"Software Version([\t;])")
_MODE = re.compile(r"(Absorbance|Fluorescence|Luminescence)\b")
_READS = re.compile(r"(\d{1,6}) Reads")
_WAVELENGTHS = re.compile(r"Wavelengths:\s*(\d{3,4}(?:\s*,\s*\d{3,4})*)")
_KEYS = (
    *("Software Version", "Experiment File Path:", "Protocol File Path:", "Plate Number", "Date"),
    *("Time", "Reader Type:", "Reader Serial Number:", "Reading Type", "Barcode"),
)


@dataclass(frozen=True, slots=True)
class Read:
    """One `Read` of the procedure: its name (may be empty) and mode."""

    name: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """One plate as written.

    Attributes:
        line: Line of `Plate Number`.
        keys: Cells by key of the plate's header.
        reads: Reads of the procedure.
        temperature: Text after `Actual Temperature:`, or empty.
        layout: Rows of `Layout`.
        results: Rows of `Results`.
        cycles: Rows of kinetic tables.
        is_whole: True if something confirms that no row of `Results` and no cycle is missing.
    """

    line: int
    keys: dict[str, str]
    reads: tuple[Read, ...]
    temperature: str
    layout: tuple[LabelledRow, ...]
    results: tuple[LabelledRow, ...]
    cycles: tuple[Cycle, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Export:
    """All plates of a file."""

    plates: tuple[Plate, ...]
    is_cut: bool


def sniff(head: bytes, name: str) -> Evidence:
    """The header's keys, in their order."""
    text = decode_head(head)[:4096]
    first = _FIRST.search(text)
    if first and ("Experiment File Path:" in text or "Plate Number" in text[first.end() :]):
        return Evidence(0.95, ("keys of a Gen5 header",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a Gen5 export into plates and their tables."""
    text = decode(content, entry.encoding)
    first = next((match for line in text.lines if (match := _FIRST.match(line))), None)
    if first is None:
        raise ChipDataError(
            "wrong_format", locator="line 3", found="no line with 'Software Version'",
            expected="a Gen5 text export", remedy="name the right adapter in the side-car",
        )  # fmt: skip
    delimiter = DELIMITERS.get(entry.delimiter, first[1])
    lines = split_lines(text, delimiter)
    starts = [i for i, line in enumerate(lines) if line.cell(0) == "Plate Number"]
    cuts = Cuts(entry)
    before = lines[: starts[0]] if starts else lines
    if not starts or any(line.cell(0) in ("Procedure Details", "Results") for line in before):
        cuts.at("line 1", "a plate without 'Plate Number'", "'Plate Number' and its name")
    plates = []
    for start, end in pairwise([*starts, len(lines)]):
        plates.append(_plate(lines[start:end], cuts, text.ends_with_newline or end < len(lines)))
    version = next((one.cell(1) for one in lines if one.cell(0) == "Software Version"), "")
    messages = list(cuts.messages)
    if not any(one.results or one.cycles for one in plates):
        messages.append(Message(level="warning", code="no_rows", text="the file holds no results"))
    return Parsed(
        tables=Export(tuple(plates), cuts.is_cut),
        header="\n".join(text.lines[: lines[starts[0]].number + 8] if starts else text.lines),
        unparsed=tuple(_unparsed(lines)),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=_decimal(plates, entry, delimiter),
        software=f"Gen5 {version}".strip(),
    )


def _plate(lines: Sequence[Line], cuts: Cuts, is_closed: bool) -> Plate:
    keys: dict[str, str] = {}
    for line in lines:
        if line.cell(0) == "Procedure Details":
            break
        if line.cell(0) in _KEYS:
            keys.setdefault(line.cell(0), line.cell(1))
    at = {line.cell(0): i for i, line in reversed([*enumerate(lines)]) if len(line.cells) == 1}
    layout, _ = labelled_rows(lines, at.get("Layout"), cuts, is_closed=True)
    results, after = labelled_rows(lines, at.get("Results"), cuts, is_closed=is_closed)
    procedure = _procedure(lines, at.get("Procedure Details"))
    match = next((found for line in procedure if (found := _READS.search(line.cell(1)))), None)
    cycles = kinetic_tables(lines, int(match[1]) if match else 0, cuts, is_closed)
    temperature = next((one.cell(1) for one in lines if one.cell(0) == "Actual Temperature:"), "")
    if match and not cycles:
        cuts.at(f"line {lines[-1].number}", "no cycles", f"{match[1]} as the procedure states")
    if sum(line.cells == ("Results",) for line in lines) > 1:
        cuts.at(f"line {lines[-1].number}", "'Results' twice", "'Plate Number' before the second")
    if not results and not cycles:
        cuts.at(f"line {lines[-1].number}", "a plate without results", "'Results' or cycles")
    if cycles:
        followed = _check_cycles(lines, procedure, cycles, bool(match), cuts)
        results_whole = _is_whole(layout, results, cuts, any(one.cells for one in lines[after:]))
        is_whole = followed and results_whole
    else:
        is_whole = _is_whole(layout, results, cuts, any(line.cells for line in lines[after:]))
    return Plate(
        line=lines[0].number,
        keys=keys,
        reads=_reads(procedure),
        temperature=temperature,
        layout=tuple(layout),
        results=tuple(results),
        cycles=tuple(cycles),
        is_whole=is_whole,
    )


def _check_cycles(
    lines: Sequence[Line], procedure: Sequence[Line], cycles: Sequence[Cycle], stated: bool,
    cuts: Cuts,
) -> bool:  # fmt: skip
    """True if the end of the kinetic tables is confirmed; a missing wavelength is a cut."""
    labels = {one.label for one in cycles}
    lists = [found[1] for one in procedure if (found := _WAVELENGTHS.search(one.cell(1)))]
    wanted = sum(len(one.split(",")) for one in lists)
    if len(labels) < wanted:
        cuts.at(f"line {cycles[-1].line}", f"cycles of {len(labels)} wavelengths",
                f"{wanted} as the procedure states")  # fmt: skip
    followed = any(one.cells and one.number > cycles[-1].line + 1 for one in lines)
    return stated or followed


def _is_whole(
    layout: Sequence[LabelledRow], results: Sequence[LabelledRow], cuts: Cuts, followed: bool
) -> bool:
    """Compare the rows of the results with those of the layout."""
    letters = list(dict.fromkeys(row.letter for row in results))
    if layout and results:
        wanted = list(dict.fromkeys(row.letter for row in layout))
        if letters != wanted or layout[0].columns != results[0].columns:
            cuts.at(
                f"line {results[-1].line}",
                f"results of rows {letters[0]} to {letters[-1]}, {len(results[0].columns)} columns",
                f"rows {wanted[0]} to {wanted[-1]}, {len(layout[0].columns)} columns as in the "
                "layout",
            )
        return True
    # A section after the results shows that they end there; so does row H of 12 or P of 24 columns.
    full = bool(results) and (len(results[0].columns), len(letters)) in ((12, 8), (24, 16))
    return full or followed or not results


def _procedure(lines: Sequence[Line], start: int | None) -> list[Line]:
    found: list[Line] = []
    for line in lines[start + 1 :] if start is not None else ():
        if line.cell(0) in ("Layout", "Results", "Actual Temperature:", "Time"):
            break
        found.append(line)
    return found


def _reads(procedure: Sequence[Line]) -> tuple[Read, ...]:
    reads: list[Read] = []
    for line in procedure:
        mode = _MODE.match(line.cell(1))
        if line.cell(0) == "Read":
            reads.append(Read("" if mode else line.cell(1), mode[1].lower() if mode else ""))
        elif reads and not reads[-1].mode and mode and not line.cell(0):
            reads[-1] = Read(reads[-1].name, mode[1].lower())
    return tuple(reads)


def _decimal(plates: Sequence[Plate], entry: FileEntry, delimiter: str) -> str:
    rows = [row for one in plates for row in (*one.results, *one.cycles)]
    tokens = [(row.line, text) for row in rows for text in row.texts]
    tokens += [(one.line, one.temperature) for one in plates]
    tokens += [(cycle.line, cycle.temperature) for one in plates for cycle in one.cycles]
    modes = {read.mode for one in plates for read in one.reads}
    labels = {row.label for one in plates for row in one.results}
    is_absorbance = modes == {"absorbance"} and not any("[" in label for label in labels)
    return plate_decimal(tokens, entry.decimal, delimiter=delimiter, is_absorbance=is_absorbance)


def _unparsed(lines: Sequence[Line]) -> list[Unparsed]:
    reasons = {
        "Procedure Details": "settings of the reader; the modes were used",
        "Layout": "names of the wells were used; nominal concentrations and dilutions were not",
        "Curve Name": "the vendor's standard curve",
    }
    return [
        Unparsed(f"line {line.number}", line.cell(0), reasons[line.cell(0)])
        for line in lines
        if line.cell(0) in reasons
    ]
