"""Impedance sweeps as Nyquist and Bode plots."""

from typing import Any

import numpy as np


def draw_spectra(axes: list[Any], sweeps: list[Any], colour: dict) -> None:
    """Draw all sweeps into three axes; early ones pale, flagged or excluded ones dotted."""
    nyquist, size, phase = axes
    longest = max(sweep.time_s for sweep in sweeps if np.isfinite(sweep.time_s)) if any(
        np.isfinite(sweep.time_s) for sweep in sweeps) else 1.0  # fmt: skip
    for sweep in sorted(sweeps, key=lambda one: one.time_s):
        keep = (sweep.frequency_Hz > 0) & np.isfinite(sweep.z_ohm)
        frequency, z = sweep.frequency_Hz[keep], sweep.z_ohm[keep]
        late = sweep.time_s / longest if np.isfinite(sweep.time_s) and longest > 0 else 0.0
        line = ":" if sweep.flags or sweep.excluded else "-"
        style: dict[str, Any] = {"color": colour[sweep.chip_id], "alpha": 0.25 + 0.75 * late}
        style |= {"lw": 1.2, "ls": line}
        nyquist.plot(z.real, -z.imag, **style)
        size.loglog(frequency, np.abs(z), **style)
        phase.semilogx(frequency, -np.degrees(np.angle(z)), **style)
    nyquist.set_title("Nyquist (pale early, dark late)")
    nyquist.set_xlabel("Re Z [Ω]")
    nyquist.set_ylabel("−Im Z [Ω]")
    nyquist.set_aspect("equal", adjustable="datalim")
    size.set_title("Bode, size (dotted: flagged)")
    size.set_xlabel("Frequency [Hz]")
    size.set_ylabel("|Z| [Ω]")
    phase.set_title("Bode, phase")
    phase.set_xlabel("Frequency [Hz]")
    phase.set_ylabel("−phase [degrees]")
