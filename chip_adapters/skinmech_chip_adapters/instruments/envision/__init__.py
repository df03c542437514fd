"""PerkinElmer EnVision: plates of absorbance, fluorescence or luminescence as CSV.

For each plate three sections: `Plate information` (one row of settings with barcode, chamber
temperature and measurement date), `Background information`, and one `Results for A450(1) -
channel 1 (A)` for each label, a grid whose rows end in a delimiter. At the end of the file stand
the protocol, `Plate type` (rows and columns of the plate), `Operations` (the plates that were
read), `Labels`, `Instrument` and the version: without `Instrument` the file is cut. The separator
and the decimal sign are those of the computer. Text cells may be written as ="1050242".
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.envision.reader import read, sniff
from skinmech_chip_adapters.instruments.envision.structure import to_records
from skinmech_chip_adapters.plates import EXTRA_KEYS

ADAPTER = Adapter(
    name="envision",
    display_name="PerkinElmer EnVision (CSV)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    aliases=("perkin_elmer_envision",),
    extra_keys=EXTRA_KEYS,
)
