"""AnnData files (h5ad): recognised and kept by reference; expression values are not read.

HDF5 whose root group has the attributes `encoding-type = "anndata"` and `encoding-version`. A chip
record takes scores or selected genes as a table (`generic_table`, observable `expression`), not a
matrix of cells by genes. Only what the first bytes and the two attributes say is read here, without
the HDF5 library, which can end its process on damaged content: whether the file is whole, and which
version of the encoding it has.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.anndata_h5ad.reader import read, sniff
from skinmech_chip_adapters.instruments.anndata_h5ad.structure import to_records

ADAPTER = Adapter(
    name="anndata_h5ad",
    display_name="AnnData (h5ad), by reference",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("h5ad", "anndata"),
    reads_on_chip=False,
)
