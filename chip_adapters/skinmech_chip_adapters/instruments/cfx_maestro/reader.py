"""CFX Maestro bytes to rows, without meaning."""

from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.readers import decide_decimal, decode_head, split_lines
from skinmech_chip_adapters.readers.titled import (
    Titled,
    account,
    decode_text,
    titled,
    titles_delimiter,
    wrong_format,
)

NEEDED = ("Well", "Fluor", "Cq")
USED = (*NEEDED, "Target", "Content", "Sample")
NUMERIC = ("Cq", "Cq Mean", "Cq Std. Dev", "Starting Quantity (SQ)", "SQ Mean", "Set Point")
_HEAD_LINES = 40

# Columns of the format that are left out, and why.
IGNORED = {
    "Biological Set Name": "label of the plate layout",
    "Cq Mean": "mean of replicates, which are kept one by one",
    "Cq Std. Dev": "computed from replicates",
    "Starting Quantity (SQ)": "from the vendor's standard curve, without a unit",
    "Log Starting Quantity": "from the vendor's standard curve",
    "SQ Mean": "mean of replicates",
    "SQ Std. Dev": "computed from replicates",
    "Set Point": "temperature of the plate reading step",
    "Well Note": "free text",
    "Threshold": "setting of the vendor's analysis",
}


@dataclass(frozen=True, slots=True)
class Run:
    """A file as written; the table has one row for each well and fluorophore."""

    table: Titled


def sniff(head: bytes, name: str) -> Evidence:
    """A row of titles with Well, Fluor and Cq."""
    for line in decode_head(head).splitlines()[:_HEAD_LINES]:
        if titles_delimiter(line, NEEDED):
            return Evidence(0.95, ("titles Well, Fluor and Cq",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Titles and rows."""
    expected = "a CFX export: Well, Fluor, Target, Content, Sample, Cq, …"
    text = decode_text(content, entry, expected)
    at, delimiter = next(
        (
            (index, found)
            for index, line in enumerate(text.lines[:_HEAD_LINES])
            if (found := titles_delimiter(line, NEEDED, entry.delimiter))
        ),
        (0, ""),
    )
    if not delimiter:
        raise wrong_format("line 1", "no titles Well, Fluor and Cq", expected)
    lines = [line for line in split_lines(text, delimiter) if line.number > at]
    table = titled(lines[0], lines[1:], entry, needed=NEEDED, ends=text.ends_with_newline)
    unparsed, messages = account(table, USED, IGNORED)
    tokens = (
        (number, row[title]) for number, row in table.rows for title in NUMERIC if row.get(title)
    )
    plain = delimiter == "," and '"' not in "".join(text.lines)
    return Parsed(
        tables=Run(table),
        header="\n".join(text.lines[: at + 1]),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal, "." if plain else ".,"),
        software="CFX Maestro",
    )
