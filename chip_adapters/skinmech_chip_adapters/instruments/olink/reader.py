"""Olink NPX bytes to rows, without meaning."""

from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.instruments.olink.parquet import is_parquet, read_parquet, sniff_parquet
from skinmech_chip_adapters.readers import decide_decimal, decode_head, split_lines
from skinmech_chip_adapters.readers.titled import (
    Titled,
    account,
    decode_text,
    titled,
    titles_delimiter,
    wrong_format,
)

NEEDED = ("SampleID", "OlinkID", "NPX")
USED = (
    *(*NEEDED, "Assay", "Panel", "PlateID", "WellID", "LOD", "QC_Warning", "Assay_Warning"),
    *("SampleQC", "AssayQC", "SampleType", "Sample_Type", "AssayType", "Normalization"),
)
NUMERIC = ("NPX", "LOD", "ExtNPX", "PCNormalizedNPX", "MissingFreq")
EXPECTED = "an Olink NPX table: SampleID, OlinkID, …, NPX"

# Columns of the format that are left out, and why.
IGNORED = {
    "Index": "row number of the vendor",
    "UniProt": "identifier of the protein; the assay is kept",
    "MissingFreq": "share of samples below the limit of detection",
    "Panel_Lot_Nr": "lot of the panel",
    "Panel_Version": "lot of the panel",
    "Block": "block of the panel",
    "Count": "counts before normalisation",
    "ExtNPX": "before normalisation between plates",
    "PCNormalizedNPX": "the plate-control normalisation; the project's normalisation is kept",
    "PCNormalizedLOD": "of the plate-control normalisation",
    "ExploreVersion": "version of the software",
    "DataAnalysisRefID": "version of the vendor's reference",
    "PlateLOD": "the limit of the project is used",
    "MaxLOD": "the limit of the project is used",
}


@dataclass(frozen=True, slots=True)
class Project:
    """A file as written.

    Attributes:
        table: One row for each sample and assay.
        unit: `line` or `row`, for messages.
        is_whole: True if the container shows that nothing is missing.
    """

    table: Titled
    unit: str
    is_whole: bool


def sniff(head: bytes, name: str) -> Evidence:
    """Titles SampleID, OlinkID and NPX, as text or as columns of a parquet file."""
    if is_parquet(head):
        return sniff_parquet(head)
    first = decode_head(head).lstrip().partition("\n")[0].partition("\r")[0]
    if titles_delimiter(first, NEEDED):
        return Evidence(0.95, ("titles SampleID, OlinkID and NPX",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Titles and rows of either form."""
    if is_parquet(content):
        table, software = read_parquet(content, entry)
        form, delimiter, header = ("parquet", "parquet"), "", ""
        project, possible = Project(table, "row", True), "."
    else:
        text = decode_text(content, entry, EXPECTED)
        delimiter = titles_delimiter(text.lines[0], NEEDED, entry.delimiter)
        if not delimiter:
            raise wrong_format("line 1", "other titles", EXPECTED)
        lines = split_lines(text, delimiter)
        table = titled(lines[0], lines[1:], entry, needed=NEEDED, ends=text.ends_with_newline)
        project, software = Project(table, "line", False), "Olink NPX"
        form, header = (text.encoding, text.newline), text.lines[0]
        possible = "." if delimiter == "," and '"' not in "".join(text.lines) else ".,"
    unparsed, messages = account(table, USED, IGNORED)
    tokens = (
        (number, row[title]) for number, row in table.rows for title in NUMERIC if row.get(title)
    )
    return Parsed(
        tables=project,
        header=header,
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=form[0],
        newline=form[1],
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal, possible),
        software=software,
    )
