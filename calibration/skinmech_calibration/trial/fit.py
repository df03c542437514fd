"""Fit the population to open trials at once: maximum a posteriori by gradients, then Laplace."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from skinmech.numerics import Status

from ..errors import CalibrationError
from ..files import read_json, write_json
from ..levenberg import Search
from ..problem import Evaluation
from .arms import Row
from .model import Block, Layout, blocks_of
from .pharmacology import COMMON

STUDY_SPREAD = 0.25
"""Standard deviation of a trial's logit around its drug's: replicate trials of the open tables
differ by 3 to 4 points at fractions near a half."""
_FLOOR = 0.005  # of a fraction, for arms without responders
_CHANGE_SPREAD, _CHANGE_STUDY = 0.4, 0.05  # of a patient's relative change, and of a trial's mean
_USUAL_COUNT = 50.0  # where a table does not say how many patients an arm had
_MOST = 15


@dataclasses.dataclass(frozen=True)
class Population:
    """A fitted population.

    Attributes:
        layout: Of the coordinates.
        theta: Maximum a posteriori, in spreads of the prior around its centre, shape (size,).
        covariance: Laplace, shape (size, size).
        cost: Half the sum of squares at `theta`.
        provenance: What it was fitted to, and by what.
    """

    layout: Layout
    theta: np.ndarray
    covariance: np.ndarray
    cost: float
    provenance: dict[str, Any]

    def draws(self, count: int, seed: int) -> np.ndarray:
        """Coordinates drawn from the Laplace posterior, shape (count, size)."""
        random = np.random.default_rng(seed)
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return self.theta + random.standard_normal((count, len(self.theta))) @ root.T

    def save(self, path: str | Path) -> None:
        """Write it as JSON with a checksum."""
        write_json(
            path,
            {
                "drugs": list(self.layout.drugs),
                "names": list(self.layout.names),
                "theta": [round(float(x), 6) for x in self.theta],
                "covariance": [[round(float(x), 6) for x in row] for row in self.covariance],
                "cost": self.cost,
                "provenance": self.provenance,
            },
        )


def load_population(path: str | Path) -> Population:
    """Read what `Population.save` wrote.

    Raises:
        CalibrationError: not such a file, damaged, or of other parameters than this version's.
    """
    told = read_json(path)
    layout = Layout(tuple(told["drugs"]))
    if list(layout.names) != told["names"]:
        odd = sorted(set(layout.names) ^ set(told["names"]))
        raise CalibrationError(
            f"{Path(path).name} was fitted with other parameters than this version has "
            f"({', '.join(odd[:6])}). Fit again with 'skinmech trial fit'."
        )
    return Population(
        layout, np.array(told["theta"]), np.array(told["covariance"]), told["cost"],
        told["provenance"],
    )  # fmt: skip


class PopulationProblem:
    """Residuals of observed arms, as a function of the population's coordinates.

    Args:
        rows: Observed rows, with values.
        layout: Of the coordinates; default with every drug of the rows.
    """

    def __init__(self, rows: Sequence[Row], layout: Layout | None = None):
        named = sorted({row.arm.drug.name for row in rows if row.arm.drug})
        self.layout = layout or Layout(tuple(named))
        self.rows = list(rows)
        self.blocks = blocks_of(rows, self.layout)
        self._programs = [self._programs_of(block) for block in self.blocks]

    def _programs_of(self, block: Block) -> tuple[Callable[..., Any], Callable[..., Any]]:
        chosen = [self.rows[k] for k in block.rows]
        is_change = np.array([row.endpoint.endswith("_pct_change") for row in chosen])
        observed = np.array([row.value for row in chosen]) / 100.0
        observed = np.where(is_change, -observed, observed)
        count = np.array([row.count for row in chosen])
        count = np.where(np.isfinite(count), count, _USUAL_COUNT)

        q = (np.where(is_change, 0.5, observed) * count + 0.5) / (count + 1.0)
        variance = q * (1 - q) / count + (STUDY_SPREAD * q * (1 - q)) ** 2 + _FLOOR**2
        change = _CHANGE_SPREAD**2 / count + _CHANGE_STUDY**2
        scale = np.sqrt(np.where(is_change, change, variance))

        def residuals(theta: Any) -> Any:
            return (block.pick(block.model.evaluate(theta)) - observed) / scale

        own = block.model.layout.own(block.model.disease)
        size = block.model.layout.size
        active = np.r_[0 : len(COMMON), own, block.model.layout.first_drug : size]

        def of_active(part: Any, theta: Any) -> Any:
            return residuals(theta.at[active].set(part))

        jacobian = jax.jit(lambda theta: jax.jacfwd(of_active)(theta[active], theta))

        def derive(theta: Any) -> np.ndarray:
            full = np.zeros((len(chosen), size))
            full[:, active] = np.asarray(jacobian(theta))
            return full

        return jax.jit(residuals), derive

    def evaluate(self, theta: np.ndarray, with_jacobian: bool, weights: np.ndarray) -> Evaluation:
        """Residuals of the weighted rows, then of the prior."""
        values, slopes = np.zeros(len(self.rows)), np.zeros((len(self.rows), len(theta)))
        for block, (residuals, derive) in zip(self.blocks, self._programs, strict=True):
            values[block.rows] = np.asarray(residuals(jnp.asarray(theta)))
            if with_jacobian:
                slopes[block.rows] = derive(jnp.asarray(theta))
        whole = np.concatenate([values * weights, theta])
        jacobian = None
        if with_jacobian:
            jacobian = np.concatenate([slopes * weights[:, None], np.eye(len(theta))])
        return Evaluation(np.array(theta), whole, jacobian, {"arms": Status.OK})

    def fit(
        self,
        *,
        start: np.ndarray | None = None,
        weights: np.ndarray | None = None,
        most: int = _MOST,
        checkpoint: str | Path | None = None,
        progress: Callable[[int, float], None] | None = None,
        provenance: dict[str, Any] | None = None,
    ) -> Population:
        """Search for the maximum a posteriori and take the Laplace posterior around it.

        Args:
            start: Coordinates to start from; default the prior's centre.
            weights: 0 or 1 for every row, to leave rows out.
            most: Most steps.
            checkpoint: A file from which a stopped fit is taken up, and where it is kept.
            progress: Called with the number of steps and the cost.
            provenance: Kept with the result.
        """
        size = self.layout.size
        weights = np.ones(len(self.rows)) if weights is None else np.asarray(weights, float)
        low, high = np.full(size, -5.0), np.full(size, 5.0)
        search = Search("population", np.zeros(size) if start is None else np.array(start))
        search.damping = 0.1
        if checkpoint is not None and Path(checkpoint).exists():
            told = read_json(checkpoint)
            if told["names"] != list(self.layout.names):
                raise CalibrationError(
                    f"{Path(checkpoint).name} belongs to a fit of other parameters or drugs. "
                    "Delete it or name another one."
                )
            search = Search.from_dict(told["search"])
        while not search.is_done:
            point = search.propose(low, high)
            found = self.evaluate(
                point, search.evaluation is None or search.wants_jacobian, weights
            )
            search.learn(found, low, high, most)
            if progress is not None:
                progress(search.num_iterations, search.cost)
            if checkpoint is not None:
                write_json(
                    checkpoint, {"names": list(self.layout.names), "search": search.to_dict()}
                )
        final = self.evaluate(search.z, True, weights)
        assert final.jacobian is not None
        covariance = np.linalg.inv(final.jacobian.T @ final.jacobian)
        return Population(
            self.layout, search.z, covariance, final.cost,
            {"reason": search.reason, "rows": int(weights.sum()), **(provenance or {})},
        )  # fmt: skip
