"""Two or more therapies for one patient: differences, chances, regret, and how far to trust them.

Every therapy is predicted with the same draws of the donor, so that what is unknown about the donor
is common to all and cancels in the difference. With the outcome x (smaller is better, or larger),
a draw's loss of therapy k is l_k = x_k or -x_k, and

    P(k better than j by m) = share of draws with l_j - l_k > m
    regret of k             = mean over draws of l_k - min_j l_j   (in the outcome's unit)
    value of knowing more   = least regret: what perfect knowledge of the donor would gain
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import gammaincc

from .errors import CalibrationError
from .names import nearest
from .posterior import Posterior
from .predict import Prediction

_RARE = 0.01  # chance of a donor at least as far from the prior, below which it is called unusual
_LARGER_IS_BETTER = ("teer", "filaggrin_fold", "loricrin_fold", "corneum_water", "nmf")
_FEW = 100  # draws below which chances are told to be rough


@dataclasses.dataclass(frozen=True)
class Pair:
    """One therapy against another.

    Attributes:
        first: Therapy.
        second: Therapy compared with.
        difference: Outcome of the first minus that of the second, by draw, shape (draw,).
        probability: Of the first being better by more than the margin.
        probability_worse: Of the second being better by more than the margin.
    """

    first: str
    second: str
    difference: np.ndarray
    probability: float
    probability_worse: float

    @property
    def median(self) -> float:
        """Median difference."""
        return float(np.median(self.difference))

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Central interval of the difference."""
        low, high = np.quantile(self.difference, [0.5 - level / 2, 0.5 + level / 2])
        return float(low), float(high)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Therapies side by side at one time.

    Attributes:
        observable: Outcome.
        unit: Of the outcome.
        day: When.
        margin: Smallest difference that matters, in the unit.
        is_larger_better: Direction of the outcome.
        values: Outcome by therapy, shape (draw,), draws paired.
        pairs: Every pair, in the order of the therapies.
        best: Probability of being the best, by therapy.
        regret: Expected regret by therapy, in the unit.
        cautions: Why patient or regimen lie outside what was fitted; empty where they do not.
    """

    observable: str
    unit: str
    day: float
    margin: float
    is_larger_better: bool
    values: dict[str, np.ndarray]
    pairs: tuple[Pair, ...]
    best: dict[str, float]
    regret: dict[str, float]
    cautions: tuple[str, ...]

    @property
    def preferred(self) -> str:
        """The therapy of least expected regret."""
        return min(self.regret, key=lambda name: self.regret[name])

    @property
    def is_in_range(self) -> bool:
        """Whether patient and regimens are like what was fitted."""
        return not self.cautions

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and texts, without the draws."""
        return {
            "observable": self.observable, "unit": self.unit, "day": self.day,
            "margin": self.margin, "is_larger_better": self.is_larger_better,
            "preferred": self.preferred, "best": self.best, "regret": self.regret,
            "median": {name: float(np.median(v)) for name, v in self.values.items()},
            "draws": len(next(iter(self.values.values()))),
            "pairs": [
                {"first": p.first, "second": p.second, "median": p.median,
                 "interval_90": p.interval(), "probability": p.probability,
                 "probability_worse": p.probability_worse}
                for p in self.pairs
            ],
            "cautions": list(self.cautions),
        }  # fmt: skip


