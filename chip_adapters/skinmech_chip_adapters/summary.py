"""What a record holds, as short lines that a person reads in half a minute."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from skinmech_chip_adapters.record import ChipRecord
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.table import text_of

MAX_REMARKS = 12
_MAX_NAMES = 6
_MAX_TEXT = 160
_STATES = {
    Censor.LEFT: "below range",
    Censor.RIGHT: "above range",
    Censor.INTERVAL: "within an interval",
    Censor.FAILED: "failed",
    Censor.MISSING: "missing",
}


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
        chips = _names([f"{chip} {count}" for chip, count in sorted(by_chip.items())])
        points = Counter(len(one.z_ohm) for one in record.spectra)
        each = f" of {next(iter(points))} points" if len(points) == 1 else ""
        when = _span([one.time_s for one in record.spectra])
        lines.append(("impedance sweeps", f"{len(record.spectra)}{each} ({chips}){when}"))
    lines += _series(record)
    for name, table in (("exposures", record.exposures), ("settings", record.settings)):
        if len(table):
            column = "compound" if name == "exposures" else "setting"
            lines.append((name, ", ".join(sorted(set(table[column])))))
    derived = Counter(zip(record.derivations["name"], record.derivations["accepted"], strict=True))
    for name in sorted({one for one, _ in derived}):
        refused = f", {derived[name, False]} refused" if derived[name, False] else ""
        lines.append(("derived by", f"{name}: {derived[name, True]} accepted{refused}"))
    lines.append(("files", _files(record)))
    lines += [("remarks", text) for text in remarks(record)]
    return lines


def remarks(record: ChipRecord, limit: int = MAX_REMARKS) -> list[str]:
    """Warnings, refused blocks and counts of flags; the same remark on many files only once.

    Args:
        record: The record.
        limit: How many to give at most; a last line counts the rest.
    """
    names = {key: one.filename for key, one in record.sources.items()}
    told: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in record.log:
        if row.level != "info":
            told[row.level, row.code, row.text].append(names.get(row.source_id, ""))
    texts = []
    # Errors (a block was refused) before warnings.
    for (level, _, text), files in sorted(told.items(), key=lambda one: one[0][0] != "error"):
        where = files[0] if len(set(files)) == 1 else f"{len(set(files))} files"
        texts.append(_short(f"{level}: {where} {text}"))
    if len(texts) > limit:
        texts = [*texts[: limit - 1], f"… and {len(texts) - limit + 1} more in the log"]
    flags: Counter[str] = Counter()
    bits = [*record.measurements["flags"], *(one.flags for one in record.spectra)]
    for value, times in Counter(int(one) for one in bits).items():
        for flag in Flag:
            if flag.name and value & flag:
                flags[flag.name.lower().replace("_", " ")] += times
    return texts + [f"{count} flagged {name}" for name, count in sorted(flags.items())]


def _chips(record: ChipRecord) -> str:
    donors = len(set(record.chips["donor_id"]) - {""})
    groups = sorted(set(record.chips["group"]) - {""})
    text = f"{len(record.chips)}" + (f" of {donors} donors" if donors else "")
    return text + (f" in groups {_names(groups)}" if groups else "")


def _area(area: float, source: str) -> str:
    if math.isnan(area):
        return "membrane area not stated: impedance is kept, TEER cannot be computed"
    return f"membrane area {area:g} cm² ({source})"


def _names(names: Sequence[str], most: int = _MAX_NAMES) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _span(times: Iterable[float]) -> str:
    known = np.asarray(list(times), dtype=float)
    known = known[~np.isnan(known)]
    if not known.size:
        return "; time not known"
    first, last = known.min() / 3600, known.max() / 3600
    return f"; {first:.4g} h" if first == last else f"; {first:.4g} to {last:.4g} h"


def _measured(record: ChipRecord) -> list[tuple[str, str]]:
    lines = []
    table = record.measurements
    for name in sorted(set(table["observable"])):
        rows = table.select(observable=name)
        states = Counter(text_of(state) for state in rows["censor"])
        parts = [f"{len(rows)} values in {rows['unit'][0]}{_range(rows['value'])}"]
        analytes = sorted(set(rows["analyte"]) - {""})
        if analytes:
            count = f"{len(analytes)} analytes: " if len(analytes) > 1 else ""
            parts.append(count + _names(analytes))
        wells = len(set(zip(rows["plate_id"], rows["well"], strict=True)) - {("", "")})
        if wells:
            parts.append(f"{wells} wells")
        parts += [f"{states[key.value]} {word}" for key, word in _STATES.items()
                  if states[key.value]]  # fmt: skip
        if rows["excluded"].any():
            parts.append(f"{int(rows['excluded'].sum())} excluded")
        lines.append((name, "; ".join(parts) + _span(rows["time_s"])))
    return lines


def _range(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    return f", {known.min():.4g} to {known.max():.4g}" if known.size else ""


def _series(record: ChipRecord) -> list[tuple[str, str]]:
    lines = []
    kinds = sorted({(one.observable, one.unit) for one in record.series})
    for observable, unit in kinds:
        mine = [one for one in record.series if (one.observable, one.unit) == (observable, unit)]
        chips = _names(sorted({one.chip_id for one in mine}))
        points = sum(len(one.value) for one in mine)
        missing = sum(int(np.isnan(one.value).sum()) for one in mine)
        values = np.concatenate([one.value for one in mine])
        when = _span(
            [float(edge) for one in mine if len(one.time_s) for edge in one.time_s[[0, -1]]]
        )
        channels = f"{len(mine)} channels" if len(mine) > 1 else "1 channel"
        text = f"{channels} on {chips}: {points} points in {unit}{_range(values)}"
        lines.append(
            (f"series {observable}", text + (f"; {missing} missing" if missing else "") + when)
        )
    return lines


def _files(record: ChipRecord) -> str:
    by_adapter: dict[str, list[str]] = defaultdict(list)
    for one in record.sources.values():
        by_adapter[one.adapter].append(one.filename)
    parts = [f"{_names(sorted(names), 4)} ({adapter})" for adapter, names in by_adapter.items()]
    return "; ".join(sorted(parts))
