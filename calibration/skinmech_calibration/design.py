"""The next experiment: which one tells most about a question, for its cost.

With the posterior N(m, Σ) in coordinates z, a candidate's predicted readings on their noise scale
r(z) with Jacobians J = ∂r/∂z and J_n (by nuisance parameters n of its own, prior spread S), and a
question q(z) with gradient g, to first order

    W  = 1 + J_n S² J_nᵀ                 what noise and nuisance leave uncertain in the readings
    Σ' = (Σ⁻¹ + Jᵀ W⁻¹ J)⁻¹              posterior after the candidate
    v  = gᵀ Σ g,  v' = gᵀ Σ' g           variance of the question before and after
    information = ½ ln(v/v')  [nats]     the expected information about the question

(Chaloner & Verdinelli, Stat Sci 1995;10:273, Bayesian D_A-optimality). For a decision between two
therapies, q is the difference of their outcomes; after the candidate its posterior mean is spread
normally by √(v - v'), so that the expected regret of choosing by the mean falls from
R(m, v) = √v·φ(m/√v) - |m|·Φ(-|m|/√v) by R(m, v - v'): the expected value of sample information.

Candidates are added greedily while the budget lasts, once by information per cost and once by
information alone, and the better batch is kept; where information is submodular that is within a
constant factor of the best batch (Krause & Guestrin 2005, CMU-CALD-05-103). Jacobians are
taken at the centre, or averaged over several draws as well, since a design must be good wherever
the donor lies.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr

from skinmech.numerics import Status

from .errors import CalibrationError, raise_all
from .experiment import Experiment
from .names import nearest
from .posterior import Posterior
from .problem import CalibrationProblem

_LEAST = 1e-9  # nats; a candidate that tells less is not worth anything


@dataclasses.dataclass(frozen=True)
class Candidate:
    """An experiment that could be done.

    Attributes:
        experiment: Setting, protocol and planned readings. Values of the readings are not used;
            give 1.0. One name for each candidate.
        cost: Of doing it once, in any one currency.
        nuisance: Paths of study or setting parameters that are its own and not known.
        most: How often it can be done.
    """

    experiment: Experiment
    cost: float
    nuisance: tuple[str, ...] = ()
    most: int = 1

    @property
    def name(self) -> str:
        """Of its experiment."""
        return self.experiment.name


@dataclasses.dataclass(frozen=True)
class Question:
    """What is to be known.

    Attributes:
        name: In words.
        parameter: Name of a free parameter; empty for a decision.
        first: The first therapy, with one reading: the outcome asked for.
        second: The second therapy, with the same reading.
    """

    name: str
    parameter: str = ""
    first: Experiment | None = None
    second: Experiment | None = None


@dataclasses.dataclass(frozen=True)
class Told:
    """What a candidate, or a batch, is expected to tell.

    Attributes:
        name: Of the candidate.
        cost: Of doing it once.
        information: About the question [nats].
        spread: The question's standard deviation afterwards: of the coordinate (in prior spreads)
            for a parameter, in the outcome's unit for a decision.
        regret: Expected regret of a decision afterwards, in the outcome's unit; NaN otherwise.
    """

    name: str
    cost: float
    information: float
    spread: float
    regret: float


@dataclasses.dataclass(frozen=True)
class Design:
    """A recommendation.

    Attributes:
        question: What was asked.
        chosen: Candidates to do, in the order of choice; what each tells on top of those before.
        alone: What every candidate tells by itself, most information per cost first.
        before: The question's standard deviation now, in the units of `Told.spread`.
        after: The same after the whole batch.
        difference: Expected difference of a decision's outcomes, first minus second; NaN otherwise.
        regret: Expected regret of deciding now; NaN without a decision.
        covariance: Of all coordinates after the batch, shape (free, free).
        failed: Candidates that could not be simulated, and why.
    """

    question: Question
    chosen: tuple[Told, ...]
    alone: tuple[Told, ...]
    before: float
    after: float
    difference: float
    regret: float
    covariance: np.ndarray
    failed: dict[str, str]

    @property
    def cost(self) -> float:
        """Of the batch."""
        return sum(one.cost for one in self.chosen)


def expected_regret(mean: float, variance: float) -> float:
    """R(m, v): expected regret of choosing by the sign of m when the truth is N(m, v)."""
    sd = float(np.sqrt(max(variance, 0.0)))
    if sd == 0.0:
        return 0.0
    t = abs(mean) / sd
    return sd * float(np.exp(-0.5 * t**2) / np.sqrt(2 * np.pi) - t * ndtr(-t))


def information_of(jacobian: np.ndarray, nuisance: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Jᵀ W⁻¹ J with nuisance parameters integrated out, shape (free, free).

    Args:
        jacobian: By the coordinates, readings on their noise scale, shape (reading, free).
        nuisance: By the nuisance parameters' coordinates, shape (reading, nuisance).
        spread: Their prior spreads, shape (nuisance,).
    """
    own = nuisance * spread
    weight = np.eye(len(jacobian)) + own @ own.T
    return jacobian.T @ np.linalg.solve(weight, jacobian)


