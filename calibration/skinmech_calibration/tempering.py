"""Particles carried from one distribution to the next: sequential Monte Carlo with tempering.

Particles of p(z) ∝ base(z)·L_old(z) become particles of base·L_old·L_new by a ladder of powers

    π_β(z) ∝ base(z) · L_old(z) · L_new(z)^β,   0 = β_0 < β_1 < … = 1

(Del Moral, Doucet & Jasra, J R Stat Soc B 2006;68:411). Each rung is as long as keeps the effective
sample size at the share asked for; then the particles are resampled (systematically) and moved by
independence Metropolis steps with a Student t fitted to them, which leave π_β unchanged.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

_DEGREES = 6.0  # of freedom of the proposal: tails heavier than those of a nearly normal target
_RUNGS = 60  # beyond, the new values contradict the old ones and the ladder does not end


@dataclasses.dataclass(frozen=True)
class Normal:
    """A normal density between bounds, up to its constant.

    Attributes:
        mean: Shape (free,).
        covariance: Shape (free, free).
        low: Lower bounds, shape (free,).
        high: Upper bounds, shape (free,).
    """

    mean: np.ndarray
    covariance: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Log density less its constant of every row of `z`; -inf outside the bounds."""
        inside = np.all((z >= self.low) & (z <= self.high), axis=1)
        apart = z - self.mean
        distance = np.sum(apart * np.linalg.solve(self.covariance, apart.T).T, axis=1)
        return np.where(inside, -0.5 * distance, -np.inf)


@dataclasses.dataclass(frozen=True)
class Ladder:
    """What became of the particles.

    Attributes:
        particles: Equally weighted, shape (particle, free).
        powers: The rungs β after zero.
        acceptance: Share of Metropolis steps taken.
        log_evidence: ln of the probability (density) of the new values, less the constants of the
            likelihood.
        num_simulated: Points at which the likelihood was asked for.
    """

    particles: np.ndarray
    powers: tuple[float, ...]
    acceptance: float
    log_evidence: float
    num_simulated: int


Likelihoods = Callable[[np.ndarray], np.ndarray]
"""Points, shape (n, free), to log-likelihoods of old and new values, shape (n, 2); -inf where a
simulation fails."""


def temper(
    particles: np.ndarray,
    base: Normal,
    likelihoods: Likelihoods,
    *,
    seed: int = 0,
    share: float = 0.5,
    moves: int = 2,
    known: np.ndarray | None = None,
) -> Ladder:
    """Carry particles over to the distribution that knows the new values.

    Args:
        particles: Of base·L_old, equally weighted, shape (particle, free).
        base: The distribution before any of the values.
        likelihoods: Of old and new values.
        seed: Of resampling and proposals.
        share: Effective share of particles at which a rung ends.
        moves: Metropolis sweeps after each rung.
        known: `likelihoods(particles)` if it is known already.

    Raises:
        ValueError: no particle could be simulated, or the ladder does not end.
    """
    random = np.random.default_rng(seed)
    told = likelihoods(particles) if known is None else known
    count, power, powers, evidence = len(particles), 0.0, list[float](), 0.0
    num_simulated, tried, taken = count if known is None else 0, 0, 0
    if not np.any(np.isfinite(told[:, 1])):
        raise ValueError("No particle could be simulated; the twin cannot take the values in.")
    while power < 1.0:
        if len(powers) == _RUNGS:
            raise ValueError(
                f"The new values contradict all that the twin knows: after {_RUNGS} steps only "
                f"{power:.2g} of their weight was taken in. Check value, unit and time."
            )
        step = _next_step(told[:, 1], share, 1.0 - power)
        weights = step * told[:, 1]
        evidence += _log_sum(weights) - float(np.log(count))
        power = min(1.0, power + step)
        powers.append(power)
        weights = np.exp(weights - _log_sum(weights))
        mean, root = _fitted(particles, weights)
        chosen = _systematic(weights, random)
        particles, told = particles[chosen], told[chosen]
        for _ in range(moves):
            proposed = _propose(mean, root, count, random)
            found = likelihoods(proposed)
            num_simulated += count
            now = _target(base, particles, told, power) - _log_student(particles, mean, root)
            then = _target(base, proposed, found, power) - _log_student(proposed, mean, root)
            accepted = np.log(random.random(count)) < then - now
            particles = np.where(accepted[:, None], proposed, particles)
            told = np.where(accepted[:, None], found, told)
            tried, taken = tried + count, taken + int(accepted.sum())
    return Ladder(particles, tuple(powers), taken / max(tried, 1), evidence, num_simulated)


def _log_sum(x: np.ndarray) -> float:
    """ln Σ exp x."""
    return float(np.logaddexp.reduce(x))


def _next_step(log_likelihood: np.ndarray, share: float, rest: float) -> float:
    """The longest step in power that keeps the effective share of particles."""

    def effective(step: float) -> float:
        weights = step * log_likelihood
        total = 2.0 * _log_sum(weights) - _log_sum(2.0 * weights)
        return float(np.exp(total)) / len(weights)

    share = min(share, 0.9 * float(np.mean(np.isfinite(log_likelihood))))
    if effective(rest) >= share:
        return rest
    low, high = 0.0, rest
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= share else (low, middle)
    return max(low, 1e-6 * rest)


def _systematic(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    count = len(weights)
    places = (random.random() + np.arange(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(weights), places), count - 1)


def _fitted(particles: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and root of the covariance, shrunk to its diagonal where particles are few."""
    mean = weights @ particles
    apart = particles - mean
    covariance = (apart * weights[:, None]).T @ apart / max(1.0 - float(weights @ weights), 1e-3)
    shrunk = min(1.0, particles.shape[1] / len(particles))
    diagonal = np.diag(np.maximum(np.diag(covariance), 1e-12))
    return mean, np.linalg.cholesky((1 - shrunk) * covariance + shrunk * diagonal)


def _propose(
    mean: np.ndarray, root: np.ndarray, count: int, random: np.random.Generator
) -> np.ndarray:
    scale = np.sqrt(_DEGREES / random.chisquare(_DEGREES, (count, 1)))
    return mean + scale * (random.standard_normal((count, len(mean))) @ root.T)


def _log_student(z: np.ndarray, mean: np.ndarray, root: np.ndarray) -> np.ndarray:
    apart = np.linalg.solve(root, (z - mean).T)
    return -0.5 * (_DEGREES + len(mean)) * np.log1p(np.sum(apart**2, axis=0) / _DEGREES)


def _target(base: Normal, z: np.ndarray, told: np.ndarray, power: float) -> np.ndarray:
    return base.log_density(z) + told[:, 0] + power * told[:, 1]
