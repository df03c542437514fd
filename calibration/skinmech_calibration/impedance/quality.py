"""Which sweeps deserve a TEER: cleaning of rows, reasons for refusal, and flags.

A refused sweep yields no TEER; a flag goes with an accepted one. The limits separated bubbles,
open circuits and good sweeps in published recordings: good ones had residual sums of
0.0001-0.10, bad ones 2.6-5.1, and their own software still printed a TEER for some of the bad.
"""

import math
from typing import NamedTuple

import numpy as np

RESIDUAL_LIMIT = 1.0
"""Largest accepted sum of squared normalised residuals."""
POINTS_PER_DECADE = 2
"""Fewest points in the decade centred on the layer's corner frequency 1/(2πRC)."""
SLOW_CAPACITANCE = 1.0e-5
"""Capacitance above which an element is no cell membrane [F/cm²] (membranes: about 1e-6)."""


class CleanSweep(NamedTuple):
    """Usable rows of a sweep and the number of rows left out, by cause."""

    frequency: np.ndarray
    z: np.ndarray
    num_zero_frequency: int
    num_not_finite: int


class Assessment(NamedTuple):
    """Reasons to refuse (empty when accepted) and flags."""

    reasons: tuple[str, ...]
    flags: tuple[str, ...]


def clean_sweep(frequency: np.ndarray, z: np.ndarray) -> CleanSweep:
    """Drop rows of frequency 0 (direct-current points) and rows that are not finite.

    Args:
        frequency: Frequencies [Hz], shape (point,).
        z: Complex impedance, shape (point,).

    Raises:
        ValueError: If shapes differ, a frequency is negative or z is not complex.
    """
    frequency, z = np.asarray(frequency, float), np.asarray(z)
    problems = []
    if frequency.ndim != 1 or frequency.shape != z.shape:
        problems.append(
            f"expected frequency and impedance of one common length, got shapes "
            f"{frequency.shape} and {z.shape}"
        )
    if not np.iscomplexobj(z):
        problems.append(
            "expected a complex impedance (Re + j·Im with Im < 0 for a capacitor), got real "
            "numbers; the reader must state both parts"
        )
    if np.any(frequency < 0):
        problems.append(f"expected frequencies in Hz of at least 0, got {np.min(frequency)}")
    if problems:
        raise ValueError("Unable to use the sweep: " + "; ".join(problems) + ".")
    zero = frequency == 0
    broken = ~(np.isfinite(frequency) & np.isfinite(z)) & ~zero
    keep = ~(zero | broken)
    return CleanSweep(frequency[keep], z[keep], int(zero.sum()), int(broken.sum()))


def points_in_decade(frequency: np.ndarray, corner: float) -> int:
    """Number of points within half a decade of the corner frequency on either side."""
    distance = np.abs(np.log10(np.asarray(frequency)) - math.log10(corner))
    return int(np.sum(distance <= 0.5 + 1e-9))


def sweep_reasons(sweep: CleanSweep, num_parameters: int) -> tuple[str, ...]:
    """Reasons to refuse that are visible in the data alone."""
    if 2 * len(sweep.frequency) <= num_parameters:
        return (
            f"{len(sweep.frequency)} usable points; expected more than {num_parameters / 2:g} "
            f"for a circuit of {num_parameters} parameters",
        )
    reasons = []
    real, imaginary = np.real(sweep.z), np.imag(sweep.z)
    if np.any(real < 0):
        where = sweep.frequency[np.argmin(real)]
        reasons.append(f"Re(Z) < 0 (least at {where:g} Hz): open circuit, bubble or bad contact")
    if np.sum(imaginary) > 0:
        reasons.append(
            "Im(Z) is positive as a whole; expected negative for a capacitive layer: does the "
            "file state -Im or -phase?"
        )
    return tuple(reasons)


def assess(
    *,
    frequency: np.ndarray,
    residual_sum: float,
    converged: bool,
    bound_names: tuple[str, ...],
    barrier_elements: tuple[str, ...],
    capacitances: dict[str, float],
    teer: float,
    teer_sd: float,
    corner: float,
    electrodes_fit_circuit: bool,
) -> Assessment:
    """Judge a fit.

    Args:
        frequency: Frequencies used [Hz].
        residual_sum: Σ of squared normalised residuals.
        converged: Whether the optimiser converged.
        bound_names: Parameters on a bound.
        barrier_elements: Resistances summed to the TEER.
        capacitances: Fitted capacitances of barrier elements [F/cm²], by name.
        teer: Fitted TEER [Ω·cm²].
        teer_sd: Its standard deviation [Ω·cm²].
        corner: 1/(2πRC) of the membrane element [Hz].
        electrodes_fit_circuit: Whether the circuit is meant for the number of electrodes.

    Returns:
        Reasons to refuse and flags.
    """
    reasons, flags = [], []
    if not residual_sum <= RESIDUAL_LIMIT:
        reasons.append(
            f"normalised residual sum {residual_sum:.3g}; expected at most {RESIDUAL_LIMIT:g}"
        )
    on_bound = [name for name in bound_names if name in barrier_elements]
    if len(on_bound) == len(barrier_elements):
        reasons.append(f"barrier resistance on a bound of the fit: {', '.join(on_bound)}")
    if not teer_sd < teer:
        reasons.append(f"not identifiable: TEER {teer:.3g} with standard deviation {teer_sd:.3g}")
    count = points_in_decade(frequency, corner)
    if count < POINTS_PER_DECADE:
        reasons.append(
            f"not identifiable: {count} points in the decade around the corner frequency "
            f"{corner:.3g} Hz; expected at least {POINTS_PER_DECADE}"
        )
    flags += [f"{name} on a bound of the fit" for name in bound_names]
    flags += [
        f"{name} = {value * 1e6:.3g} µF/cm² is no cell membrane (electrode or slow interface)"
        for name, value in capacitances.items()
        if value > SLOW_CAPACITANCE
    ]
    if not converged:
        flags.append("optimiser stopped before convergence")
    if not electrodes_fit_circuit:
        flags.append(
            "circuit not meant for this number of electrodes: two electrodes need a "
            "constant-phase element, four do not"
        )
    return Assessment(tuple(reasons), tuple(flags))
