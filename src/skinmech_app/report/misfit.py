"""Where a fit does not explain its data: values outside the interval of a reading."""

from typing import Any

import numpy as np

from ..plots.style import label

EXPECTED = 0.10  # share of values outside a 90 % interval if the model were right


def outside(experiment: dict[str, Any]) -> tuple[int, int, list[str]]:
    """Count values outside the 90 % interval of a reading.

    Args:
        experiment: As in a fit file.

    Returns:
        Values outside, values in all (those measured within range and with a curve), and the
        observables concerned with the times in days.
    """
    found: dict[str, list[str]] = {}
    total = 0
    for row in experiment["rows"]:
        curve = experiment["curves"].get(row["observable"])
        if curve is None or row["censor"] != "none" or row["value"] is None:
            continue
        total += 1
        low, high = (
            float(np.interp(row["day"], curve["days"], curve[key]))
            for key in ("reading_low", "reading_high")
        )
        if not low <= row["value"] <= high:
            found.setdefault(label(row["observable"]), []).append(f"{row['day']:g}")
    said = [f"{name} (day {', '.join(days)})" for name, days in found.items()]
    return sum(map(len, found.values())), total, said


def sentences(experiments: list[dict[str, Any]]) -> list[str]:
    """One sentence for each experiment with more misses than chance allows."""
    told = []
    for one in experiments:
        count, total, said = outside(one)
        # Twice the expected share, and at least two, before anything is said.
        if count >= 2 and count > 2 * EXPECTED * total:
            told.append(
                f"{one['name']}: {count} of {total} values lie outside the 90 % interval of a "
                f"reading (about {EXPECTED * total:.1f} expected): {'; '.join(said)}. The fit "
                "does not explain these; forecasts of the same quantities inherit the error."
            )
    return told
