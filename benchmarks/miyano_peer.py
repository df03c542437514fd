"""The usual Python way with the Miyano model: a numba right-hand side under SciPy's odeint.

Written from the published equations (Miyano 2022), independently of ours: one patient and one arm
at a time, LSODA, states at every time asked for.
"""

import numba
import numpy as np
from scipy.integrate import odeint

START = np.array(
    [0.5931, 0.4069, 3.1, 8.7, 2.0, 21.0, 38.0, 40.5, 5.4, 3.0, 2.0, 1.5, 4.4, 9.7]
)  # fmt: skip
"""Start of the pre-equilibration: barrier, pathogens, Th1, Th2, Th17, Th22, eight cytokines."""


@numba.njit
def rates(y, t, x, e):
    """Rates of change [1/week].

    Args:
        y: State, shape (14,).
        t: Week.
        x: The 51 published values in the published order.
        e: Fractions removed of IL-4, IL-13, IL-17A, IL-22, IL-31, TSLP, OX40L, then interferon
            added, then 1 in a trial arm and 0 before, shape (9,).
    """
    k1, k2, k3, b1, b2 = x[0], x[1], x[2], x[3], x[4]
    b3, b4, b5, d1, d2 = x[5], x[6], x[7], x[8], x[9]
    d3 = x[10]
    b6, d4, d5, d6, d7 = x[11], x[12], x[13], x[14], x[15]
    b7, b8, d8, k5, k9 = x[16], x[17], x[18], x[19], x[20]
    d9, b9, k6, k10, k7 = x[21], x[22], x[23], x[24], x[25]
    k8 = x[26]
    s, p, th1, th2, th17, th22 = y[0], y[1], y[2], y[3], y[4], y[5]
    il4, il13 = (1 - e[0]) * y[6], (1 - e[1]) * y[7]
    il17, il22, il31 = (1 - e[2]) * y[8], (1 - e[3]) * y[9], (1 - e[4]) * y[10]
    ifng = y[11] + e[7]
    tslp, ox40 = (1 - e[5]) * y[12], (1 - e[6]) * y[13]
    out = np.empty(14)
    hindered = (
        (1 + b1 * il4) * (1 + b2 * il13) * (1 + b3 * il17) * (1 + b4 * il22) * (1 + b5 * il31)
    )
    gain = (k1 + k2 * il22 + k3 * e[8]) / hindered
    out[0] = (1 - s) * gain - s * (d1 * (1 + d3 * p) + d2 * il31)
    killing = (1 + d4 * p) * (1 + d5 * il17) * (1 + d6 * il22) * (1 + d7 * ifng)
    out[1] = d8 / (1 + b6 * s) - p * (killing / ((1 + b7 * il4) * (1 + b8 * il13)) + d8)
    share = p / (4 + k9 * ifng + k10 * il4)
    loss = d9 / (1 + b9 * ox40)
    out[2] = k5 * share * (1 + k9 * ifng) - loss * th1
    out[3] = k6 * share * (1 + k10 * il4) - loss * th2
    out[4] = k7 * share - loss * th17
    out[5] = k8 * share - loss * th22
    out[6] = x[27] * th2 + x[28] - x[29] * y[6]
    out[7] = x[30] * th2 + x[31] - x[32] * y[7]
    out[8] = x[33] * th17 + x[34] - x[35] * y[8]
    out[9] = x[36] * th22 + x[37] - x[38] * y[9]
    out[10] = x[39] * th2 + x[40] - x[41] * y[10]
    out[11] = x[42] * th1 + x[43] - x[44] * y[11]
    out[12] = x[45] * p + x[46] - x[47] * y[12]
    out[13] = x[48] * tslp + x[49] - x[50] * y[13]
    return out


def easi(states: np.ndarray) -> np.ndarray:
    """EASI [0-72] of states, shape (..., 14)."""
    return 36.0 * (states[..., 1] + 1.0 - states[..., 0])


def patient(
    values: np.ndarray, arms: np.ndarray, weeks: np.ndarray, rtol: float, atol: float
) -> np.ndarray:
    """EASI of one patient under every arm, from the untreated baseline; shape (arm, time).

    Args:
        values: The 51 published values.
        arms: Rows as `e` of `rates`.
        weeks: Since the start of treatment.
        rtol: Relative tolerance of odeint.
        atol: Absolute tolerance.
    """
    options = {"rtol": rtol, "atol": atol, "mxstep": 5000}
    rest = np.zeros(9)
    start = odeint(rates, START, [0.0, 1000.0], args=(values, rest), **options)[-1]
    return np.stack(
        [easi(odeint(rates, start, weeks, args=(values, e), **options)) for e in arms]
    )  # fmt: skip
