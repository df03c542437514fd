"""INTELLIFLEX bytes to rows, without meaning."""

import re
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
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

NEEDED = ("WELL LOCATION", "SAMPLE ID")
DATES = ("PLATE START", "PLATE END", "WELL ACQUISITION START", "WELL ACQUISITION END")
USED = (*NEEDED, *DATES, "PLATE NAME", "WELL TYPE", "WELL STATUS", "DILUTION", "SOFTWARE VERSION")
GROUP = re.compile(r"(?P<region>R\d+): (?P<reporter>RP[12]) (?P<statistic>.+)")
STATISTICS = ("ANALYTE NAME", "MEDIAN", "NET MEDIAN", "COUNT")
NUMERIC = ("MEDIAN", "NET MEDIAN", "COUNT", "MEAN", "TRIMMED MEAN", "%CV", "AVERAGE MFI")

# Statistics of a bead region that are left out, and why.
IGNORED = {
    "REGION": "repeats the region of the title",
    "BACKGROUND": "taken off in the net median",
    "NET NORMALIZED MEDIAN": "normalised by the vendor",
    "RATIO (RP1/RP2)": "computed from the two reporters",
    "MEAN": "the median is kept",
    "TRIMMED MEAN": "the median is kept",
    "PEAK": "the median is kept",
    "TRIMMED PEAK": "the median is kept",
    "%CV": "spread between beads",
    "TRIMMED %CV": "spread between beads",
    "STANDARD DEVIATION": "spread between beads, not of the measurement",
    "TRIMMED STANDARD DEVIATION": "spread between beads",
    "AVERAGE MFI": "mean of replicates, which are kept one by one",
    "NET AVERAGE MEDIAN": "mean of replicates",
    "NET NORMALIZED AVERAGE MEDIAN": "mean of replicates",
    "REPLICATE %CV": "computed from replicates",
}
_RUN = "describes the run, not the well; kept in the stored file"
_ON_THE_RUN = re.compile(
    r"(MODEL|INSTRUMENT|SERIAL|CALIBRATION|VERIFICATION|FLUIDICS|PLATE|ACTIVE|AUTHORIZED|SIGNING"
    r"|PROTOCOL|PANEL|UPTAKE|NORMALIZATION|DD GATE|BEAD|OPERATING|ACQUISITION|TOTAL|COUNT %CV).*"
)


@dataclass(frozen=True, slots=True)
class Plate:
    """A file as written.

    Attributes:
        table: One row for each well.
        groups: Region, reporter and statistic by title.
    """

    table: Titled
    groups: dict[str, tuple[str, str, str]]


def sniff(head: bytes, name: str) -> Evidence:
    """A line of titles with the well, the sample and bead regions."""
    first = decode_head(head[:65536]).lstrip().partition("\n")[0].partition("\r")[0]
    if titles_delimiter(first, NEEDED) and re.search(r"R\d+: RP[12] ", first):
        return Evidence(0.95, ("WELL LOCATION, SAMPLE ID and bead regions such as R25: RP1",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Titles and rows of wells."""
    expected = "an INTELLIFLEX export: WELL LOCATION, SAMPLE ID, R25: RP1 MEDIAN, …"
    text = decode_text(content, entry, expected)
    delimiter = titles_delimiter(text.lines[0], NEEDED, entry.delimiter)
    if not delimiter or not re.search(r"R\d+: RP[12] ", text.lines[0]):
        raise wrong_format("line 1", "other titles", expected)
    lines = split_lines(text, delimiter)
    table = titled(lines[0], lines[1:], entry, needed=NEEDED, ends=text.ends_with_newline)
    matches = {title: GROUP.fullmatch(title) for title in table.titles}
    groups = {
        title: (match["region"], match["reporter"], match["statistic"])
        for title, match in matches.items()
        if match
    }
    unparsed, messages = _account(table, groups)
    numeric = [title for title, group in groups.items() if group[2] in NUMERIC]
    tokens = (
        (number, row[title]) for number, row in table.rows for title in (*numeric, "DILUTION")
        if row.get(title)
    )  # fmt: skip
    plain = delimiter == "," and '"' not in "".join(text.lines)
    software = next((row["SOFTWARE VERSION"] for _, row in table.rows
                     if row.get("SOFTWARE VERSION")), "INTELLIFLEX")  # fmt: skip
    return Parsed(
        tables=Plate(table, groups),
        header=text.lines[0],
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal, "." if plain else ".,"),
        software=software.partition("/")[0],
    )


def _account(
    table: Titled, groups: dict[str, tuple[str, str, str]]
) -> tuple[list[Unparsed], list[Message]]:
    """Titles that were not mapped; of a statistic, the reason is the same for every region."""
    used = [*USED, *(title for title, group in groups.items() if group[2] in STATISTICS)]
    ignored = {title: IGNORED[group[2]] for title, group in groups.items() if group[2] in IGNORED}
    ignored |= {title: _RUN for title in table.titles if _ON_THE_RUN.fullmatch(title)}
    return account(table, used, ignored)
