"""MSD Discovery Workbench: electrochemiluminescence immunoassay plates as CSV.

The first line is the plate's name (padded with commas by Excel), then a header whose set of columns
varies, then one row for each well and assay. The file states no time and no unit of concentration:
without `units = { "Calc. Concentration" = "…" }` in the side-car only the signal is kept. The last
line may lack its end. The dilution is recorded and not applied.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.msd_discovery_workbench.reader import read, sniff
from skinmech_chip_adapters.instruments.msd_discovery_workbench.structure import to_records

ADAPTER = Adapter(
    name="msd_discovery_workbench",
    display_name="MSD Discovery Workbench (CSV)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    aliases=("msd", "msd_workbench"),
)
