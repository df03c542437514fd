"""PreSens Fibox: one oxygen sensor, as text log of OxyView (Fibox 3) or of the device (Fibox 4).

Fibox 3: Latin-1, CRLF; a preamble whose lines end with `;` (device, calibration, pressure), then a
title line `date(DD/MM/YY); time/hh:mm:ss; logtime/min; oxygen/% airsatur.; phase/°; amp; temp/°C;
ErrorMessage;` and one row for each reading, `E0` where nothing was wrong. The title line comes
again where the unit of oxygen was changed; each such block is read on its own.

Fibox 4: one title line in which `Unit` follows each value, dates such as `02-Dec-2013`, line ends
CRLF and LF mixed. Written from a description; no recording of it was at hand. Neither form has an
end mark.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.presens_fibox.reader import read, sniff
from skinmech_chip_adapters.instruments.presens_fibox.structure import to_records

ADAPTER = Adapter(
    name="presens_fibox",
    display_name="PreSens Fibox 3 and 4",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("fibox",),
)
