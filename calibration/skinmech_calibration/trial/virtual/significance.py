"""The test that a trial is judged by: against control, over strata."""

import numpy as np
from jaxtyping import Float, Int
from scipy.stats import norm


def p_values(
    value: Float[np.ndarray, "trial patient"],
    arm: Int[np.ndarray, "trial patient"],
    stratum: Int[np.ndarray, "trial patient"],
    active: int,
    strata: int,
) -> Float[np.ndarray, " trial"]:
    """Two-sided p-value of one arm against the first in every trial.

    Responses (0 or 1): Cochran-Mantel-Haenszel over the strata without continuity correction
    (Mantel & Haenszel 1959, J Natl Cancer Inst 22, 719); with one stratum it is the test of two
    proportions with pooled variance, N − 1 in place of N. The same formula with the permutation
    variance serves falls of a score. Patients whose value is NaN do not take part.
    """
    excess = np.zeros(len(value))
    variance = np.zeros(len(value))
    seen = np.isfinite(value)
    known = np.where(seen, value, 0.0)
    for place in range(strata):
        inside = seen & (stratum == place)
        treated, control = inside & (arm == active), inside & (arm == 0)
        n1, n0 = treated.sum(axis=1), control.sum(axis=1)
        both = treated | control
        n = np.maximum(n1 + n0, 2)
        total = np.sum(known * both, axis=1)
        squares = np.sum(known**2 * both, axis=1)
        excess += np.sum(known * treated, axis=1) - n1 * total / n
        variance += n1 * n0 * (squares - total**2 / n) / (n * (n - 1.0))
    z = np.where(variance > 0, excess / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)
    return 2.0 * norm.sf(np.abs(z))


def wilson(count: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Interval for a probability from a count (Wilson 1927, J Am Stat Assoc 22, 209)."""
    z = float(norm.isf(0.5 * (1.0 - level)))
    share, spread = count / of, z**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * np.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - float(half)), min(1.0, middle + float(half))
