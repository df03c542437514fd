"""Whether a twin can explain a visit: posterior-predictive probabilities of what was measured.

With particles z_i, predictions μ_i and noise of spread σ, the residuals r_i = (μ_i - y)/σ hold
all that is needed. The values of a visit are judged together by

    T(y) = r̄ᵀ (C + 1)⁻¹ r̄,   C the covariance of r over the particles,

and p is the share of replicates y' = μ_j + σ ε with T(y') at least as large, the measured one
counted in: (1 + Σ)/(1 + n). Under the twin p is uniform, whatever the shape of the particles' cloud
(Gelman, Meng & Stern, Stat Sinica 1996;6:733). One value alone: 2·min(F, 1 - F) with F the
predictive distribution function, a mean over particles.
"""

import dataclasses

import numpy as np
from scipy.special import ndtr

_REPLICATES = 1999


@dataclasses.dataclass(frozen=True)
class ValueSurprise:
    """How one measured value lies in its predictive distribution.

    Attributes:
        observable: Its name.
        day: When.
        p: Two-sided predictive probability of a value as far out; of a censored one, the
            probability of its side of the limit.
        direction: `"higher"` or `"lower"` than predicted.
    """

    observable: str
    day: float
    p: float
    direction: str


@dataclasses.dataclass(frozen=True)
class Surprise:
    """How a visit lies in its predictive distribution.

    Attributes:
        p: Probability of a visit as unlikely, if the twin were right; uniform under the twin.
        values: Each value alone, least probable first.
        level: Below which a visit is called unexplained.
        num_failed: Particles that could not be simulated.
    """

    p: float
    values: tuple[ValueSurprise, ...]
    level: float
    num_failed: int = 0

    @property
    def is_explained(self) -> bool:
        """Whether the visit lies within what the twin allows for."""
        return self.p >= self.level

    @property
    def sentence(self) -> str:
        """What was found, in words, naming the observable that fits least."""
        if self.is_explained:
            return f"explained by the twin (p = {self.p:.2g})"
        worst = self.values[0]
        alone = (
            f"{worst.observable} on day {worst.day:g} is {worst.direction} than the twin allows "
            f"(p = {worst.p:.2g} alone)"
            if worst.p < self.level
            else f"no value alone, their combination; the least likely is {worst.observable} on "
            f"day {worst.day:g} (p = {worst.p:.2g})"
        )
        return f"not explained by the twin (p = {self.p:.2g}): {alone}"


def surprise(
    residuals: np.ndarray,
    is_exact: np.ndarray,
    named: list[tuple[str, float]],
    *,
    level: float = 0.01,
    seed: int = 0,
    num_failed: int = 0,
) -> Surprise:
    """Judge a visit.

    Args:
        residuals: Of every particle and value, shape (particle, value).
        is_exact: Whether the value is a number, not censored, shape (value,).
        named: Observable and day of each value.
        level: Below which p the visit is called unexplained.
        seed: Of the replicates.
        num_failed: Particles left out.
    """
    exact = residuals[:, is_exact]
    alone = []
    for k, (observable, day) in enumerate(named):
        r = residuals[:, k]
        if is_exact[k]:
            below = float(np.mean(ndtr(-r)))
            p = 2.0 * min(below, 1.0 - below)
        else:
            p = float(np.mean(np.exp(-0.5 * r**2)))
        alone.append(ValueSurprise(observable, day, p, "higher" if np.mean(r) < 0 else "lower"))
    parts = [one.p for one, has_value in zip(alone, is_exact, strict=True) if not has_value]
    if exact.shape[1]:
        parts.append(_together(exact, np.random.default_rng([seed, 2])))
    p = min(1.0, len(parts) * min(parts)) if parts else 1.0
    ordered = tuple(sorted(alone, key=lambda one: one.p))
    return Surprise(p, ordered, level, num_failed)


def _together(r: np.ndarray, random: np.random.Generator) -> float:
    count, size = r.shape
    centre = r.mean(axis=0)
    covariance = np.atleast_2d(np.cov(r, rowvar=False)) + np.eye(size)
    inverse = np.linalg.inv(covariance)
    drawn = r[random.integers(count, size=_REPLICATES)]
    replicates = centre - drawn - random.standard_normal((_REPLICATES, size))
    seen = float(centre @ inverse @ centre)
    others = np.sum((replicates @ inverse) * replicates, axis=1)
    return (1 + int(np.sum(others >= seen))) / (1 + _REPLICATES)