def compare(
    found: Mapping[str, Prediction],
    observable: str,
    *,
    posterior: Posterior | None = None,
    margin: float = 0.0,
    day: float | None = None,
    is_larger_better: bool | None = None,
) -> Comparison:
    """Compare predictions of the same donor under several therapies.

    Args:
        found: Predictions by therapy, made with the same seed and number of draws.
        observable: Outcome.
        posterior: Of the donor, to judge how unusual the donor is.
        margin: Smallest difference that matters, in the outcome's unit.
        day: When, between predicted times by straight lines. None: the last of all of them.
        is_larger_better: Direction; None: that of the observable (most: smaller is better).

    Raises:
        CalibrationError: fewer than two therapies, an unknown observable, no draw in common.
    """
    problems = []
    if len(found) < 2:
        problems.append(f"Expected at least two therapies to compare, got {len(found)}.")
    if not (np.isfinite(margin) and margin >= 0):
        problems.append(f"Expected a margin of zero or more, got {margin}.")
    problems += [
        f"{name}: unrecognized observable '{observable}'.{nearest(observable, one.draws)}"
        for name, one in found.items() if observable not in one.draws
    ]  # fmt: skip
    if problems:
        raise CalibrationError("\n".join(problems))
    last = min(float(one.times[-1]) for one in found.values())
    at = last if day is None else float(day)
    if not 0 <= at <= last:
        raise CalibrationError(f"Expected a day from 0 to {last:g}, the predicted time; got {at}.")
    values = _paired(found, observable, at)
    count = len(next(iter(values.values())))
    if is_larger_better is None:
        is_larger_better = observable in _LARGER_IS_BETTER
    names = list(values)
    loss = np.stack([values[name] for name in names]) * (-1.0 if is_larger_better else 1.0)
    pairs = []
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            gain = loss[j] - loss[i]
            pairs.append(
                Pair(first, names[j], values[first] - values[names[j]],
                     float(np.mean(gain > margin)), float(np.mean(gain < -margin)))
            )  # fmt: skip
    is_best = loss == loss.min(axis=0)
    chance = np.mean(is_best / is_best.sum(axis=0), axis=1)
    regret = np.mean(loss - loss.min(axis=0), axis=1)
    said = [text for name, one in found.items() for text in _of(name, one, found)]
    if posterior is not None:
        said += unusual(posterior)
    if count < _FEW:
        said.append(f"Only {count} draws: a chance may be off by {100 / count**0.5:.0f} %.")
    return Comparison(
        observable, next(iter(found.values())).units[observable], at, margin,
        is_larger_better, values, tuple(pairs),
        dict(zip(names, map(float, chance), strict=True)),
        dict(zip(names, map(float, regret), strict=True)), tuple(dict.fromkeys(said)),
    )  # fmt: skip


def unusual(posterior: Posterior) -> list[str]:
    """Why the donor is unlike those the prior describes, in sentences; empty if not.

    The squared Mahalanobis distance of the posterior's centre from the prior's, in spreads of the
    prior, is chi-square with as many degrees of freedom as parameters for a donor of the prior.
    """
    centre = np.array([m.to_coordinate(m.prior.location) for m in posterior.free.members])
    apart = (posterior.mean - centre) / posterior.free.prior_spread(centre)
    distance = float(apart @ apart)
    p = float(gammaincc(0.5 * len(apart), 0.5 * distance))
    if p >= _RARE:
        return []
    worst = int(np.argmax(np.abs(apart)))
    return [
        f"The donor lies {distance**0.5:.1f} spreads from the centre of the prior (as far as "
        f"{100 * p:.2g} % of donors), most of all in {posterior.free.names[worst]}."
    ]


def _paired(found: Mapping[str, Prediction], observable: str, day: float) -> dict[str, np.ndarray]:
    """Outcomes of the draws that could be simulated under every therapy, by therapy."""
    keys = [[tuple(sorted(p.items())) for p in one.parameters] for one in found.values()]
    common = set(keys[0]).intersection(*map(set, keys[1:]))
    order = [key for key in keys[0] if key in common]
    if not order:
        raise CalibrationError(
            "The therapies have no draw in common; predict them with the same seed and draws."
        )
    values = {}
    for mine, (name, one) in zip(keys, found.items(), strict=True):
        rows = one.draws[observable][[mine.index(key) for key in order]]
        values[name] = np.array([np.interp(day, one.times, row) for row in rows])
    return values


def _of(name: str, one: Prediction, found: Mapping[str, Prediction]) -> list[str]:
    """Cautions of a prediction, with the therapy's name unless all share it."""
    return [
        text if all(text in other.out_of_range for other in found.values()) else f"{name}: {text}"
        for text in (*one.out_of_range, *one.failures)
    ]
