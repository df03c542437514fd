"""An eczema lesion in a population: Th2 cells, barrier and signals, lumped over depth.

    H' = k_T ((1 − φ) + φ K · alarm − H)       Th2 cells over those of the untreated lesion
    alarm = TSLP · OX40L                       priming and survival that drugs leave
    a = s₂ H type II + (1 − λ + λ H)(s₃ IL-31 + s₄ IL-22 + s₅ IFN-γ)      shares s sum to 1
    K' = k_K (a − K)                           barrier damage and signs over the untreated ones
    S = ρ + (1 − ρ) K^m                                EASI over its baseline

It is the loop of Miyano 2022 around the untreated lesion: cytokines of Th2 and Th22 cells damage
the barrier, the barrier lets antigens in, antigens prime the cells.
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
    P("t_helper_rate", 0.04, 0.4, "log", "1/day", "Turnover of Th2 cells in a lesion"),
    P("sign_rate", 0.06, 0.4, "log", "1/day", "How fast signs follow the signals"),
    P("rate_spread", 0.35, 0.4, "log", "dimensionless", "Spread between patients of ln rates"),
    P("feedback", 0.5, 0.6, "logit", "dimensionless", "Share of Th2 drive that follows signs"),
    P("type2_weight", 1.0, 0.4, "log", "dimensionless", "Weight of IL-4 and IL-13 on signs"),
    P("il31_weight", 0.35, 0.5, "log", "dimensionless", "Weight of IL-31 and scratching on signs"),
    P("il22_weight", 0.3, 0.5, "log", "dimensionless", "Weight of IL-22 on signs"),
    P("ifng_weight", 0.2, 0.5, "log", "dimensionless", "Weight of IFN-gamma on signs"),
    P("il4_share", 0.2, 0.5, "logit", "dimensionless",
      "Share of IL-4 in what the type II receptor receives; IL-13 has the rest"),
    P("th22_dependence", 0.5, 0.7, "logit", "dimensionless",
      "Share of IL-31, IL-22 and IFN-gamma that falls with Th2 cells and the barrier"),
    P("weight_spread", 0.7, 0.3, "log", "dimensionless", "Spread between patients of ln weights"),
    P("residual", 0.04, 0.6, "logit", "dimensionless", "EASI that no blockade removes, median"),
    P("residual_spread", 1.2, 0.3, "log", "dimensionless", "Its spread between patients, logit"),
    P("steepness", 1.5, 0.35, "log", "dimensionless", "m, power of EASI over signs"),
    P("steepness_spread", 0.5, 0.35, "log", "dimensionless", "Spread between patients of ln m"),
    P("steroid_share", 0.5, 0.6, "logit", "dimensionless",
      "Share of every signal that a fully acting topical steroid takes away"),
    P("topical_use", 0.5, 0.6, "log", "dimensionless",
      "Occupancy odds of background topical steroids as patients use them"),
    P("calcineurin_share", 0.6, 0.6, "logit", "dimensionless",
      "Share of T cell cytokines that calcineurin inhibition takes away"),
)  # fmt: skip
PARAMETERS = (*_OWN, *OUTCOME)
ENDPOINTS = {
    "EASI50": 0.5, "EASI75": 0.25, "EASI90": 0.1, "EASI100": "clear", "IGA01": "almost clear",
    "EASI_pct_change": "change",
}  # fmt: skip


def remaining(
    v: dict[str, Array], arm: dict[str, Any], z: Float[Array, "patient dimension"]
) -> Float[Array, "day patient"]:
    """S of every patient on every day under one arm; see `psoriasis.remaining`."""
    exposure = jnp.exp(v["exposure_spread"] * z[:, 0])
    speed = jnp.exp(v["rate_spread"] * z[:, 1])
    odds = jnp.log(v["residual"] / (1 - v["residual"]))
    rho = jax.nn.sigmoid(odds + v["residual_spread"] * z[:, 2])
    steep = v["steepness"] * jnp.exp(v["steepness_spread"] * z[:, 3])
    weight = {
        "type2": v["type2_weight"] * jnp.exp(v["weight_spread"] * z[:, 4]),
        "il31": v["il31_weight"] * jnp.exp(v["weight_spread"] * z[:, 5]),
        "il22": v["il22_weight"] * jnp.exp(v["weight_spread"] * z[:, 6]),
        "ifng": v["ifng_weight"] * jnp.exp(-v["weight_spread"] * z[:, 6]),
    }
    total = sum(weight.values())
    share = {name: one / total for name, one in weight.items()}

    block = Blockade(v, arm, exposure)
    free = block.free
    use = arm["background"] * v["topical_use"] + arm["steroid"][:, None]
    dampened = 1.0 - v["steroid_share"] * use / (1.0 + use)
    dampened = dampened * (1.0 - v["calcineurin_share"] * block.inhibited("calcineurin"))
    dampened = dampened * block.produced()
    received = v["il4_share"] * free("IL-4") + (1.0 - v["il4_share"]) * free("IL-13")
    type2 = received * free("IL-4Ra") * block.active("IL-4/IL-13 type II") * dampened
    il31 = free("IL-31RA") * block.active("IL-31") * dampened
    il22 = free("IL-22") * block.active("IL-22") * dampened
    ifng = free("IFNg") * block.active("IFNg") * dampened
    alarm = free("TSLP") * block.active("TSLP") * free("OX40") * dampened
    fall_H = 1.0 - jnp.exp(-v["t_helper_rate"] * speed)
    fall_K = 1.0 - jnp.exp(-v["sign_rate"] * speed)
    linked = v["th22_dependence"]

    def day(state, inputs):
        cells, signs = state
        t2, i31, i22, ifn, alarmed = inputs
        drive = (1.0 - v["feedback"]) + v["feedback"] * signs * alarmed
        others = 1.0 - linked + linked * cells
        act = share["type2"] * cells * t2 + others * (
            share["il31"] * i31 + share["il22"] * i22 + share["ifng"] * ifn
        )
        return (cells + fall_H * (drive - cells), signs + fall_K * (act - signs)), signs

    ones = jnp.ones(z.shape[0])
    series = [jnp.broadcast_to(one, type2.shape) for one in (type2, il31, il22, ifng, alarm)]
    _, signs = jax.lax.scan(day, (ones, ones), tuple(series))
    return rho + (1.0 - rho) * jnp.maximum(signs, 1e-6) ** steep
