"""The normal approximation of a posterior on any objective, and what it leaves open."""

import dataclasses

import numpy as np
from jaxtyping import Float

from .errors import CalibrationError
from .identifiability import Undetermined, from_information
from .objective import AbstractObjective


@dataclasses.dataclass(frozen=True)
class Laplace:
    """A normal distribution of the coordinates around the best point.

    Attributes:
        objective: What was fitted.
        mean: The best point, shape (free,).
        covariance: Inverse of the data's information and the prior's together.
        information: Fisher information of the data alone at the best point.
        log_evidence: Log of the integral of exp(-cost) under the approximation; nan where a
            prior is missing.
    """

    objective: AbstractObjective
    mean: Float[np.ndarray, " free"]
    covariance: Float[np.ndarray, "free free"]
    information: Float[np.ndarray, "free free"]
    log_evidence: float

    @property
    def sd(self) -> Float[np.ndarray, " free"]:
        """Standard deviations of the coordinates."""
        return np.sqrt(np.diag(self.covariance))

    def sample(self, n: int, seed: int = 0) -> Float[np.ndarray, "draw free"]:
        """Draws of the coordinates, held to the bounds."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        normal = np.random.default_rng(seed).standard_normal((n, len(self.mean)))
        return np.clip(self.mean + normal @ root.T, *self.objective.bounds)

    def undetermined(self) -> Undetermined:
        """What the data left open, with the sloppy directions of the Fisher information."""
        spread = self.objective.spread(self.mean)
        if not np.all(np.isfinite(spread)):
            lost = [n for n, s in zip(self.objective.names, spread, strict=True) if s == np.inf]
            raise CalibrationError(
                f"{', '.join(lost)}: neither prior nor bounds, so there is nothing to compare the "
                "data with. Give one of them."
            )
        return from_information(self.objective.names, spread, self.information, self.covariance)


def laplace_at(objective: AbstractObjective, z: np.ndarray) -> Laplace:
    """The normal approximation at a point.

    A parameter whose prior is flat inside bounds counts as having a normal one of the same
    spread, so that a direction that the data leave open is as wide as its box and not infinite.

    Args:
        objective: What was fitted.
        z: Its optimum, shape (free,).

    Raises:
        CalibrationError: no simulation there, or a direction that neither data nor prior nor
            bounds hold.
    """
    found = objective.evaluate(z)
    if found.hessian is None:
        raise CalibrationError(f"No normal approximation at this point. {found.explanation}")
    prior = objective.prior(z).hessian
    assert prior is not None
    information = found.hessian - prior
    flat = np.where(np.diag(prior) > 0.0, 0.0, objective.spread(z) ** -2.0)
    precision = found.hessian + np.diag(flat)
    values = np.linalg.eigvalsh(precision)
    if values[0] <= 1e-12 * max(values[-1], 1e-300):
        raise CalibrationError(
            "A combination of parameters is held neither by the data nor by priors or bounds, so "
            "its posterior is infinitely wide. Give a prior or bounds, or fix a parameter."
        )
    covariance = np.linalg.inv(precision)
    size = len(found.z)
    evidence = -found.cost + 0.5 * (size * np.log(2 * np.pi) - np.sum(np.log(values)))
    return Laplace(
        objective, found.z, 0.5 * (covariance + covariance.T), information,
        np.nan if np.any(flat) else float(evidence),
    )  # fmt: skip
