"""The skin model's calibration problem as an objective."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .objective import AbstractObjective, Point
from .problem import CalibrationProblem


class SkinObjective(AbstractObjective):
    """Minus the log posterior of a `CalibrationProblem`, less constants.

    The second derivative is Gauss and Newton's, from the Jacobian of the residuals.

    Attributes:
        problem: The problem.
    """

    def __init__(self, problem: CalibrationProblem):
        self.problem = problem
        self.names = problem.free.names
        self.bounds = problem.free.bounds
        self.start = np.clip(problem.free.to_coordinates({}), *self.bounds)
        self.identity = problem.data_hash

    def evaluate(self, z: np.ndarray, *, derivatives: bool = True) -> Point:
        """Half the sum of squares of all residuals; inf where a simulation failed."""
        found = self.problem.evaluate([np.asarray(z, float)], with_jacobian=derivatives)[0]
        if not found.is_ok:
            return Point(found.z, np.inf, explanation=found.explanation)
        if found.jacobian is None:
            return Point(found.z, found.cost)
        jacobian = found.jacobian
        return Point(found.z, found.cost, jacobian.T @ found.residuals, jacobian.T @ jacobian)

    def prior(self, z: np.ndarray) -> Point:
        """Half the sum of squares of the prior's residuals."""
        here = jnp.asarray(z, float)
        free = self.problem.free
        values, slopes = jax.jvp(free.prior_residuals, (here,), (jnp.ones_like(here),))
        r, s = np.asarray(values), np.asarray(slopes)
        return Point(np.asarray(z, float), 0.5 * float(r @ r), s * r, np.diag(s**2))

    def log_density(self, z: Float[Array, " free"]) -> Float[Array, ""]:
        """Log posterior density of the coordinates."""
        return self.problem.log_density(z)

    def spread(self, z: np.ndarray) -> Float[np.ndarray, " free"]:
        """The prior's, linearised at `z`."""
        return self.problem.free.prior_spread(np.asarray(z, float))

    def to_natural(self, z: np.ndarray) -> Float[np.ndarray, "... free"]:
        """Values in declared units."""
        z = np.asarray(z, float)
        rows = z.reshape(-1, z.shape[-1]).T
        return np.asarray(self.problem.free.to_natural(jnp.asarray(rows))).T.reshape(z.shape)

    def draw(self, count: int, seed: int) -> list[np.ndarray]:
        """A Latin hypercube over the prior."""
        from .fit import latin_hypercube

        return latin_hypercube(self.problem, count, seed)
