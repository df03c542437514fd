"""Impedance sweeps as observations of the model's own impedance, without a circuit in between."""

import math
from collections.abc import Iterable

import numpy as np

from skinmech.observables.impedance import FREQUENCIES
from skinmech_chip_adapters.schema import Spectrum

from .experiment import Observation

DAY = 86400.0
SWEEP_FREE = (
    "impedance.medium_resistance",
    "impedance.tight_junction_capacitance",
    "impedance.corneum_capacitance",
    "impedance.ideality",
)
"""Parameters of the set-up that a fit to sweeps frees besides those of the tissue."""


def sweep_observations(
    sweeps: Iterable[Spectrum], area: float, notes: list[str], problems: list[str]
) -> list[Observation]:
    """Magnitude and phase of each sweep at the model's frequencies inside its range.

    Both are interpolated over the logarithm of the frequency, the magnitude by its logarithm.

    Args:
        sweeps: Of one chip.
        area: Tissue area [cm2], which makes ohm into ohm cm2.
        notes: Told what was left out.
        problems: Told what cannot be used.
    """
    found: list[Observation] = []
    for number, one in enumerate(sweeps, 1):
        where = f"sweep {one.source_locator or number}"
        if one.excluded:
            notes.append(f"{where}: excluded by a person, left out.")
            continue
        if not math.isfinite(one.time_s):
            problems.append(f"{where}: no time since the chip's t0. Declare it in the side-car.")
            continue
        good = np.isfinite(one.z_ohm) & (np.abs(one.z_ohm) > 0) & (one.frequency_Hz > 0)
        frequency, first = np.unique(one.frequency_Hz[good], return_index=True)
        z = one.z_ohm[good][first] * area
        if frequency.size < 2:
            notes.append(f"{where}: fewer than two usable points, left out.")
            continue
        day = max(one.time_s, 0.0) / DAY
        for label, wanted in FREQUENCIES.items():
            if not frequency[0] <= wanted <= frequency[-1]:
                continue
            at = np.log(wanted), np.log(frequency)
            size = float(np.exp(np.interp(*at, np.log(np.abs(z)))))
            phase = float(np.interp(*at, np.rad2deg(np.unwrap(np.angle(z)))))
            found.append(Observation(f"impedance_{label}", day, size, label=where))
            found.append(Observation(f"impedance_phase_{label}", day, phase, label=where))
    return found
