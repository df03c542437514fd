"""Writing the 17-column table; the record's own export does it."""

from typing import Any

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.interchange import mpsdb_csv
from skinmech_chip_adapters.record import ChipRecord
from skinmech_chip_adapters.schema import Censor, Measurement
from skinmech_chip_adapters.table import Table


def write(record: ChipRecord) -> bytes:
    """The measurements of a record as the database takes them."""
    return mpsdb_csv(record).encode("utf-8")


def example() -> Example:
    """Water loss and a cytokine of one chip, one value below its limit, one failed."""
    shared: dict[str, Any] = {"chip_id": "C1", "location": "basal", "method": "ELISA kit 7"}
    cytokine: dict[str, Any] = {
        "observable": "concentration",
        "analyte": "IL-8",
        "unit": "pg/mL",
        **shared,
    }
    rows = [
        Measurement(time_s=90000.0, value=41.25, technical_replicate="1", **cytokine),
        Measurement(time_s=90000.0, value=43.5, technical_replicate="2", note="hot", **cytokine),
        Measurement(time_s=180030.0, censor=Censor.LEFT, limit_high=2.5, **cytokine),
        Measurement(time_s=270000.0, censor=Censor.FAILED, **cytokine),
        Measurement(
            chip_id="C1", observable="tewl", unit="g/m**2/h", time_s=0.0, value=31.5, excluded=True
        ),
    ]
    record = ChipRecord(measurements=Table.of(Measurement, rows))
    sidecar = """
[study]
id = "example"
targets = ["IL-8"]
[chip.C1]
[[file]]
path = "upload.csv"
expected = { rows = 5 }
"""
    return Example(filename="upload.csv", content=write(record), sidecar=sidecar, measurements=5)
