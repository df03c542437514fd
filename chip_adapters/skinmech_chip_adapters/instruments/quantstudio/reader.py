"""QuantStudio bytes to keys and tables, without meaning."""

import re
from collections.abc import Iterable

from skinmech_chip_adapters.adapter import Evidence, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.quantstudio.sheet import is_sheet, read_sheet, sniff_sheet
from skinmech_chip_adapters.instruments.quantstudio.tables import (
    IGNORED,
    NEEDED,
    NUMERIC,
    USED,
    Run,
    named,
)
from skinmech_chip_adapters.readers import Line, decide_decimal, decode_head, split_lines
from skinmech_chip_adapters.readers.encoding import Text
from skinmech_chip_adapters.readers.titled import (
    Titled,
    account,
    decode_text,
    titled,
    wrong_format,
)

_KEY = re.compile(r"\* (?P<key>[^=\t]{1,80}?) +=(?P<value>.*)")
_SECTION = re.compile(r"\[(?P<name>[A-Z][A-Za-z &/-]{2,40})\]")
_INSTRUMENT = re.compile(r"\* (Instrument Type|Block Type|Experiment Type) +=")
_EXPECTED = "a QuantStudio export: lines '* Key = value', then [Results]"


def sniff(head: bytes, name: str) -> Evidence:
    """Keys with stars and a section in brackets, or a workbook of Design & Analysis."""
    if is_sheet(head):
        return sniff_sheet(head)
    lines = decode_head(head).splitlines()
    if any(_INSTRUMENT.match(line) for line in lines[:60]) and lines[0].startswith("* "):
        return Evidence(0.95, ("keys such as * Block Type = …",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Keys and results of either form."""
    if is_sheet(content):
        run, encoding, newline, unparsed = *read_sheet(content, entry), []
        header, tokens = "", list(_tokens(run.results, NUMERIC))
    else:
        text = decode_text(content, entry, _EXPECTED)
        run, extra, unparsed = _read_text(text, entry)
        encoding, newline = text.encoding, text.newline
        header = "\n".join(line for line in text.lines if line.startswith("* "))
        tokens = [*_tokens(run.results, NUMERIC), *extra]
    left_out, messages = account(run.results, USED, IGNORED)
    version = run.keys.get("Software Name and Version") or run.keys.get("Instrument Type", "")
    return Parsed(
        tables=run,
        header=header,
        unparsed=(*left_out, *unparsed),
        messages=tuple(messages),
        encoding=encoding,
        newline=newline,
        delimiter="\t",
        decimal=decide_decimal(tokens, entry.decimal),
        software=version or "QuantStudio",
    )


def _tokens(table: Titled, titles: Iterable[str]) -> Iterable[tuple[int, str]]:
    titles = tuple(titles)
    return ((line, row[name]) for line, row in table.rows for name in titles if row.get(name))


def _read_text(text: Text, entry: FileEntry) -> tuple[Run, list[tuple[int, str]], list[Unparsed]]:
    """The run, further tokens that show the decimal sign, and what was left out."""
    if not text.lines or not text.lines[0].startswith("* "):
        raise wrong_format("line 1", "a first line that is no key", _EXPECTED)
    keys, at = {}, {}
    for number, line in enumerate(text.lines, 1):
        match = _KEY.match(line)
        if match:
            keys[match["key"].strip()], at[match["key"].strip()] = match["value"].strip(), number
    if not keys:
        raise wrong_format("line 1", "no line '* Key = value'", _EXPECTED)
    sections = _sections(split_lines(text, "\t"))
    if "Results" not in sections or not sections["Results"]:
        raise ChipDataError(
            "cut_file", locator=f"line {len(text.lines)}", found="no section [Results]",
            expected="[Results] after the other sections",
            remedy="the file is cut, or was exported without results: export it again",
        )  # fmt: skip
    lines = sections["Results"]
    block = _block(lines)
    results = titled(named(block[0]), block[1:], entry, needed=NEEDED, ends=text.ends_with_newline)
    setup = _loose(sections.get("Sample Setup", []), entry)
    curves = _loose(sections.get("Amplification Data", []), entry)
    cycles = {row.get("Cycle", "") for _, row in curves.rows} if curves else set()
    numbers = [int(one) for one in cycles if one.isascii() and one.isdigit() and len(one) < 4]
    after = len(block) < len(lines) or list(sections)[-1] != "Results"
    run = Run(
        keys, at, results,
        frozenset((row.get("Well Position", ""), row["Target"]) for _, row in setup.rows
                  if row.get("Target")) if setup else frozenset(),
        max(numbers, default=0), after,
    )  # fmt: skip
    unparsed = [Unparsed(f"line {lines[0].number}", name, "not needed for the results")
                for name, lines in sections.items()
                if lines and name not in ("Results", "Sample Setup")]  # fmt: skip
    footer = [line for line in lines[len(block) :] if line.cells]
    _check_footer(footer)
    unparsed += [Unparsed(f"line {one.number}", one.cells[0][:40], "setting of the vendor's "
                          "analysis") for one in footer]  # fmt: skip
    return run, list(_tokens(curves, ("Rn", "Delta Rn"))) if curves else [], unparsed


def _sections(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Lines by section, without the line of its name; empty lines before the titles left out."""
    sections: dict[str, list[Line]] = {}
    name = ""
    for line in lines:
        match = _SECTION.fullmatch(line.cells[0]) if len(line.cells) == 1 else None
        if match:
            name = match["name"].strip()
            if name in sections:
                raise ChipDataError(
                    "block_twice", locator=f"line {line.number}", found=f"section {name!r} again",
                    expected="each section once", remedy="split the file by run",
                )  # fmt: skip
            sections[name] = []
        elif name and (line.cells or sections[name]):
            sections[name].append(line)
    return sections


def _block(lines: list[Line]) -> list[Line]:
    """Titles and rows up to the first empty line."""
    end = next((i for i, line in enumerate(lines) if not line.cells), len(lines))
    return lines[:end]


def _check_footer(lines: list[Line]) -> None:
    """After the results stand settings only; rows below an empty line would be lost."""
    for line in lines:
        if len(line.cells) > 1 or "=" not in line.cell(0):
            raise ChipDataError(
                "cut_row", locator=f"line {line.number}", found="a row below an empty line",
                expected="results without empty lines, then settings such as 'Key = value'",
                remedy="the file is cut or was edited: export it again",
            )  # fmt: skip


def _loose(lines: list[Line], entry: FileEntry) -> Titled | None:
    """A section that only supports the results; its rows may lack empty cells."""
    block = _block(lines)
    if not block:
        return None
    try:
        return titled(named(block[0]), block[1:], entry, ragged=True)
    except ChipDataError:
        if entry.on_bad_row == "error":
            raise
        return None
