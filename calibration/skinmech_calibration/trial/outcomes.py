"""From what a drug leaves of a score to what a trial reports: placebo, grading, imputation.

ln(score/baseline) = ln S + course, and course is a mixture: most patients wander around where they
were, some improve by themselves as patients under protocol care do, at a rate of their own:

    course ~ (1 − q) N(−μ c(t), σ²) + q N(−(μ + δ) c(t), σ² + (ς c(t))²),     c(t) = 1 − exp(−k t)

The normal parts are integrated in closed form, so responder fractions are smooth in everything.
Who drops out is a non-responder, as the trials impute.
"""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax.scipy.stats import norm
from jaxtyping import Array, Float

from .population import PopulationParameter as P

OUTCOME = (
    P("visit_spread", 0.4, 0.25, "log", "dimensionless",
      "Spread of ln score over baseline from grading and course"),
    P("care_shift", 0.08, 0.6, "log", "dimensionless", "Fall of ln score under protocol care"),
    P("remitting", 0.2, 0.5, "logit", "dimensionless", "Patients who improve by themselves"),
    P("remission_shift", 1.0, 0.35, "log", "dimensionless", "Their further fall of ln score"),
    P("remission_spread", 0.9, 0.25, "log", "dimensionless", "Its spread"),
    P("placebo_rate", 0.04, 0.4, "log", "1/day", "How fast they do"),
    P("dropout", 0.05, 0.4, "logit", "dimensionless", "Patients imputed as non-responders"),
    P("clear_below", 0.025, 0.4, "log", "dimensionless", "Score over baseline graded as zero"),
    P("almost_clear_below", 0.15, 0.3, "log", "dimensionless",
      "Score over baseline below which the global assessment is clear or almost clear"),
    P("assessment_spread", 0.4, 0.3, "log", "dimensionless", "Spread of that threshold, ln"),
)  # fmt: skip
_WORST = 1.5  # score over baseline at which patients leave for rescue, so that means stay below


def reported(
    v: Mapping[str, Array],
    left: Float[Array, "day patient"],
    endpoints: Mapping[str, Any],
) -> Float[Array, "endpoint day"]:
    """Every endpoint on every day, as a fraction.

    Args:
        v: Values of the population parameters.
        left: S, score over baseline that the drug leaves.
        endpoints: Name to threshold of the score over baseline, or `"clear"`, `"almost clear"`,
            `"change"` (mean relative fall).
    """
    days = jnp.arange(left.shape[0])[:, None]
    come = 1.0 - jnp.exp(-v["placebo_rate"] * days)
    centre = jnp.log(left) - v["care_shift"] * come
    further = centre - v["remission_shift"] * come
    q, narrow = v["remitting"], v["visit_spread"] ** 2
    wide = narrow + (come * v["remission_spread"]) ** 2

    def share_below(threshold: Any, blur: Any = 0.0) -> Array:
        x = jnp.log(threshold)
        most = norm.cdf((x - centre) / jnp.sqrt(narrow + blur))
        some = norm.cdf((x - further) / jnp.sqrt(wide + blur))
        return (1.0 - v["dropout"]) * jnp.mean((1.0 - q) * most + q * some, axis=1)

    def mean_fall() -> Array:
        most = jnp.minimum(jnp.exp(centre + 0.5 * narrow), _WORST)
        some = jnp.minimum(jnp.exp(further + 0.5 * wide), _WORST)
        return 1.0 - jnp.mean((1.0 - q) * most + q * some, axis=1)

    rows = []
    for threshold in endpoints.values():
        if threshold == "change":
            rows.append(mean_fall())
        elif threshold == "clear":
            rows.append(share_below(v["clear_below"]))
        elif threshold == "almost clear":
            rows.append(share_below(v["almost_clear_below"], v["assessment_spread"] ** 2))
        else:
            rows.append(share_below(threshold))
    return jnp.stack(rows)
