"""Repigmentation in a population: how fast melanocytes return once interferon-gamma is held back.

    S' = −k (1 − a) S

a is what is left of the interferon-gamma signal, S the depigmented area over its baseline. No trial
of an active drug is among the open ones: rates are priors, the course without drug is fitted to
vehicle arms.
"""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from .outcomes import OUTCOME
from .pharmacology import Blockade
from .population import PopulationParameter as P

DIMENSIONS = 2
_OWN = (
    P("repigmentation_rate", 0.008, 0.5, "log", "1/day",
      "Rate at which facial skin repigments without interferon-gamma; months, from follicles"),
    P("rate_spread", 0.8, 0.3, "log", "dimensionless", "Spread between patients of its ln"),
)  # fmt: skip
PARAMETERS = (*_OWN, *OUTCOME)
ENDPOINTS = {"F-VASI50": 0.5, "F-VASI75": 0.25, "F-VASI90": 0.1}


def remaining(
    v: dict[str, Array], arm: dict[str, Any], z: Float[Array, "patient dimension"]
) -> Float[Array, "day patient"]:
    """S of every patient on every day under one arm; see `psoriasis.remaining`."""
    block = Blockade(v, arm, jnp.exp(v["exposure_spread"] * z[:, 0]))
    held = 1.0 - block.free("IFNg") * block.active("IFNg")
    rate = v["repigmentation_rate"] * jnp.exp(v["rate_spread"] * z[:, 1])
    gone = jnp.cumsum(held, axis=0) - held  # up to the beginning of the day
    return jnp.exp(-rate * gone)
