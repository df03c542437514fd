"""Bio-Rad Bio-Plex Manager: bead-array immunoassays as XML, or the same compressed with gzip.

Root `BioPlexManager` in a Bio-Rad namespace. `Wells/Well` holds what was acquired: plate, time in
UTC, run conditions, and counts and medians of each `BeadRegion`. `Samples` groups `Blanks`,
`Controls`, `Standards` and `Unknowns`; each has a label, a dilution and `MemberWell`s with one
`MWAnalyte` for each analyte: `Reading` (median fluorescence, with `Valid`, `Code` and
`OutlierType`) and `MWObsConc` (concentration from the standard curve, with `ReadingOK`, `ReadError`
and `RecoveryRange`). A concentration that is not OK is written as 0: it is no value. Its unit
stands in `StandardCurves/…/ConcentrationUnits` and is often empty; then the concentration is kept
only with `units = { "MWObsConc" = "…" }`. Only unknowns are samples. The end of the root element
shows that the file is whole.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.bioplex_manager.reader import read, sniff
from skinmech_chip_adapters.instruments.bioplex_manager.structure import to_records

ADAPTER = Adapter(
    name="bioplex_manager",
    display_name="Bio-Rad Bio-Plex Manager (XML, XML.GZ)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("bioplex",),
    reads_on_chip=False,
)
