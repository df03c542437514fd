"""QuantStudio results to measurements of the quantification cycle."""

import math
from collections.abc import Mapping

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.assay import CQ, Assay, Spot
from skinmech_chip_adapters.cycles import agreed_cycles, declared_cycles, within_run
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.instruments.quantstudio.tables import Run
from skinmech_chip_adapters.placement import well_of
from skinmech_chip_adapters.readers import Stamp
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.sidecar import Sidecar

_WORDS = {word: Censor.RIGHT for word in ("Undetermined", "UNDETERMINED", "undetermined")}
_TIMES = ("Experiment Run End Time", "Run End Date/Time")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0", "")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Quantification cycle of every mapped well and target."""
    run: Run = parsed.tables
    assay = Assay(parsed, sidecar, entry, method="qPCR", words=_WORDS)
    cycles = math.nan
    with assay.problems.collect():
        cycles = agreed_cycles(declared_cycles(entry), _cycles(run, assay))
    stamp = _stamp(run, assay)
    rows = [(n, row) for n, row in run.results.rows if row.get("Target") or row["CT"]]
    last = rows[-1][0] if rows else 0
    for number, row in rows:
        cut = number == last and not run.results.ends and not run.has_end
        flags = int(Flag.UNVERIFIED_END) if cut else 0
        _reaction(number, row, assay, cycles, stamp, flags)
    whole = _check_setup(run, rows, assay) or run.has_end
    return assay.records(rows=len(rows), whole=whole, partial=run.results.is_cut)


def _reaction(
    number: int, row: Mapping[str, str], assay: Assay, cycles: float, stamp: Stamp | None,
    flags: int,
) -> None:  # fmt: skip
    where = f"line {number}"
    with assay.problems.collect(locator=f"{where}, column 'CT'"):
        omitted = row.get("Omit", "").lower()
        if omitted not in (*_YES, *_NO):
            assay.problems.add(
                "unknown_word", locator=f"{where}, column 'Omit'", found=f"{omitted[:20]!r}",
                expected="true or false", remedy="correct the cell",
            )  # fmt: skip
        threshold = row.get("Threshold", "")
        notes = [f"threshold {threshold}"] if threshold else []
        notes += ["omitted in the vendor's analysis"] if omitted in _YES else []
        spot = Spot(
            where=where, well=well_of(row["Well Position"], where), sample=row.get("Sample", ""),
            analyte=row.get("Target", "") or row.get("Reporter", ""),
            is_sample=row.get("Task", "").upper() in ("", "UNKNOWN"),
        )  # fmt: skip
        assay.add(
            spot, CQ, within_run(assay.cell(row["CT"]), cycles), flags=flags, stamp=stamp,
            note="; ".join(notes), excluded=omitted in _YES,
        )  # fmt: skip


def _cycles(run: Run, assay: Assay) -> float:
    """Last cycle of the curves; NaN where there are none or where the section was shortened."""
    if not run.amplified:
        return math.nan
    reached = 0.0
    for _, row in run.results.rows:
        for title in ("CT", "Baseline End"):
            with assay.problems.collect():
                value = assay.cell(row.get(title, "")).value
                reached = max(reached, 0.0 if math.isnan(value) else value)
    if reached <= run.amplified:
        return float(run.amplified)
    assay.messages.append(
        Message(level="warning", code="curves_shortened",
                text=f"the curves end at cycle {run.amplified}, but the results go up to "
                f"{reached:g}; the last cycle is taken from the side-car")
    )  # fmt: skip
    return math.nan


def _stamp(run: Run, assay: Assay) -> Stamp | None:
    for key in _TIMES:
        text = run.keys.get(key, "")
        if text and text.upper() not in ("NA", "N/A"):
            return next(iter(assay.stamps([(f"line {run.at[key]}", text)])), None)
    return None


def _check_setup(run: Run, rows: list[tuple[int, Mapping[str, str]]], assay: Assay) -> bool:
    """True if the layout names exactly the reactions of the results; a missing one is a cut."""
    found = {(row["Well Position"], row.get("Target", "")) for _, row in rows}
    missing = sorted(run.setup - found)
    if missing and not run.results.is_cut:
        assay.problems.add(
            "cut_file", locator=f"well {missing[0][0][:8]}",
            found=f"no result for {len(missing)} reactions of [Sample Setup]",
            expected="every reaction of the layout",
            remedy="the file is cut or was edited: export it again",
        )  # fmt: skip
    return bool(run.setup) and run.setup == found
