"""What the data left undetermined, in numbers and in words."""

import dataclasses

import numpy as np

from .free import FreeSet

_LITTLE, _SOME = 0.1, 0.5  # contraction below which the data told almost nothing, or not much


@dataclasses.dataclass(frozen=True)
class Direction:
    """A combination of parameters and what the data say about it.

    Attributes:
        weights: Share of each parameter, in spreads of its prior; unit length.
        information: Fisher information in units of the prior's: 0 nothing, 1 as much as the prior.
        contraction: 1 - posterior over prior spread along it.
    """

    weights: dict[str, float]
    information: float
    contraction: float

    @property
    def text(self) -> str:
        """In words, leading parameters only."""
        top = sorted(self.weights.items(), key=lambda item: -abs(item[1]))
        shown = [item for item in top if abs(item[1]) > 0.3] or top[:1]
        lead = np.sign(shown[0][1]) or 1.0
        words = [f"{'up' if lead * weight > 0 else 'down'} in {name}" for name, weight in shown]
        left = 100 * (1 - self.contraction)
        return f"{' with '.join(words)}: {left:.0f} % of the prior's spread is left"


@dataclasses.dataclass(frozen=True)
class Undetermined:
    """What the data left undetermined.

    Attributes:
        contraction: By parameter, 1 - posterior over prior standard deviation: 0 untouched by the
            data, 1 known exactly.
        directions: Combinations in order of information, least first.
        correlation: Posterior correlation, shape (free, free).
    """

    contraction: dict[str, float]
    directions: tuple[Direction, ...]
    correlation: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters the data told almost nothing about."""
        return tuple(name for name, value in self.contraction.items() if value < _LITTLE)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each parameter or combination that stays open."""
        said = [f"{name} is undetermined: the data narrow its prior by {100 * value:.0f} %."
                for name, value in self.contraction.items() if value < _LITTLE]  # fmt: skip
        said += [f"{name} is weakly determined: its prior is narrowed by {100 * value:.0f} %."
                 for name, value in self.contraction.items()
                 if _LITTLE <= value < _SOME]  # fmt: skip
        said += [f"Only together: {d.text}." for d in self.directions
                 if d.contraction < _LITTLE and max(map(abs, d.weights.values())) < 0.95
                 ]  # fmt: skip
        return tuple(said)


def undetermined(
    free: FreeSet, z: np.ndarray, jacobian: np.ndarray, covariance: np.ndarray
) -> Undetermined:
    """Compare what the data say with what the prior said.

    Args:
        free: The parameters.
        z: Best point.
        jacobian: d data residuals / dz there, shape (observation, free).
        covariance: Posterior, of z.
    """
    spread = free.prior_spread(z)
    sd = np.sqrt(np.diag(covariance))
    scaled = jacobian * spread
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    directions = tuple(
        Direction(
            dict(zip(free.names, map(float, vectors[:, i]), strict=True)),
            max(float(values[i]), 0.0),
            1.0 - 1.0 / float(np.sqrt(1.0 + max(values[i], 0.0))),
        )
        for i in range(len(free))
    )
    return Undetermined(
        {name: float(1 - s / p) for name, s, p in zip(free.names, sd, spread, strict=True)},
        directions,
        covariance / np.outer(sd, sd),
    )
