"""The 17-column upload table of the microphysiology systems database, as CSV.

The one interchange file that chip labs share; `ChipRecord.to_mpsdb_csv` writes it. Time is in the
columns Day, Hour and Minute. The table names targets freely and has no column for what kind of
quantity a value is: the observable is the Subtarget or the Target if that is its name, else the
side-car's `observables = { "target" = "observable" }`, else `concentration` where the unit is one.
Caution flag `E` means outside the calibration range, `F` not calculable.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.mpsdb_csv.reader import read, sniff
from skinmech_chip_adapters.instruments.mpsdb_csv.structure import to_records

ADAPTER = Adapter(
    name="mpsdb_csv",
    display_name="Microphysiology systems database table (CSV)",
    version="1",
    release_state="documented",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("mpsdb",),
    reads_on_chip=False,
    extra_keys={"observables": "observable by target, where the name of the target is none"},
)
