"""Writing NPX tables as Olink does, for tests and simulated recordings."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example

_TITLES = (
    *("SampleID", "Index", "OlinkID", "UniProt", "Assay", "MissingFreq", "Panel", "Panel_Lot_Nr"),
    *("PlateID", "QC_Warning", "LOD", "NPX", "Normalization", "Assay_Warning", "Sample_Type"),
    "ExploreVersion",
)


@dataclass(frozen=True, slots=True)
class Value:
    """One sample and assay; `lod` NaN where the file states none."""

    sample: str
    olink_id: str
    assay: str
    npx: float
    lod: float = math.nan
    panel: str = "Inflammation"
    sample_qc: str = "PASS"
    assay_qc: str = "PASS"
    sample_type: str = "SAMPLE"


def write(
    values: Sequence[Value],
    *,
    delimiter: str = ";",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "utf-8",
) -> bytes:
    """An Explore table as text.

    Args:
        values: In file order.
        delimiter: `;`, `,` or a tab; cells that hold it are quoted.
        decimal: `.` or `,`.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: Any Python encoding.
    """

    def number(value: float) -> str:
        return "NaN" if math.isnan(value) else repr(value).replace(".", decimal)

    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline)
    writer.writerow(_TITLES)
    for index, one in enumerate(values, 1):
        writer.writerow(
            (
                *(one.sample, index, one.olink_id, "P00000", one.assay, f"0{decimal}1", one.panel),
                *("B1", "Plate_1", one.sample_qc, number(one.lod), number(one.npx)),
                *("Plate control", one.assay_qc, one.sample_type, "4.27.0"),
            )
        )
    return stream.getvalue().encode(encoding)


def write_parquet(values: Sequence[Value]) -> bytes:
    """An Explore HT table as parquet (needs the extra `olink`); it states no limit of detection."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = len(values)
    table = pa.table(
        {
            "SampleID": [one.sample for one in values],
            "SampleType": [one.sample_type for one in values],
            "PlateID": ["Plate_1"] * count,
            "OlinkID": [one.olink_id for one in values],
            "UniProt": ["P00000"] * count,
            "Assay": [one.assay for one in values],
            "AssayType": ["assay"] * count,
            "Panel": [one.panel for one in values],
            "Count": pa.array([100] * count, pa.int32()),
            "NPX": pa.array([one.npx for one in values], pa.float64()),
            "Normalization": ["Plate control"] * count,
            "AssayQC": [one.assay_qc for one in values],
            "SampleQC": [one.sample_qc for one in values],
        }
    ).replace_schema_metadata({"DataFileType": "NPX File", "Product": "ExploreHT"})
    stream = io.BytesIO()
    pq.write_table(table, stream, write_page_checksum=True)
    return stream.getvalue()


def example() -> Example:
    """Two chips and a control on two assays; one value below the limit, one with a warning."""
    values = [
        Value("C1 d3", "OID20101", "IL6", 2.25, 0.5),
        Value("C1 d3", "OID20102", "CXCL8", 0.125, 0.25),
        Value("C2 d3", "OID20101", "IL6", -1.5, -2.0, sample_qc="WARN"),
        Value("C2 d3", "OID20102", "CXCL8", 4.0625, 0.25),
        Value("CONTROL", "OID20101", "IL6", 1.0, 0.5, sample_type="PLATE_CONTROL"),
    ]
    sidecar = """
[study]
id = "example"
targets = ["IL6", "CXCL8"]
[chip.C1]
[chip.C2]
[[file]]
path = "npx.csv"
time = "72 h"
location = "effluent_basal"
expected = { rows = 5 }
[file.well_map]
"C1 d3" = { chip = "C1" }
"C2 d3" = { chip = "C2" }
"""
    return Example(filename="npx.csv", content=write(values), sidecar=sidecar, measurements=4)
