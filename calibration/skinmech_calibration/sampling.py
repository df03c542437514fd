"""Draws of a posterior by the no-U-turn sampler, that can be killed and go on exactly.

The sampler is BlackJAX's (Hoffman and Gelman 2014, JMLR 15, 1593), with Stan's warm-up: step size
by dual averaging, metric by windows. Chains are run in pieces of fixed length; after each piece
the state is written down, whole or not at all. Randomness depends only on seed, chain and
iteration, so that a sampler that goes on from its file gives, bit for bit, what it would have
given undisturbed.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from skinmech.numerics import in_threads

from .errors import CalibrationError
from .files import read_json, write_json
from .objective import AbstractObjective
from .samples import Samples
from .unbounded import unbounded

_FAST, _SLOW, _DRAW, _IDLE = range(4)
_TRIES = 100  # start points drawn until one has a density
_KIND = "skinmech sampler"


class SamplingProgress(NamedTuple):
    """How far a sampler is: iterations done of each chain, of how many, divergences so far."""

    done: int
    total: int
    divergent: int


class _Chain(NamedTuple):
    """A chain between two iterations."""

    state: Any
    step: Any
    metric: Any
    step_size: Array
    inverse_mass: Array


def sample(
    objective: AbstractObjective,
    *,
    draws: int = 1000,
    tune: int = 500,
    chains: int = 4,
    seed: int = 0,
    at: np.ndarray | None = None,
    checkpoint: str | Path | None = None,
    piece: int = 100,
    max_doublings: int = 8,
    target_acceptance: float = 0.8,
    progress: Callable[[SamplingProgress], None] | None = None,
) -> Samples:
    """Draw from a posterior.

    Args:
        objective: What to draw from.
        draws: Kept iterations of each chain.
        tune: Iterations before them, of which nothing is kept.
        chains: How many; two at least, or R-hat means nothing.
        seed: Of everything random.
        at: Coordinates of the optimum, for the scale of the first steps; default `start`.
        checkpoint: File written after every piece. If it is there already, sampling goes on.
        piece: Iterations between two checkpoints.
        max_doublings: Longest trajectory is two to this many steps.
        target_acceptance: Of the warm-up.
        progress: Called after every piece.

    Raises:
        CalibrationError: numbers that make no sense, no start with a density, or a checkpoint of
            something else.
        ImportError: BlackJAX is not installed; the message names the extra.
    """
    if min(draws, tune, chains, piece) < 1 or not 0.0 < target_acceptance < 1.0:
        raise CalibrationError(
            "Expected at least one draw, warm-up iteration, chain and iteration a piece, and a "
            f"target between 0 and 1, got {draws}, {tune}, {chains}, {piece} and "
            f"{target_acceptance:g}."
        )
    _blackjax()
    centre = np.array(objective.start if at is None else at, float)
    settings = {"draws": draws, "tune": tune, "chains": chains, "seed": seed, "piece": piece,
                "at": centre.tolist(), "max_doublings": max_doublings,
                "target": target_acceptance}  # fmt: skip
    machine = _machine(objective, centre, max_doublings, target_acceptance)
    stages, ends = _schedule(tune, draws, piece)
    if checkpoint is not None and Path(checkpoint).exists():
        current, told, done = _resume(checkpoint, objective, settings, machine)
    else:
        current = [machine.begin(seed, c) for c in range(chains)]
        told, done = [_nothing(len(centre)) for _ in range(chains)], 0
    for number in range(done, len(stages)):
        plan = (stages[number], ends[number])
        results = in_threads(
            functools.partial(_advance, machine, current, plan, seed, number * piece), chains
        )
        current = [carry for carry, _ in results]
        told = [{k: np.concatenate([old[k], new[k]]) for k in old}
                for old, (_, new) in zip(told, results, strict=True)]  # fmt: skip
        if checkpoint is not None:
            _save(checkpoint, objective, settings, current, told, number + 1)
        if progress is not None:
            lost = sum(int(one["diverging"].sum()) for one in told)
            progress(SamplingProgress(min((number + 1) * piece, tune + draws), tune + draws, lost))
    stats = {name: np.stack([one[name] for one in told]) for name in told[0]}
    return Samples(
        names=objective.names, z=stats.pop("z"), stats=stats,
        values=objective.to_natural(np.stack([one["z"] for one in told])),
        spread=objective.spread(centre), tune=tune, seed=seed, identity=objective.identity,
    )  # fmt: skip


def _advance(
    machine: "_Machine", current: list[_Chain], plan: tuple[np.ndarray, np.ndarray], seed: int,
    first: int, chain: int,
) -> tuple[_Chain, dict[str, np.ndarray]]:  # fmt: skip
    """One chain moved on by a piece, and what it keeps of it."""
    key = jax.random.fold_in(jax.random.key(seed), chain)
    carry, out = machine.piece(current[chain], *plan, key, first)
    kept = plan[0] == _DRAW
    return carry, {name: np.asarray(v)[kept] for name, v in out.items()}


def _blackjax() -> Any:
    try:
        import blackjax
    except ImportError as error:
        raise ImportError(
            "Sampling needs BlackJAX. Install it with: pip install 'skinmech[sampling]'"
        ) from error
    return blackjax


class _Machine:
    """The compiled program that moves one chain on by a piece."""

    def __init__(self, objective: AbstractObjective, centre: np.ndarray, doublings: int,
                 target: float):  # fmt: skip
        from blackjax.adaptation.mass_matrix import mass_matrix_adaptation
        from blackjax.adaptation.step_size import dual_averaging_adaptation

        self.size = len(centre)
        self.kernel = _blackjax().nuts.build_kernel()
        self.doublings = doublings
        self.metric = mass_matrix_adaptation(False)
        self.step = dual_averaging_adaptation(target)
        self.map = unbounded(objective, centre)

        def log_density(x: Array) -> Array:
            z, stretch = self.map.to_box(x)
            value = objective.log_density(z) + stretch
            return jnp.where(jnp.isfinite(value), value, -jnp.inf)

        self.log_density = log_density if objective.is_reversible else _forward(log_density)
        self.slope = jax.jit(jax.value_and_grad(self.log_density))
        self.piece = jax.jit(self._piece)

    def begin(self, seed: int, chain: int) -> _Chain:
        """A chain at a draw of the normal approximation that has a density."""
        from blackjax.mcmc.hmc import HMCState

        random = np.random.default_rng([seed, chain, 1])
        for attempt in range(_TRIES):
            x = jnp.asarray(random.standard_normal(self.size) * 0.95**attempt)
            value, slope = self.slope(x)
            if np.isfinite(value) and np.all(np.isfinite(np.asarray(slope))):
                step, metric = self.step[0](0.5), self.metric[0](self.size)
                chain_ = _Chain(HMCState(x, value, slope), step, metric, jnp.asarray(0.5),
                                metric.inverse_mass_matrix)  # fmt: skip
                # Of fixed types, so that the first piece and one taken up again share a program.
                return jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf)), chain_)
        raise CalibrationError(
            f"No point with a density was found in {_TRIES} draws around the optimum. Give `at`, "
            "the coordinates of a fit's best point."
        )

    def _piece(
        self, chain: _Chain, stages: Array, ends: Array, key: Array, first: Array
    ) -> tuple[_Chain, dict[str, Array]]:
        def one(carry: _Chain, given: Any) -> tuple[_Chain, dict[str, Array]]:
            number, stage, is_end = given
            return jax.lax.cond(
                stage == _IDLE, self._idle, functools.partial(self._move, stage=stage),
                carry, jax.random.fold_in(key, number), is_end,
            )  # fmt: skip

        return jax.lax.scan(one, chain, (first + jnp.arange(len(stages)), stages, ends))

    def _idle(self, chain: _Chain, key: Array, is_end: Array) -> tuple[_Chain, dict[str, Array]]:
        zero, no = jnp.zeros(()), jnp.asarray(0)
        out = {"z": self.map.to_box(chain.state.position)[0], "lp": zero, "energy": zero,
               "acceptance_rate": zero, "step_size": zero, "tree_depth": no,
               "n_steps": no, "diverging": jnp.asarray(False)}  # fmt: skip
        return chain, out

    def _move(
        self, chain: _Chain, key: Array, is_end: Array, *, stage: Array
    ) -> tuple[_Chain, dict[str, Array]]:
        state, info = self.kernel(key, chain.state, self.log_density, chain.step_size,
                                  chain.inverse_mass, self.doublings)  # fmt: skip
        is_tuning = stage != _DRAW
        rate = jnp.where(jnp.isfinite(info.acceptance_rate), info.acceptance_rate, 0.0)
        tuned = self.step[1](chain.step, rate)
        learned = self.metric[1](chain.metric, state.position)
        step = _pick(is_tuning, tuned, chain.step)
        metric = _pick(stage == _SLOW, learned, chain.metric)
        # At the end of a slow window the metric is taken and the search of the step size begins
        # anew; at the end of the warm-up the average of the step sizes is kept.
        is_window = is_end & (stage == _SLOW)
        metric = _pick(is_window, self.metric[2](metric), metric)
        step = _pick(is_window, self.step[0](self.step[2](step)), step)
        inverse_mass = jnp.where(is_window, metric.inverse_mass_matrix, chain.inverse_mass)
        size = jnp.where(is_tuning, jnp.exp(step.log_step_size), chain.step_size)
        size = jnp.where(is_end & (stage == _FAST), self.step[2](step), size)
        z, stretch = self.map.to_box(state.position)
        out = {"z": z, "lp": state.logdensity - stretch, "energy": info.energy,
               "acceptance_rate": rate, "step_size": chain.step_size,
               "tree_depth": jnp.asarray(info.num_trajectory_expansions, int),
               "n_steps": jnp.asarray(info.num_integration_steps, int),
               "diverging": info.is_divergent}  # fmt: skip
        return _Chain(state, step, metric, size, inverse_mass), out


def _machine(
    objective: AbstractObjective, centre: np.ndarray, doublings: int, target: float
) -> _Machine:
    """The program of an objective, built once."""
    known: dict[Any, _Machine] = vars(objective).setdefault("_machines", {})
    key = (centre.tobytes(), doublings, target)
    if key not in known:
        known[key] = _Machine(objective, centre, doublings, target)
    return known[key]


def _pick(condition: Array, yes: Any, no: Any) -> Any:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), yes, no)


def _forward(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The same function, whose gradient in reverse is computed forward, direction by direction."""

    @jax.custom_vjp
    def value(x: Array) -> Array:
        return function(x)

    def ahead(x: Array) -> tuple[Array, Array]:
        slope, told = jax.jacfwd(lambda v: (function(v),) * 2, has_aux=True)(x)
        return told, jnp.where(jnp.isfinite(slope), slope, 0.0)

    value.defvjp(ahead, lambda slope, g: (g * slope,))
    return value


