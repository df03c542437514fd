"""Bio-Rad CFX Maestro: quantification cycles as CSV.

The export `Quantification Cq Results`: the first column has no title and no content, then `Well`,
`Fluor`, `Target`, `Content`, `Sample`, …, `Cq`, `Cq Mean`, …. Lines about the run may come before
the titles. `Content` is `Unkn`, `Std-1`, `NTC`, …; only unknowns are samples. A reaction without
amplification has `NaN` or `N/A` as `Cq`, and in older versions `0.00` as `Cq Mean`, which is not a
value: it is right-censored at the last cycle, which the file does not state (`cycles` in the
side-car). Where `Target` is empty the analyte is the fluorophore. The file states no time and has
no end mark.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.cycles import CYCLES_KEY
from skinmech_chip_adapters.instruments.cfx_maestro.reader import read, sniff
from skinmech_chip_adapters.instruments.cfx_maestro.structure import to_records

ADAPTER = Adapter(
    name="cfx_maestro",
    display_name="Bio-Rad CFX Maestro (CSV)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("cfx",),
    reads_on_chip=False,
    extra_keys=CYCLES_KEY,
)
