"""Nova Biomedical BioProfile FLEX2: metabolites, gases and pH of samples of medium as CSV.

A row of quoted titles (`Date & Time`, `Sample ID`, `Gln`, `Gluc`, `Lac`, …) and one row for each
sample; every line ends in a delimiter. The titles state no unit, so a metabolite is only kept if
`units` in the side-car states it (by default the device shows Gluc and Lac in g/L, Gln and the ions
in mmol/L, gases in mmHg). Glucose and lactate in mmol/L become the observables `glucose` and
`lactate`; in g/L they are mass concentrations and need a name under `analytes`, as nothing is
converted by molar mass. Dates are in the order of the computer's locale (`2/18/2021  10:28:04 AM`,
`24-6-2022`). Samples are mapped by `Sample ID`. No mark ends the file.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.novabio_flex2.reader import read, sniff
from skinmech_chip_adapters.instruments.novabio_flex2.structure import to_records

ADAPTER = Adapter(
    name="novabio_flex2",
    display_name="Nova Biomedical BioProfile FLEX2 (CSV)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    aliases=("flex2", "bioprofile_flex2"),
)