def _schedule(tune: int, draws: int, piece: int) -> tuple[np.ndarray, np.ndarray]:
    """Stage of every iteration and whether a window ends there, shape (number, piece)."""
    from blackjax.adaptation.window_adaptation import build_schedule

    rows = [(int(stage), bool(end)) for stage, end in build_schedule(tune)]
    stages = [stage for stage, _ in rows] + [_DRAW] * draws
    ends = [end for _, end in rows] + [False] * draws
    stages[tune - 1], ends[tune - 1] = _FAST, True
    padding = -len(stages) % piece
    return (
        np.array(stages + [_IDLE] * padding).reshape(-1, piece),
        np.array(ends + [False] * padding).reshape(-1, piece),
    )


def _nothing(size: int) -> dict[str, np.ndarray]:
    kinds = {"lp": float, "energy": float, "acceptance_rate": float, "step_size": float,
             "tree_depth": int, "n_steps": int, "diverging": bool}  # fmt: skip
    return {"z": np.zeros((0, size))} | {name: np.zeros(0, kind) for name, kind in kinds.items()}


def _save(path: Any, objective: Any, settings: Any, chains: Any, told: Any, done: int) -> None:
    leaves = [[np.asarray(leaf).tolist() for leaf in jax.tree.leaves(one)] for one in chains]
    write_json(path, {
        "kind": _KIND, "data": objective.identity, "settings": settings, "done": done,
        "chains": leaves, "told": [{k: v.tolist() for k, v in one.items()} for one in told],
    })  # fmt: skip


def _resume(
    path: str | Path, objective: AbstractObjective, settings: Any, machine: _Machine
) -> tuple[list[_Chain], list[dict[str, np.ndarray]], int]:
    given, name = read_json(path), Path(path).name
    if given.get("kind") != _KIND:
        raise CalibrationError(f"{name} is no checkpoint of a sampler. Name another file.")
    if given["data"] != objective.identity or given["settings"] != settings:
        raise CalibrationError(
            f"The checkpoint {name} belongs to another problem or to other settings "
            f"({given['settings']}). Use the same, delete it to start anew, or name another file."
        )
    like = machine.begin(settings["seed"], 0)
    leaves, tree = jax.tree.flatten(like)
    chains = [
        jax.tree.unflatten(tree, [jnp.asarray(np.array(v, leaf.dtype))
                                  for v, leaf in zip(one, leaves, strict=True)])
        for one in given["chains"]
    ]  # fmt: skip
    kinds = _nothing(machine.size)
    told = [{k: np.array(one[k], kinds[k].dtype).reshape(-1, *kinds[k].shape[1:]) for k in kinds}
            for one in given["told"]]  # fmt: skip
    return chains, told, given["done"]