def design(
    posterior: Posterior,
    question: Question,
    candidates: Sequence[Candidate],
    budget: float,
    *,
    points: int = 1,
    seed: int = 0,
) -> Design:
    """Which candidates to do.

    Args:
        posterior: What is known now.
        question: What is to be known.
        candidates: What could be done.
        budget: Most that the batch may cost, in the candidates' currency.
        points: Points of the posterior at which Jacobians are taken: its centre, then draws.
        seed: Of the draws.

    Raises:
        CalibrationError: what does not make sense, every problem listed; or nothing could be
            simulated.
    """
    _check(posterior, question, candidates, budget, points)
    at = [posterior.mean, *posterior.sample(max(points - 1, 0), seed)]
    asked, difference = _question(posterior, question, at)
    found, failed = _information(posterior, candidates, at)
    kept = {i: slope for i, slope in enumerate(asked) if slope is not None}
    if not found or not kept:
        raise CalibrationError(
            "Nothing can be recommended: "
            + (" ".join(failed.values()) or "the question itself could not be simulated.")
        )
    slopes = np.stack(list(kept.values()))
    ask = _Asked(slopes, np.linalg.inv(posterior.covariance), difference)
    gained = {name: [rows[i] for i in kept] for name, rows in found.items()}
    by_name = {one.name: one for one in candidates}
    none = [np.zeros_like(posterior.covariance)] * len(kept)
    alone = sorted(
        (ask.told(by_name[name], none, rows) for name, rows in gained.items()),
        key=lambda one: -one.information / one.cost,
    )
    both = [
        ask.batch(by_name, gained, budget, lambda one: one.information / one.cost),
        ask.batch(by_name, gained, budget, lambda one: one.information),
    ]
    chosen, have = min(both, key=lambda batch: ask.variance(batch[1]).mean())
    before, after = ask.variance(none), ask.variance(have)
    return Design(
        question, tuple(chosen), tuple(alone), float(np.sqrt(before.mean())),
        float(np.sqrt(after.mean())), difference,
        ask.regret(before) if question.first else float("nan"),
        np.linalg.inv(ask.precision + have[0]), failed,
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class _Asked:
    slopes: np.ndarray  # (point, free)
    precision: np.ndarray  # (free, free)
    difference: float

    def variance(self, have: Sequence[np.ndarray]) -> np.ndarray:
        """Of the question at every point, with information gained."""
        return np.array([
            float(g @ np.linalg.solve(self.precision + one, g))
            for g, one in zip(self.slopes, have, strict=True)
        ])  # fmt: skip

    def regret(self, variance: np.ndarray) -> float:
        """Mean expected regret over the points."""
        return float(np.mean([expected_regret(self.difference, v) for v in variance]))

    def batch(
        self, by_name: dict[str, Candidate], gained: dict[str, list[np.ndarray]], budget: float,
        worth: Callable[[Told], float],
    ) -> tuple[list[Told], list[np.ndarray]]:  # fmt: skip
        """Candidates added one by one, the one of most worth first, and the information then."""
        chosen, left = list[Told](), budget
        have = [np.zeros_like(self.precision)] * len(self.slopes)
        while True:
            told = [
                self.told(by_name[name], have, gained[name])
                for name in gained
                if by_name[name].cost <= left
                and sum(one.name == name for one in chosen) < by_name[name].most
            ]
            told = [one for one in told if one.information > _LEAST]
            if not told:
                return chosen, have
            best = max(told, key=worth)
            chosen.append(best)
            have = [a + b for a, b in zip(have, gained[best.name], strict=True)]
            left -= best.cost

    def told(self, one: Candidate, have: Sequence[np.ndarray], more: Sequence[np.ndarray]) -> Told:
        """What a candidate tells on top of what there is."""
        nothing = [np.zeros_like(self.precision)] * len(self.slopes)
        first, before = self.variance(nothing), self.variance(have)
        after = self.variance([a + b for a, b in zip(have, more, strict=True)])
        regret = float("nan")
        if np.isfinite(self.difference):
            regret = self.regret(first) - self.regret(first - after)
        return Told(
            one.name, one.cost, float(np.mean(0.5 * np.log(before / after))),
            float(np.sqrt(after.mean())), regret,
        )  # fmt: skip


def _check(
    posterior: Posterior, question: Question, candidates: Sequence[Candidate], budget: float,
    points: int,
) -> None:  # fmt: skip
    found = []
    if not candidates:
        found.append("Expected at least one candidate, got none.")
    if points < 1:
        found.append(f"Expected at least one point, got {points}.")
    found += [f"Candidate '{one.name}': expected a cost above zero, got {one.cost}."
              for one in candidates if not one.cost > 0]  # fmt: skip
    if not np.isfinite(budget) or (candidates and budget < min(one.cost for one in candidates)):
        found.append(f"The budget {budget:g} is below the cost of every candidate.")
    names = posterior.free.names
    decision = question.first is not None and question.second is not None
    if bool(question.parameter) == decision:
        found.append(f"Question '{question.name}': expected a parameter, or two therapies.")
    elif question.parameter and question.parameter not in names:
        found.append(f"Question: unrecognized parameter '{question.parameter}'."
                     f"{nearest(question.parameter, names)}")  # fmt: skip
    raise_all(found)


def _shared(posterior: Posterior) -> list[int]:
    return [i for i, m in enumerate(posterior.free.members) if m.experiment is None]


def _problem(posterior: Posterior, experiments: list[Experiment], own: list[str]) -> Any:
    shared = [posterior.free.members[i] for i in _shared(posterior)]
    return CalibrationProblem(
        posterior.model, experiments, [*(m.name for m in shared), *own], posterior.base,
        priors={m.name: m.prior for m in shared},
    )  # fmt: skip


def _question(
    posterior: Posterior, question: Question, at: list[np.ndarray]
) -> tuple[list[np.ndarray | None], float]:
    """Gradient of the question at every point (None where it failed), and its value."""
    size = len(posterior.free)
    if question.parameter:
        one = np.zeros(size)
        one[posterior.free.names.index(question.parameter)] = 1.0
        return [one] * len(at), float("nan")
    both = []
    for experiment, name in ((question.first, "first"), (question.second, "second")):
        assert experiment is not None
        seen = dataclasses.replace(experiment.observations[0], value=0.0, sd=1.0, censor="none")
        both.append(dataclasses.replace(experiment, name=name, observations=(seen,)))
    problem, place = _problem(posterior, both, []), _shared(posterior)
    slopes: list[np.ndarray | None] = []
    difference = float("nan")
    for i, found in enumerate(problem.evaluate([z[place] for z in at])):
        if not found.is_ok:
            slopes.append(None)
            continue
        slope = np.zeros(size)
        slope[place] = found.jacobian[0] - found.jacobian[1]
        slopes.append(slope)
        if i == 0:
            difference = float(found.residuals[0] - found.residuals[1])
    if slopes[0] is None:
        raise CalibrationError("The question's therapies could not be simulated at the centre.")
    return slopes, difference


def _information(
    posterior: Posterior, candidates: Sequence[Candidate], at: list[np.ndarray]
) -> tuple[dict[str, list[np.ndarray]], dict[str, str]]:
    """Information matrices by candidate, one a point; and why others have none."""
    own = [f"{one.name}:{path}" for one in candidates for path in one.nuisance]
    problem = _problem(posterior, [one.experiment for one in candidates], own)
    place, size = _shared(posterior), len(posterior.free)
    shared = len(place)
    centre = problem.free.to_coordinates({})[shared:]
    spread = problem.free.prior_spread(np.concatenate([posterior.mean[place], centre]))[shared:]
    evaluations = problem.evaluate([np.concatenate([z[place], centre]) for z in at])
    found, failed, row = dict[str, list[np.ndarray]](), dict[str, str](), 0
    for one in candidates:
        count = len(one.experiment.observations)
        mine = [k for k, name in enumerate(own) if name.startswith(f"{one.name}:")]
        bad = [e for e in evaluations if e.statuses[one.name] != Status.OK]
        if bad:
            failed[one.name] = bad[0].explanation
        else:
            found[one.name] = []
            for evaluation in evaluations:
                rows = evaluation.jacobian[row : row + count]
                told = np.zeros((size, size))
                told[np.ix_(place, place)] = information_of(
                    rows[:, :shared], rows[:, [shared + k for k in mine]], spread[mine]
                )
                found[one.name].append(told)
        row += count
    return found, failed
