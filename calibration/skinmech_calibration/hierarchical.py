"""Donors of one population: what they share and how they differ, learned together.

Each donor's coordinates are drawn from N(μ, diag ω²). Expectation and maximisation alternate with
the normal approximation in place of the exact posterior (Lindstrom and Bates 1990, Biometrics 46,
673): every donor is fitted with the population as its prior, which gives a centre m_i and a
covariance V_i; then μ = mean(m_i) and ω² = mean((m_i - μ)² + diag V_i). Where the donors' problems
are linear and normal this is maximum likelihood exactly.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from .errors import CalibrationError
from .laplace import Laplace, laplace_at
from .objective import AbstractObjective, LikelihoodAlone, Point
from .search import minimise, quadratic_step

_LEAST_SD = 1e-3  # of the population, in coordinates; below, a donor is the population


class UnderPopulation(LikelihoodAlone):
    """A donor's data with the population as its prior.

    Attributes:
        mean: Of the population, shape (free,).
        sd: Its standard deviations.
    """

    def __init__(self, donor: AbstractObjective, mean: np.ndarray, sd: np.ndarray):
        super().__init__(donor)
        self.mean, self.sd = mean, sd
        self.start = np.clip(mean, *self.bounds)
        self.identity = f"{donor.identity} under {mean.tolist()} {sd.tolist()}"

    def prior(self, z: np.ndarray) -> Point:
        """Of the population."""
        r = (np.asarray(z, float) - self.mean) / self.sd
        return Point(np.asarray(z, float), 0.5 * float(r @ r), r / self.sd, np.diag(self.sd**-2.0))

    def evaluate(self, z: np.ndarray, *, derivatives: bool = True) -> Point:
        """Likelihood and population."""
        found, prior = super().evaluate(z, derivatives=derivatives), self.prior(z)
        if found.gradient is None or found.hessian is None:
            return dataclasses.replace(found, cost=found.cost + prior.cost)
        assert prior.gradient is not None and prior.hessian is not None
        return Point(found.z, found.cost + prior.cost, found.gradient + prior.gradient,
                     found.hessian + prior.hessian)  # fmt: skip

    def spread(self, z: np.ndarray) -> Float[np.ndarray, " free"]:
        """Of the population."""
        return self.sd


@dataclasses.dataclass(frozen=True)
class Population:
    """What donors share.

    Attributes:
        names: Of the coordinates.
        mean: μ, shape (free,).
        sd: ω, shape (free,).
        mean_error: Standard error of μ, with ω taken as known.
        donors: Each donor's posterior under the population, in order.
        log_evidence: Log marginal likelihood of all donors, up to a constant, by round.
        is_converged: Whether μ and ω stood still at the end.
    """

    names: tuple[str, ...]
    mean: Float[np.ndarray, " free"]
    sd: Float[np.ndarray, " free"]
    mean_error: Float[np.ndarray, " free"]
    donors: tuple[Laplace, ...]
    log_evidence: tuple[float, ...]
    is_converged: bool

    @property
    def shrinkage(self) -> Float[np.ndarray, "donor free"]:
        """How far each donor is drawn to the population: 0 not at all, 1 wholly."""
        return np.stack([np.diag(one.covariance) for one in self.donors]) / self.sd**2


def hierarchical(
    donors: Sequence[AbstractObjective],
    *,
    mean: np.ndarray | None = None,
    sd: np.ndarray | None = None,
    max_rounds: int = 200,
    tolerance: float = 1e-4,
    progress: Callable[[int, float], None] | None = None,
) -> Population:
    """Fit donors and their population together.

    Args:
        donors: One objective each, all of the same parameters. Their own priors do not count.
        mean: First μ; default the first donor's `start`.
        sd: First ω; default its prior's spread.
        max_rounds: Of expectation and maximisation.
        tolerance: Change of μ over ω, and of ln ω, in a round that counts as none.
        progress: Called after each round with its number and the log evidence.

    Raises:
        CalibrationError: fewer than two donors, other parameters, or one that cannot be fitted.
    """
    if len(donors) < 2 or any(one.names != donors[0].names for one in donors):
        raise CalibrationError("Expected two donors or more, all with the same parameters.")
    mu = np.array(donors[0].start if mean is None else mean, float)
    omega = np.array(donors[0].spread(mu) if sd is None else sd, float)
    if not np.all(np.isfinite(omega) & (omega > 0)):
        raise CalibrationError("Expected a finite spread to begin with. Give `sd`.")
    at = [mu] * len(donors)
    evidence: list[float] = []
    is_converged, fitted = False, []
    for number in range(1, max_rounds + 1):
        fitted = [_fitted(i, one, mu, omega, z)
                  for i, (one, z) in enumerate(zip(donors, at, strict=True))]  # fmt: skip
        at = [one.mean for one in fitted]
        evidence.append(sum(one.log_evidence for one in fitted) - _constant(omega, len(donors)))
        centres = np.stack(at)
        variances = np.stack([np.diag(one.covariance) for one in fitted])
        new_mu = centres.mean(axis=0)
        new = np.sqrt(np.mean((centres - new_mu) ** 2 + variances, axis=0))
        new = np.maximum(new, _LEAST_SD)
        moved = max(np.max(np.abs(new_mu - mu) / new), np.max(np.abs(np.log(new / omega))))
        mu, omega = new_mu, new
        if progress is not None:
            progress(number, evidence[-1])
        if moved < tolerance:
            is_converged = True
            break
    fitted = [_fitted(i, one, mu, omega, z)
              for i, (one, z) in enumerate(zip(donors, at, strict=True))]  # fmt: skip
    # A donor tells of μ with precision (Ω + information⁻¹)⁻¹ = Ω⁻¹ - Ω⁻¹ V Ω⁻¹, Ω = diag ω².
    precision = sum(np.diag(omega**-2.0) - one.covariance / np.outer(omega**2, omega**2)
                    for one in fitted)  # fmt: skip
    error = np.sqrt(np.diag(np.linalg.inv(precision)))
    return Population(donors[0].names, mu, omega, error, tuple(fitted),
                      tuple(evidence), is_converged)  # fmt: skip


def _constant(omega: np.ndarray, count: int) -> float:
    """Logarithm of the population's normalising constant, for all donors."""
    return count * float(np.sum(np.log(omega)) + 0.5 * len(omega) * np.log(2 * np.pi))


def _fitted(number: int, donor: AbstractObjective, mu: np.ndarray, omega: np.ndarray,
            near: np.ndarray) -> Laplace:  # fmt: skip
    one = UnderPopulation(donor, mu, omega)
    found = minimise(one.evaluate, np.clip(near, *one.bounds), *one.bounds, 100)
    if not np.isfinite(found.point.cost):
        raise CalibrationError(f"Donor {number + 1} cannot be fitted. {found.explanation}")
    # A search stops where little is left to gain; the last step to the centre costs nothing.
    step, _ = quadratic_step(found.point, *one.bounds, 1.0)
    polished = laplace_at(one, found.point.z + step)
    is_better = one.evaluate(polished.mean, derivatives=False).cost <= found.point.cost
    return polished if is_better else laplace_at(one, found.point.z)
