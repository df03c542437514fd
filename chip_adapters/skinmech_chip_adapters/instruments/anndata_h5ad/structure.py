"""An AnnData file to a remark in the log."""

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.instruments.anndata_h5ad.reader import Encoding
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.sidecar import Sidecar


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """No values: the matrix is named as left out, with what to do instead."""
    found: Encoding = parsed.tables
    problems = Problems()
    place = Placement(sidecar, entry, problems).file()
    problems.raise_if_any()
    text = (
        f"chip {place.chip if place else ''}: AnnData of encoding {found.version}, {found.size} "
        "bytes, kept by reference; export scores or selected genes as a table and read it with "
        "generic_table"
    )
    return Records(
        messages=(Message(level="warning", code="values_not_read", text=text),),
        unparsed=(Unparsed("/", "X, obs, var, layers", "single cells are not values of a chip"),),
    )
