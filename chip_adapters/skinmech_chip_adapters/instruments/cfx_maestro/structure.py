"""CFX Maestro rows to measurements of the quantification cycle."""

import math

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.assay import CQ, Assay, Spot
from skinmech_chip_adapters.cycles import declared_cycles, within_run
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.instruments.cfx_maestro.reader import Run
from skinmech_chip_adapters.placement import well_of
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.sidecar import Sidecar

# The software writes these where no amplification crossed the threshold.
_WORDS = {"NaN": Censor.RIGHT, "N/A": Censor.RIGHT}


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Quantification cycle of every mapped well and target."""
    run: Run = parsed.tables
    assay = Assay(parsed, sidecar, entry, method="qPCR", words=_WORDS)
    cycles = math.nan
    with assay.problems.collect():
        cycles = declared_cycles(entry)
    last = run.table.rows[-1][0] if run.table.rows else 0
    for number, row in run.table.rows:
        where = f"line {number}"
        with assay.problems.collect(locator=f"{where}, column 'Cq'"):
            kind = row.get("Content", "")
            spot = Spot(
                where=where, well=well_of(row["Well"], where), sample=row.get("Sample", ""),
                analyte=row.get("Target", "") or row["Fluor"],
                is_sample=not kind or kind.lower().startswith("unk"),
            )  # fmt: skip
            cut = number == last and not run.table.ends
            flags = int(Flag.UNVERIFIED_END) if cut else 0
            assay.add(spot, CQ, within_run(assay.cell(row["Cq"]), cycles), flags=flags)
    return assay.records(rows=len(run.table.rows), whole=False, partial=run.table.is_cut)
