"""What a record holds, as short lines that a person reads in half a minute."""

import math
from collections import Counter
from collections.abc import Iterable

from skinmech_chip_adapters.record import ChipRecord
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.table import text_of


def summary(record: ChipRecord) -> list[tuple[str, str]]:
    """Pairs of heading and text; only headings that apply."""
    lines = [
        ("study", record.study.study_id + (f": {record.study.title}" if record.study.title else ""))
    ]
    lines.append(("chips", _chips(record)))
    lines += [(f"device {one.device_id}", _area(one.membrane_area_cm2, one.area_source))
              for one in record.devices.values()]  # fmt: skip
    lines += _measured(record)
    if record.spectra:
        by_chip = Counter(one.chip_id for one in record.spectra)
        chips = ", ".join(f"{chip} {count}" for chip, count in sorted(by_chip.items()))
        when = _span(one.time_s for one in record.spectra)
        lines.append(("impedance sweeps", f"{len(record.spectra)} ({chips}){when}"))
    for one in record.series:
        what = f"{one.observable} on {one.chip_id}"
        lines.append(("series", f"{what}: {len(one.value)} points in {one.unit}"))
    for name, table in (("exposures", record.exposures), ("settings", record.settings)):
        if len(table):
            column = "compound" if name == "exposures" else "setting"
            lines.append((name, ", ".join(sorted(set(table[column])))))
    lines.append(("files", ", ".join(sorted(one.filename for one in record.sources.values()))))
    lines += [("remarks", text) for text in _remarks(record)]
    return lines


def _chips(record: ChipRecord) -> str:
    donors = len(set(record.chips["donor_id"]) - {""})
    groups = sorted(set(record.chips["group"]) - {""})
    text = f"{len(record.chips)}" + (f" of {donors} donors" if donors else "")
    return text + (f" in groups {', '.join(groups)}" if groups else "")


def _area(area: float, source: str) -> str:
    if math.isnan(area):
        return "membrane area not stated: impedance is kept, TEER cannot be computed"
    return f"membrane area {area:g} cm² ({source})"


def _span(times: Iterable[float]) -> str:
    known = [time for time in times if not math.isnan(time)]
    return f", {min(known) / 3600:g} to {max(known) / 3600:g} h" if known else ""


def _measured(record: ChipRecord) -> list[tuple[str, str]]:
    lines = []
    table = record.measurements
    for name in sorted(set(table["observable"])):
        rows = table.select(observable=name)
        states = Counter(text_of(state) for state in rows["censor"])
        analytes = sorted(set(rows["analyte"]) - {""})
        parts = [f"{len(rows)} values in {rows['unit'][0]}"]
        if analytes:
            shown = ", ".join(analytes[:6]) + (" …" if len(analytes) > 6 else "")
            parts.append(f"{len(analytes)} analytes: {shown}")
        words = {
            Censor.LEFT: "below range",
            Censor.RIGHT: "above range",
            Censor.INTERVAL: "within an interval",
            Censor.FAILED: "failed",
            Censor.MISSING: "missing",
        }
        parts += [f"{states[key.value]} {word}" for key, word in words.items() if states[key.value]]
        if rows["excluded"].any():
            parts.append(f"{int(rows['excluded'].sum())} excluded")
        lines.append((name, "; ".join(parts) + _span(rows["time_s"])))
    return lines


def _remarks(record: ChipRecord) -> list[str]:
    names = {key: one.filename for key, one in record.sources.items()}
    texts = [
        f"{row.level}: {names.get(row.source_id, '')} {row.text}"
        for row in record.log
        if row.level != "info"
    ]
    flags = Counter(
        flag.name.lower().replace("_", " ")
        for bits in [*record.measurements["flags"], *(one.flags for one in record.spectra)]
        for flag in Flag
        if flag.name and int(bits) & flag
    )
    return texts + [f"{count} flagged {name}" for name, count in sorted(flags.items())]
