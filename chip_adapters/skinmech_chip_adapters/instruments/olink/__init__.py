"""Olink Explore: normalised protein expression (NPX) as a long table, CSV or parquet.

One row for each sample and assay: `SampleID`, `OlinkID`, `UniProt`, `Assay`, `Panel`, `PlateID`,
`NPX`, `Normalization`, and either `LOD`, `QC_Warning`, `Assay_Warning` (Explore 1536 and 3072,
separated by semicolons) or `SampleType`, `WellID`, `Block`, `Count`, `ExtNPX`, `PCNormalizedNPX`,
`AssayQC`, `SampleQC` (Explore HT, parquet, which needs the extra `olink`). NPX is log2 and
relative: it is no concentration, and values of different normalisations are not comparable. Values
below the limit of detection are reported all the same; where the file states the limit they become
left-censored there, the reported number staying in `raw_text`. Sample and assay controls are kept
out. The analyte is the `Assay`, or the `OlinkID` where the side-car's `analytes` names it.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.olink.reader import read, sniff
from skinmech_chip_adapters.instruments.olink.structure import to_records

ADAPTER = Adapter(
    name="olink",
    display_name="Olink Explore NPX (CSV, parquet)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("npx",),
    reads_on_chip=False,
)
