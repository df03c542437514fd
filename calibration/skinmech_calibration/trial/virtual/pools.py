"""Where the patients of virtual trials come from: pools drawn from the population."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from ..fit import Population
from ..model import ArmsModel
from .design import TrialDesign

POOL = 8192  # patients that those of trials are drawn from, where all trials share parameters
_SMALL_POOL = 512  # and where every trial has parameters of its own
_AT_ONCE = 64


class Source:
    """Pools of patients of a design's arms and strata, compiled once.

    Args:
        design: The trial; its size does not matter.
        population: Where patients come from.

    Attributes:
        model: Of the arms and strata.
    """

    def __init__(self, design: TrialDesign, population: Population):
        self.design, self.population = design, population
        self.model = ArmsModel(design.disease, design.cells, design.days[-1], population.layout)
        self._courses = jax.jit(self.model.courses)

    def batches(
        self, trials: int, seed: int, uncertain: bool
    ) -> Iterator[tuple[dict[str, float], np.ndarray, int, list[int]]]:
        """Parameters, pool, number of trials, and the seed of each batch."""
        random = np.random.default_rng([seed, 2])
        new = np.zeros(len(self.model.new_drugs))
        if not uncertain:
            v, left = self.pool(self.population.theta, new, POOL, random)
            for start in range(0, trials, _AT_ONCE):
                yield v, left, min(_AT_ONCE, trials - start), [seed, 3, start]
            return
        for k, theta in enumerate(self.population.draws(trials, seed)):
            v, left = self.pool(theta, random.standard_normal(len(new)), _SMALL_POOL, random)
            yield v, left, 1, [seed, 3, k]

    def pool(
        self, theta: np.ndarray, new: np.ndarray, size: int, random: np.random.Generator
    ) -> tuple[dict[str, float], np.ndarray]:
        """Values of the parameters, and S of patients, shape (arm and stratum, visit, patient)."""
        scores = random.standard_normal((size, self.design.disease.dimensions))
        v, left = self._courses(
            jnp.asarray(theta), jnp.asarray(new), jnp.asarray(scores),
            jnp.asarray(self.design.days),
        )  # fmt: skip
        return {name: float(x) for name, x in v.items()}, np.asarray(left)
