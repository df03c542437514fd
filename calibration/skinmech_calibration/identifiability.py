"""What the data left undetermined, in numbers and in words."""

import dataclasses
from collections.abc import Sequence

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
    def sloppy(self) -> tuple[Direction, ...]:
        """Directions along which the data narrow the prior by less than a tenth."""
        return tuple(one for one in self.directions if one.contraction < _LITTLE)

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
    return from_information(free.names, free.prior_spread(z), jacobian.T @ jacobian, covariance)


def from_information(
    names: Sequence[str], spread: np.ndarray, information: np.ndarray, covariance: np.ndarray
) -> Undetermined:
    """The same from the data's Fisher information.

    Args:
        names: Of the parameters.
        spread: The prior's standard deviations, shape (free,).
        information: Of the data alone, shape (free, free).
        covariance: Of the posterior.
    """
    sd = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(information * np.outer(spread, spread))
    directions = tuple(
        Direction(
            dict(zip(names, map(float, vectors[:, i]), strict=True)),
            max(float(values[i]), 0.0),
            1.0 - 1.0 / float(np.sqrt(1.0 + max(values[i], 0.0))),
        )
        for i in range(len(names))
    )
    return Undetermined(
        {name: float(1 - s / p) for name, s, p in zip(names, sd, spread, strict=True)},
        directions,
        covariance / np.outer(sd, sd),
    )


def from_draws(names: Sequence[str], spread: np.ndarray, draws: np.ndarray) -> Undetermined:
    """The same from draws of the posterior, whatever its shape.

    The information along a direction is what would narrow a normal prior of that spread to the
    draws' own: none where they are as wide as the prior or wider.

    Args:
        names: Of the parameters.
        spread: The prior's standard deviations, shape (free,).
        draws: Coordinates, shape (draw, free).
    """
    covariance = np.atleast_2d(np.cov(draws.T))
    values, vectors = np.linalg.eigh(covariance / np.outer(spread, spread))
    directions = tuple(
        Direction(
            dict(zip(names, map(float, vectors[:, i]), strict=True)),
            max(1.0 / max(float(values[i]), 1e-300) - 1.0, 0.0),
            1.0 - float(np.sqrt(max(values[i], 0.0))),
        )
        for i in reversed(range(len(names)))
    )
    sd = np.sqrt(np.diag(covariance))
    return Undetermined(
        {name: float(1 - s / p) for name, s, p in zip(names, sd, spread, strict=True)},
        directions,
        covariance / np.outer(sd, sd),
    )
