"""One Levenberg-Marquardt search as a state that proposes points and learns what became of them.

The search never runs the model itself, so that many searches go in step and share each batch of
simulations, progress can be told, and a search can be written down and taken up again exactly.
"""

import dataclasses
from typing import Any

import numpy as np

from .problem import Evaluation

_LONGEST_STEP = 2.0  # in coordinates, that is in spreads of the prior
_SMALL_GAIN = 1e-4  # of the cost, which is a log-density: far below what data can tell apart
_NOISY_GAIN = 1e-2  # the same, where steps that should gain do not, for the solver's own error
_FEW_REJECTIONS, _MOST_REJECTIONS = 6, 20
_DAMPING_RANGE = (1e-9, 1e12)
_MOST_SECANT = 3  # steps in a row on an updated Jacobian
_TRUSTED = (0.5, 2.0)  # gain over predicted gain between which the Jacobian is kept by an update

CONVERGED = ("no gain to expect", "gain below the error of the simulation")


@dataclasses.dataclass
class Search:
    """State of one search.

    Attributes:
        label: Which start it is.
        z: Best point so far, or the start.
        evaluation: At `z`; None until the start has been run.
        damping: Added to the scaled normal equations.
        growth: Factor on the damping at the next rejection.
        num_iterations: Accepted steps.
        num_rejected: Rejected steps.
        num_failed: Those among them at which a simulation failed.
        rejected_in_a_row: Since the last accepted step.
        failed_in_a_row: Those among them at which a simulation failed.
        reason: Why it ended; empty while it runs.
        explanation: What went wrong, where something did.
        history: Cost after every accepted step.
        wants_jacobian: Whether the next evaluation has to bring the Jacobian.
        num_secant: Secant updates since the Jacobian was last derived.
    """

    label: str
    z: np.ndarray
    evaluation: Evaluation | None = None
    damping: float = 1e-2
    growth: float = 2.0
    num_iterations: int = 0
    num_rejected: int = 0
    num_failed: int = 0
    rejected_in_a_row: int = 0
    failed_in_a_row: int = 0
    reason: str = ""
    explanation: str = ""
    history: list[float] = dataclasses.field(default_factory=list)
    proposed: np.ndarray | None = None
    predicted_gain: float = 0.0
    wants_jacobian: bool = True
    num_secant: int = 0

    @property
    def is_done(self) -> bool:
        """Whether it has ended."""
        return bool(self.reason)

    @property
    def is_converged(self) -> bool:
        """Whether it ended at a minimum. Never true where a simulation failed."""
        return self.reason in CONVERGED and self.evaluation is not None and self.evaluation.is_ok

    @property
    def cost(self) -> float:
        """Half the sum of squares at the best point; inf before there is one."""
        return self.evaluation.cost if self.evaluation else float("inf")

    def gradient_norm(self, low: np.ndarray, high: np.ndarray) -> float:
        """Largest component of the gradient that is not blocked by a bound."""
        if self.evaluation is None or self.evaluation.jacobian is None:
            return float("nan")
        gradient, blocked = self._gradient(low, high)
        return float(np.max(np.abs(np.where(blocked, 0.0, gradient)), initial=0.0))

    def expected_gain(self, low: np.ndarray, high: np.ndarray) -> float:
        """What a full Gauss-Newton step would gain at most: half the squared Newton decrement.

        It does not shrink with damping, so that short steps never look like convergence.
        """
        if self.evaluation is None or self.evaluation.jacobian is None:
            return float("inf")
        gradient, blocked = self._gradient(low, high)
        jacobian = self.evaluation.jacobian[:, ~blocked]
        step = np.linalg.solve(jacobian.T @ jacobian, gradient[~blocked])
        return 0.5 * float(gradient[~blocked] @ step)

    def propose(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The next point to run: a damped Gauss-Newton step inside the bounds.

        Where a Jacobian is wanted first (`wants_jacobian`), the point where it is.
        """
        if self.evaluation is None or self.wants_jacobian:
            self.proposed = np.clip(self.z, low, high)
            return self.proposed
        jacobian = self.evaluation.jacobian
        assert jacobian is not None
        gradient, blocked = self._gradient(low, high)
        free = ~blocked
        hessian = (jacobian.T @ jacobian)[np.ix_(free, free)]
        scale = np.maximum(np.diag(hessian), 1e-8)
        step = np.zeros_like(self.z)
        step[free] = -np.linalg.solve(hessian + self.damping * np.diag(scale), gradient[free])
        longest = np.max(np.abs(step), initial=0.0)
        step *= min(1.0, _LONGEST_STEP / max(longest, 1e-300))
        self.proposed = np.clip(self.z + step, low, high)
        step = self.proposed - self.z
        change = jacobian @ step
        self.predicted_gain = -float(gradient @ step + 0.5 * change @ change)
        return self.proposed

    def learn(self, found: Evaluation, low: np.ndarray, high: np.ndarray, most: int) -> None:
        """Take or reject the proposed point, and decide whether to go on.

        A trial needs no Jacobian: an accepted one is given the secant update of Broyden (1965,
        Math. Comp. 19, 577), and the Jacobian is derived anew where the update told too little.
        Convergence is only ever declared on a derived one.

        Args:
            found: At the proposed point; with its Jacobian where `wants_jacobian` is set, and
                with or without elsewhere.
            low: Lower bounds.
            high: Upper bounds.
            most: Accepted steps after which to stop.
        """
        if self.evaluation is None:
            self._begin(found, low, high)
            return
        if self.wants_jacobian:
            self._renew(found)
        elif found.is_ok and found.cost < self.cost:
            self._accept(found)
        else:
            self._reject(found)
        self._decide(low, high, most)

    def _renew(self, found: Evaluation) -> None:
        """Take the Jacobian derived at the best point."""
        self.wants_jacobian = False
        if found.is_ok:
            self.evaluation, self.num_secant = found, 0
        else:  # values could be had here, derivatives not: the update has to do
            self.num_failed += 1
            self.explanation = found.explanation
            self.num_secant = 0

    def _accept(self, found: Evaluation) -> None:
        assert self.evaluation is not None
        ratio = (self.cost - found.cost) / max(self.predicted_gain, 1e-300)
        self.damping *= max(1.0 / 3.0, 1.0 - (2.0 * min(ratio, 2.0) - 1.0) ** 3)
        self.damping = max(self.damping, _DAMPING_RANGE[0])
        self.growth, self.rejected_in_a_row, self.failed_in_a_row = 2.0, 0, 0
        if found.jacobian is None:
            found = dataclasses.replace(found, jacobian=_secant(self.evaluation, found))
            self.num_secant += 1
            is_trusted = _TRUSTED[0] < ratio < _TRUSTED[1]
            self.wants_jacobian = not is_trusted or self.num_secant >= _MOST_SECANT
        else:
            self.num_secant = 0
        self.z, self.evaluation = found.z, found
        self.num_iterations += 1
        self.history.append(self.cost)

    def _reject(self, found: Evaluation) -> None:
        self.num_rejected += 1
        self.num_failed += not found.is_ok
        self.explanation = found.explanation or self.explanation
        if self.num_secant and found.is_ok:  # perhaps the update is to blame
            self.wants_jacobian = True
            return
        self.rejected_in_a_row += 1
        self.failed_in_a_row += not found.is_ok
        self.damping = min(self.damping * self.growth * (1 if found.is_ok else 4),
                           _DAMPING_RANGE[1])  # fmt: skip
        self.growth *= 2.0

    def _begin(self, found: Evaluation, low: np.ndarray, high: np.ndarray) -> None:
        if not found.is_ok:
            self.reason, self.explanation = "failed at the start", found.explanation
            self.num_failed += 1
            return
        self.z, self.evaluation, self.wants_jacobian = found.z, found, False
        self.history.append(self.cost)
        if self.expected_gain(low, high) < _SMALL_GAIN:
            self.reason = CONVERGED[0]

    def _decide(self, low: np.ndarray, high: np.ndarray, most: int) -> None:
        if self.wants_jacobian and self.num_iterations < most:
            return
        gain = self.expected_gain(low, high)
        if self.num_secant and gain < _NOISY_GAIN and self.num_iterations < most:
            self.wants_jacobian = True  # perhaps a minimum: look with derivatives
            return
        is_stuck = self.rejected_in_a_row >= _FEW_REJECTIONS and not self.failed_in_a_row
        if gain < _SMALL_GAIN:
            self.reason = CONVERGED[0]
        elif gain < _NOISY_GAIN and is_stuck:
            self.reason = CONVERGED[1]
        elif self.rejected_in_a_row >= _MOST_REJECTIONS:
            self.reason = f"{_MOST_REJECTIONS} steps in a row were rejected"
        elif self.num_iterations >= most:
            self.reason = "most iterations reached"

    def _gradient(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert self.evaluation is not None and self.evaluation.jacobian is not None
        gradient = self.evaluation.jacobian.T @ self.evaluation.residuals
        blocked = ((self.z <= low) & (gradient > 0)) | ((self.z >= high) & (gradient < 0))
        return gradient, blocked

    def to_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly, as plain numbers and lists."""
        told = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("z", "evaluation", "proposed", "predicted_gain")
        }
        told["z"] = self.z.tolist()
        told["evaluation"] = None
        if self.evaluation is not None:
            assert self.evaluation.jacobian is not None
            told["evaluation"] = {
                "residuals": self.evaluation.residuals.tolist(),
                "jacobian": self.evaluation.jacobian.tolist(),
                "statuses": {n: int(s) for n, s in self.evaluation.statuses.items()},
            }
        return told

    @staticmethod
    def from_dict(told: dict[str, Any]) -> "Search":
        """A search from what `to_dict` gave."""
        from skinmech.numerics import Status

        given = dict(told)
        z = np.array(given.pop("z"), float)
        found = given.pop("evaluation")
        evaluation = None
        if found is not None:
            statuses = {n: Status(s) for n, s in found["statuses"].items()}
            jacobian = np.array(found["jacobian"], float)
            evaluation = Evaluation(z, np.array(found["residuals"], float), jacobian, statuses)
        return Search(z=z, evaluation=evaluation, **given)


def _secant(before: Evaluation, after: Evaluation) -> np.ndarray:
    """Broyden's update: the least change of the Jacobian that explains the last step."""
    assert before.jacobian is not None
    step = after.z - before.z
    missed = after.residuals - before.residuals - before.jacobian @ step
    return before.jacobian + np.outer(missed, step) / max(float(step @ step), 1e-300)
