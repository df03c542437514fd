"""Descent on a cost that is a sum over many donors, a few of them at a time.

Adam (Kingma and Ba 2015, arXiv:1412.6980) by optax, with a step that falls along a cosine, and the
mean of the last quarter of the way as the answer (Polyak and Juditsky 1992, SIAM J Control Optim
30, 838), which averages out what the choice of donors adds.
"""

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from .errors import CalibrationError

Loss = Callable[[Float[Array, " free"], Int[Array, " batch"]], Float[Array, " batch"]]
_TOLD = 50  # points along the way at which the cost is kept


@dataclasses.dataclass(frozen=True)
class Descent:
    """Where a stochastic descent ended.

    Attributes:
        z: Mean of the last quarter of the way.
        last: The last point.
        cost: Estimated cost of all donors along the way, each from one batch.
        num_skipped: Steps left out since a gradient was not finite.
    """

    z: Float[np.ndarray, " free"]
    last: Float[np.ndarray, " free"]
    cost: Float[np.ndarray, " told"]
    num_skipped: int


def stochastic(
    losses: Loss,
    count: int,
    start: np.ndarray,
    *,
    prior: Callable[[Array], Array] | None = None,
    batch: int = 8,
    steps: int = 2000,
    rate: float = 0.05,
    seed: int = 0,
    bounds: tuple[np.ndarray, np.ndarray] | None = None,
) -> Descent:
    """Minimise the sum of all donors' losses plus a prior.

    Each step draws donors without replacement from a shuffled order and scales their mean up to
    all of them, so that its gradient is that of the whole cost on average.

    Args:
        losses: Coordinates and donors' numbers to one loss each; pure, reverse mode.
        count: Number of donors.
        start: Coordinates, shape (free,).
        prior: Added once, not per donor.
        batch: Donors a step.
        steps: How many.
        rate: First step size, in coordinates.
        seed: Of the order.
        bounds: The box to stay in.

    Raises:
        CalibrationError: numbers that make no sense, or no finite gradient at the start.
    """
    if not 1 <= batch <= count or steps < 4 or rate <= 0:
        raise CalibrationError(
            f"Expected a batch between 1 and {count}, four steps and a positive rate, got {batch}, "
            f"{steps} and {rate:g}."
        )
    low, high = bounds if bounds is not None else (-np.inf, np.inf)
    rule = optax.adam(optax.cosine_decay_schedule(rate, steps, alpha=1e-3))

    def cost(z: Array, chosen: Array) -> Array:
        whole = count * jnp.mean(losses(z, chosen))
        return whole if prior is None else whole + prior(z)

    order = _order(count, batch, steps, seed)
    first = jnp.asarray(start, float)
    _, slope = jax.jit(jax.value_and_grad(cost))(first, order[0])
    if not np.all(np.isfinite(np.asarray(slope))):
        raise CalibrationError("The gradient at the start is not finite. Start elsewhere.")

    def step(carry, chosen):
        z, state = carry
        value, slope = jax.value_and_grad(cost)(z, chosen)
        is_fine = jnp.all(jnp.isfinite(slope)) & jnp.isfinite(value)
        change, after = rule.update(jnp.where(is_fine, slope, 0.0), state)
        moved = jnp.clip(z + change, low, high)  # type: ignore[operator]
        z = jnp.where(is_fine, moved, z)
        state = jax.tree.map(lambda a, b: jnp.where(is_fine, a, b), after, state)
        return (z, state), (z, value, is_fine)

    run = jax.jit(lambda z: jax.lax.scan(step, (z, rule.init(z)), order))
    (last, _), (way, values, fine) = run(first)
    kept = np.asarray(way)[-max(1, steps // 4) :]
    told = np.asarray(values)[:: max(1, steps // _TOLD)]
    return Descent(kept.mean(axis=0), np.asarray(last), told, int(np.sum(~np.asarray(fine))))


def _order(count: int, batch: int, steps: int, seed: int) -> Int[np.ndarray, "step batch"]:
    """Donors of every step: one shuffled round after the other."""
    random = np.random.default_rng(seed)
    rounds = -(-steps // (count // batch))
    rows = []
    for _ in range(rounds):
        shuffled = random.permutation(count)
        rows += list(shuffled[: count // batch * batch].reshape(-1, batch))
    return np.array(rows[:steps])
