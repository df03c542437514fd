"""OME-TIFF microscopy images: metadata only, no pixels and no values.

A TIFF (or BigTIFF) whose first image description holds OME-XML: for every image its size along X,
Y, Z, channels and time, the pixel type, the physical pixel size with its unit, and the channels'
names. The XML is kept as header text, one line of the log sums up every image, and the number of
planes is compared with what the XML states, so that a cut file is found. Numbers that come from
images (areas, counts, intensities) belong into a table, read with `generic_table`.

tifffile (extra `ome`) reads the TIFF structure. Other files that the XML names are not opened.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.ome_tiff.reader import read, sniff
from skinmech_chip_adapters.instruments.ome_tiff.structure import to_records

ADAPTER = Adapter(
    name="ome_tiff",
    display_name="OME-TIFF image (metadata)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("ome",),
)
