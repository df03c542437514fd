"""Predict rows of a table of arms, with intervals for the value that a trial would report.

The posterior is a normal one around the fit, by the Jacobian of the model linearised there. So what
follows from it is taken from the same linear model, in log-odds for fractions: draws put through
the bent model would be spread too wide and pulled to the middle (Immer et al. 2021, AISTATS,
"Improving predictions of Bayesian neural nets via local linearization").
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from .arms import Row
from .fit import _CHANGE_SPREAD, _CHANGE_STUDY, STUDY_SPREAD, Population, load_population
from .model import Block, blocks_of
from .pharmacology import COMMON

DRAWS = 256
_PER_DRAW = 8
_USUAL_COUNT = 100.0
SHIPPED = Path(__file__).with_name("population.json")
"""The population fitted to the open trials of psoriasis, eczema and vitiligo."""


@dataclasses.dataclass(frozen=True)
class ArmsPrediction:
    """Predictions of rows, in per cent (falls of a score are negative).

    Attributes:
        rows: The rows.
        mean: Shape (row,).
        samples: Values that trials could report, shape (sample, row).
        new_drugs: Drugs that the population was not fitted to.
    """

    rows: Sequence[Row]
    mean: np.ndarray
    samples: np.ndarray
    new_drugs: tuple[str, ...] = ()

    def band(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Central interval, shape (row,) each."""
        tail = 50.0 * (1.0 - level)
        low, high = np.percentile(self.samples, [tail, 100.0 - tail], axis=0)
        return low, high

    def table(self) -> dict[str, list[str]]:
        """The columns of the rows as read, and mean, lo80, hi80, lo95, hi95."""
        columns = {name: [row.given[name] for row in self.rows] for name in self.rows[0].given}
        (lo80, hi80), (lo95, hi95) = self.band(0.8), self.band(0.95)
        for name, values in (("mean", self.mean), ("lo80", lo80), ("hi80", hi80),
                             ("lo95", lo95), ("hi95", hi95)):  # fmt: skip
            columns[name] = [f"{value:.2f}" for value in values]
        return columns


def predict_arms(
    rows: Sequence[Row],
    population: Population | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> ArmsPrediction:
    """Predict arms.

    The intervals hold the posterior of the population, the affinity error of drugs that were not
    in the fit, the spread between trials and the sampling of n patients.

    Args:
        rows: From `read_arms`; observed values in them are not looked at.
        population: Default the shipped one.
        draws: Draws from the posterior.
        seed: Of all draws.
    """
    population = population or load_population(SHIPPED)
    thetas = population.draws(draws, seed)
    random = np.random.default_rng([seed, 1])
    samples = np.zeros((draws * _PER_DRAW, len(rows)))
    mean, unseen = np.zeros(len(rows)), set()
    for block in blocks_of(rows, population.layout):
        model = block.model
        unseen |= set(model.new_drugs)
        news = random.standard_normal((draws, len(model.new_drugs)))
        chosen = [rows[k] for k in block.rows]
        is_change = np.array([row.endpoint.endswith("_pct_change") for row in chosen])
        found = _around(block, population, thetas, news, is_change)
        count = np.array([row.count for row in chosen])
        count = np.where(np.isfinite(count), count, _USUAL_COUNT)
        mean[block.rows] = 100.0 * np.where(is_change, -1.0, 1.0) * found.mean(axis=0)
        samples[:, block.rows] = 100.0 * _reported(found, is_change, count, random)
    return ArmsPrediction(rows, mean, samples, tuple(sorted(unseen)))


def _around(
    block: Block,
    population: Population,
    thetas: np.ndarray,
    news: np.ndarray,
    is_change: np.ndarray,
) -> np.ndarray:
    """Fractions of the rows for draws of the coordinates, by the model linearised at the fit.

    Args:
        block: The rows of one disease.
        population: The fit.
        thetas: Draws of its coordinates, shape (draw, coordinate).
        news: Draws of the affinity errors of new drugs, shape (draw, drug).
        is_change: Whether a row is a mean fall, linear as it is; others are so in log-odds.

    Returns:
        Shape (draw, row).
    """
    layout, model = population.layout, block.model
    given = [layout.first_drug + layout.drugs.index(arm.drug.name) for arm in model.arms
             if arm.drug is not None and arm.drug.name in layout.drugs]  # fmt: skip
    own = layout.own(model.disease)
    active = np.unique(np.r_[0 : len(COMMON), own, np.array(given, int)])
    centre = jnp.asarray(population.theta)

    def told(part: jax.Array, new: jax.Array) -> jax.Array:
        return block.pick(model.evaluate(centre.at[active].set(part), new))

    start = centre[active], jnp.zeros(news.shape[1])
    value = np.asarray(jax.jit(told)(*start))
    by_part, by_new = map(np.asarray, jax.jit(jax.jacfwd(told, argnums=(0, 1)))(*start))
    moved = (thetas - population.theta)[:, active] @ by_part.T + news @ by_new.T
    p = np.clip(value, 1e-4, 1.0 - 1e-4)
    odds = np.log(p / (1.0 - p)) + moved / (p * (1.0 - p))
    with np.errstate(over="ignore"):
        shares = 1.0 / (1.0 + np.exp(-odds))
    return np.where(is_change, np.minimum(value + moved, 1.0), shares)


def _reported(
    found: np.ndarray, is_change: np.ndarray, count: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Fractions (falls negative) as trials would report them, shape (sample, row)."""
    many = np.repeat(found, _PER_DRAW, axis=0)
    noise = random.standard_normal(many.shape)
    p = np.clip(many, 1e-4, 1.0 - 1e-4)
    logit = np.log(p / (1.0 - p)) + STUDY_SPREAD * noise
    n = np.maximum(np.round(count), 1.0).astype(int)
    shares = random.binomial(n, 1.0 / (1.0 + np.exp(-logit))) / n
    spread = np.sqrt(_CHANGE_SPREAD**2 / count + _CHANGE_STUDY**2)
    falls = -(many + spread * noise)
    return np.where(is_change, falls, shares)
