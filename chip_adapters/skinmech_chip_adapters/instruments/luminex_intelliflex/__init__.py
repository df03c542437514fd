"""Luminex INTELLIFLEX: bead-array immunoassays as one wide CSV.

One row for each well. After columns on the run, plate and well, every bead region has a group of
columns such as `R25: RP1 MEDIAN`, `R25: RP1 COUNT`, and in later versions `R25: RP1 ANALYTE NAME`,
`R25: RP1 NET MEDIAN` and the well's `DILUTION`. Dual-reporter runs repeat each group for `RP2`. A
region without a name is an analyte called `R25`, the second reporter's values are `R25 RP2`; the
side-car's `analytes` translates both. The file states no concentration and has no end mark: the
last value is flagged unless the side-car vouches for the plate. `PLATE START` is month first or
ISO.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.luminex_intelliflex.reader import read, sniff
from skinmech_chip_adapters.instruments.luminex_intelliflex.structure import to_records

ADAPTER = Adapter(
    name="luminex_intelliflex",
    display_name="Luminex INTELLIFLEX (CSV)",
    version="1",
    release_state="documented",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("intelliflex",),
    reads_on_chip=False,
)
