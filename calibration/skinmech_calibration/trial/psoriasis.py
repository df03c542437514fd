"""A plaque in a population: the loop of TNF, IL-23 and IL-17, lumped over depth.

    T' = k_T (r + (1 − r) a₂₃ g − T)             Th17 cells over those of the untreated plaque
    a₂₃ = p19 · p40 · kinases · (1 − w + w TNF)  what is left of the IL-23 signal
    g = 1 − φ + φ K                              growth factors of dividing keratinocytes
    K' = k_K (a₁₇ − K)                           keratinocyte excess over that of the plaque
    a₁₇ = T (u A + (1 − u) F) RA (1 − s + s TNF)
    S = ρ + (1 − ρ) K^m                          PASI over its baseline

It is the loop of Shmarov 2022 around the untreated plaque, with every state relative to it.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .outcomes import OUTCOME
from .pharmacology import Blockade
from .population import PopulationParameter as P

DIMENSIONS = 7
_OWN = (
    P("th17_rate", 0.10, 0.4, "log", "1/day", "Turnover of Th17 cells in a plaque"),
    P("keratinocyte_rate", 0.05, 0.4, "log", "1/day", "Turnover of keratinocyte excess"),
    P("rate_spread", 0.35, 0.4, "log", "dimensionless", "Spread between patients of ln rates"),
    P("th17_residual", 0.08, 0.8, "logit", "dimensionless", "Th17 activation without IL-23"),
    P("tnf_on_il23", 0.6, 0.8, "logit", "dimensionless", "Share of IL-23 made under TNF"),
    P("tnf_synergy", 0.5, 0.8, "logit", "dimensionless", "Share of IL-17 action that needs TNF"),
    P("il17a_share", 0.75, 0.5, "logit", "dimensionless",
      "Share of IL-17A in IL-17 receptor action; IL-17F has the rest"),
    P("feedback", 0.4, 0.7, "logit", "dimensionless", "Share of Th17 drive that follows growth"),
    P("residual", 0.04, 0.6, "logit", "dimensionless", "PASI that no blockade removes, median"),
    P("residual_spread", 1.2, 0.3, "log", "dimensionless", "Its spread between patients, logit"),
    P("independence_spread", 1.0, 0.4, "log", "dimensionless",
      "Spread between patients of how much a plaque leans on each signal, logit"),
    P("steepness", 1.3, 0.35, "log", "dimensionless", "m, power of PASI over keratinocyte excess"),
    P("steepness_spread", 0.6, 0.35, "log", "dimensionless", "Spread between patients of ln m"),
    P("folate_share", 0.6, 0.7, "logit", "dimensionless",
      "Share of T cell activation that an antimetabolite at full effect takes away"),
)  # fmt: skip
PARAMETERS = (*_OWN, *OUTCOME)
ENDPOINTS = {
    "PASI50": 0.5, "PASI75": 0.25, "PASI90": 0.1, "PASI100": "clear", "PASI_pct_change": "change",
}  # fmt: skip


def remaining(
    v: dict[str, Array], arm: dict[str, Any], z: Float[Array, "patient dimension"]
) -> Float[Array, "day patient"]:
    """S of every patient on every day under one arm.

    Args:
        v: Values of `PARAMETERS`.
        arm: Engagement as arrays, see `arms.stacked`.
        z: Scores of the patients.
    """
    exposure = jnp.exp(v["exposure_spread"] * z[:, 0])
    speed = jnp.exp(v["rate_spread"] * z[:, 1])
    rho = jax.nn.sigmoid(
        jnp.log(v["residual"] / (1 - v["residual"])) + v["residual_spread"] * z[:, 2]
    )

    def leaning(name, score):
        return jax.nn.sigmoid(jnp.log(v[name] / (1 - v[name])) + v["independence_spread"] * score)

    w, s = leaning("tnf_on_il23", z[:, 3]), leaning("tnf_synergy", z[:, 3])
    r = leaning("th17_residual", z[:, 4])
    u = leaning("il17a_share", z[:, 5])

    block = Blockade(v, arm, exposure)
    made, free = block.produced(), block.free
    alive = 1.0 - v["folate_share"] * block.inhibited("folate cycle")
    tnf = free("TNF") * made
    p19 = free("IL-23p19") * free("IL-12/23p40") * block.active("IL-23")
    il23 = p19 * made * (1.0 - w + w * tnf)
    il17 = (u * free("IL-17A") + (1.0 - u) * free("IL-17F")) * free("IL-17RA") * made
    action = il17 * (1.0 - s + s * tnf)
    fall_T = 1.0 - jnp.exp(-v["th17_rate"] * speed)
    fall_K = 1.0 - jnp.exp(-v["keratinocyte_rate"] * speed)

    def day(state, inputs):
        cells, excess = state
        signal, act, fit = inputs
        drive = fit * (r + (1.0 - r) * signal * (1.0 - v["feedback"] + v["feedback"] * excess))
        cells = cells + fall_T * (drive - cells)
        excess = excess + fall_K * (cells * act - excess)
        return (cells, excess), excess

    ones = jnp.ones(z.shape[0])
    _, excess = jax.lax.scan(day, (ones, ones), (il23, action, alive))
    steep = v["steepness"] * jnp.exp(v["steepness_spread"] * z[:, 6])
    return rho + (1.0 - rho) * jnp.maximum(excess, 1e-6) ** steep
