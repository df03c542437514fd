"""A twin that takes in new visits and sensor values one by one, without starting over.

The twin is a cloud of particles in the coordinates of a fit. Its target is exact given the fit's
normal posterior:

    p(z | all) ∝ N(z; fit) · Π_visits L(visit | z)

Every visit is first judged (`surprise`), then taken in by tempering (`tempering`). Values of one
course share one simulation, from the start of the course to its last value; so a value taken in
months ago still counts, and taking values in one by one gives what taking them in at once does.
Parameters that belonged to a single experiment of the fit do not enter a visit's prediction; they
move with the others through their correlations.
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import CalibrationError
from .experiment import Experiment
from .noise import CENSOR_CODES, EXACT, MASKED
from .posterior import Posterior, studied_of
from .problem import CalibrationProblem
from .surprise import Surprise, surprise
from .tempering import Ladder, Normal, temper

_LEVEL = 0.01
_FEWEST = 8


@dataclasses.dataclass(frozen=True)
class Taken:
    """What taking in one visit did.

    Attributes:
        day: Of the visit.
        surprise: Whether the twin could explain it before it was taken in.
        ladder: How the particles were carried over.
        narrowed: Posterior spread after over before, by parameter.
    """

    day: float
    surprise: Surprise
    ladder: Ladder
    narrowed: dict[str, float]


@dataclasses.dataclass(frozen=True)
class Twin:
    """What is known of a donor now.

    Attributes:
        base: The fit's posterior, before any visit.
        particles: Draws of the coordinates, equally weighted, shape (particle, free).
        courses: Visits taken in, by name of their course, each with all its values.
    """

    base: Posterior
    particles: np.ndarray
    courses: Mapping[str, Experiment] = dataclasses.field(default_factory=dict)

    @staticmethod
    def of(posterior: Posterior, num_particles: int = 64, seed: int = 0) -> "Twin":
        """A twin as the fit left it.

        Args:
            posterior: Of a fit.
            num_particles: How many; the error of a mean is a spread over its root.
            seed: Of the draws, which are made to have the posterior's own mean and covariance
                where there are enough of them.

        Raises:
            CalibrationError: fewer than eight particles.
        """
        if num_particles < _FEWEST:
            raise CalibrationError(f"Expected at least {_FEWEST} particles, got {num_particles}.")
        return Twin(posterior, _matched(posterior, num_particles, seed))

    @property
    def posterior(self) -> Posterior:
        """The normal distribution with the particles' moments, for predictions and reports."""
        if not self.courses:
            return self.base
        digest = hashlib.sha256(self.base.data_hash.encode())
        for name in self.courses:
            digest.update(self._problem(name).data_hash.encode())
        return dataclasses.replace(
            self.base,
            mean=self.particles.mean(axis=0),
            covariance=np.atleast_2d(np.cov(self.particles, rowvar=False)),
            studied=dict(self.base.studied)
            | {name: studied_of(one) for name, one in self.courses.items()},
            data_hash=digest.hexdigest(),
        )

    def take_in(
        self, visit: Experiment, *, level: float = _LEVEL, seed: int = 0, moves: int = 2
    ) -> "tuple[Twin, Taken]":
        """Judge one visit and take its values in.

        Args:
            visit: Its new values only; the protocol from the start of the course. A visit of the
                same name belongs to the same course and is simulated together with it.
            level: Below which p a visit is called unexplained; it is taken in all the same.
            seed: Of the particles' moves.
            moves: Metropolis sweeps after each rung of the tempering.

        Returns:
            The twin that knows the visit, and what happened.

        Raises:
            CalibrationError: the visit does not make sense, no particle could be simulated, or
                the values contradict everything.
        """
        before = self.courses.get(visit.name)
        old = tuple(before.observations) if before is not None else ()
        merged = dataclasses.replace(visit, observations=(*old, *visit.observations))
        if before is not None and before.protocol.days > visit.protocol.days:
            merged = dataclasses.replace(merged, protocol=before.protocol)
        after = Twin(self.base, self.particles, dict(self.courses) | {visit.name: merged})
        others = [after._problem(name) for name in self.courses if name != visit.name]
        problem, count = after._problem(visit.name), len(old)

        residuals, told = after._judge(problem, others, self.particles, count)
        codes = [CENSOR_CODES[o.censor] for o in visit.observations]
        kept = np.array([code != MASKED for code in codes])
        good = np.isfinite(told[:, 1])
        if not good.any():
            raise CalibrationError(
                f"Visit '{visit.name}': no particle could be simulated. Check the protocol."
            )
        found = surprise(
            residuals[good][:, kept],
            np.array([code == EXACT for code in codes])[kept],
            [(o.observable, o.time) for o, is_kept in zip(visit.observations, kept, strict=True)
             if is_kept],
            level=level, seed=seed, num_failed=int(np.sum(~good)),
        )  # fmt: skip

        low, high = self.base.free.bounds
        try:
            ladder = temper(
                self.particles, Normal(self.base.mean, self.base.covariance, low, high),
                lambda z: after._judge(problem, others, z, count)[1], seed=seed, moves=moves,
                known=told,
            )  # fmt: skip
        except ValueError as error:
            raise CalibrationError(f"Visit '{visit.name}': {error} {found.sentence}.") from error
        narrowed = np.std(ladder.particles, axis=0) / np.std(self.particles, axis=0)
        return dataclasses.replace(after, particles=ladder.particles), Taken(
            max(o.time for o in visit.observations), found, ladder,
            dict(zip(self.base.free.names, map(float, narrowed), strict=True)),
        )  # fmt: skip

    def take_in_all(self, visits: Experiment, **options: Any) -> "tuple[Twin, list[Taken]]":
        """Take in the values of a course day by day, in order; options as of `take_in`."""
        twin, told = self, []
        for day in sorted({o.time for o in visits.observations}):
            of_day = tuple(o for o in visits.observations if o.time == day)
            twin, one = twin.take_in(dataclasses.replace(visits, observations=of_day), **options)
            told.append(one)
        return twin, told

    def _problem(self, course: str) -> CalibrationProblem:
        shared = [m for m in self.base.free.members if m.experiment is None]
        if not shared:
            raise CalibrationError(
                "Every free parameter of the fit belongs to one experiment; nothing is left that "
                "a visit could tell. Fit at least one donor parameter."
            )
        return CalibrationProblem(
            self.base.model, [self.courses[course]], [m.name for m in shared], self.base.base,
            priors={m.name: m.prior for m in shared},
        )  # fmt: skip

    def _judge(
        self, problem: CalibrationProblem, others: list[CalibrationProblem], z: np.ndarray, old: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Residuals of the new values, and log-likelihoods of all old and of the new ones."""
        place = [i for i, m in enumerate(self.base.free.members) if m.experiment is None]
        points = list(z[:, place])
        found = problem.evaluate(points, with_jacobian=False)
        size = len(found[0].residuals) - len(place)
        rows = np.stack([one.residuals[:size] for one in found])
        told = -0.5 * np.stack([np.sum(rows[:, :old] ** 2, 1), np.sum(rows[:, old:] ** 2, 1)], 1)
        told[[not one.is_ok for one in found]] = -np.inf
        for other in others:
            for i, one in enumerate(other.evaluate(points, with_jacobian=False)):
                data = one.residuals[: len(one.residuals) - len(place)]
                told[i, 0] += -0.5 * float(data @ data) if one.is_ok else -np.inf
        return rows[:, old:], told


def _matched(posterior: Posterior, count: int, seed: int) -> np.ndarray:
    """Draws with the posterior's own moments, held to the bounds."""
    drawn = posterior.sample(count, seed)
    if count <= 2 * len(posterior.free):
        return drawn
    apart = drawn - drawn.mean(axis=0)
    have = np.linalg.cholesky(np.atleast_2d(np.cov(apart, rowvar=False)))
    want = np.linalg.cholesky(posterior.covariance)
    moved = posterior.mean + np.linalg.solve(have, apart.T).T @ want.T
    return np.clip(moved, *posterior.free.bounds)
