"""What of a model is translated: its tendency, events and observables, and derivatives of them."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from ..modelling.model import SkinModel
from ..modelling.ports import Named
from ..submodels.exposure import SLOTS
from .emit import Program
from .pattern import pattern
from .translate import translate_stages
from .values import UnsupportedPrimitive

LANES = 8
"""Forward derivatives taken at a time."""


@dataclasses.dataclass(frozen=True)
class Functions:
    """A model as functions of flat arrays: parameters, surroundings, state.

    Attributes:
        tendency, observe, event: `f(par, env, y)`, `f(par, env, y)` and `f(par, env, y, told)`,
            where `told` holds doses (slots × 3), fluence and strips.
        num_par, num_env, num_state: Sizes of the inputs.
        observables: Names of what `observe` returns.
    """

    tendency: Callable[..., Any]
    observe: Callable[..., Any]
    event: Callable[..., Any]
    num_par: int
    num_env: int
    num_state: int
    observables: tuple[str, ...]


def functions(model: SkinModel, params: Any, environment: Mapping[str, Any]) -> Functions:
    """A model's functions of flat arrays.

    Args:
        model: The model.
        params: Parameters in internal units, for their structure.
        environment: Surroundings in internal units, for their structure.

    Raises:
        UnsupportedPrimitive: the tendency depends on time itself.
    """
    par, as_params = ravel_pytree(params)
    env, as_environment = ravel_pytree(dict(environment))
    y = np.asarray(model.initial_state(model.parameters()))
    traced = jax.make_jaxpr(model.tendency)(0.0, y, (params, dict(environment))).jaxpr
    if any(traced.invars[0] is v for eqn in traced.eqns for v in eqn.invars):
        raise UnsupportedPrimitive("The tendency depends on time; only constant surroundings do.")
    names = tuple(model.observables())

    def inside(p: Any, e: Any) -> Any:
        return as_params(p), as_environment(e)

    def tendency(p: Any, e: Any, y: Any) -> Any:
        return model.tendency(0.0, y, inside(p, e))

    def observe(p: Any, e: Any, y: Any) -> Any:
        found = model.observe(0.0, y, inside(p, e))
        return jnp.stack([found[name] for name in names])

    def event(p: Any, e: Any, y: Any, told: Any) -> Any:
        given = Named(dose=told[:-2].reshape(-1, 3), fluence=told[-2], strips=told[-1])
        return model.after_events(0.0, y, inside(p, e), given)

    return Functions(tendency, observe, event, par.size, env.size, y.size, names)


def tendency_pattern(f: Functions) -> np.ndarray:
    """Where the tendency's Jacobian may differ from zero, shape (state, state)."""
    state = ("y", np.zeros(f.num_state))
    return pattern(translate_stages(f.tendency, [_first(f), [state]], "rhs"), "y")


def forward_programs(f: Functions, colours: np.ndarray, entry_from: np.ndarray) -> list[Program]:
    """What a simulation needs.

    Args:
        f: The model's functions.
        colours: Colour of each state; states of one colour share no row of the Jacobian.
        entry_from: For each entry of the Jacobian, its place in the forward derivatives along
            all colours, shape (colour, state). Each colour is a constant, so that the translator
            leaves out what it does not reach.
    """
    first, state = _first(f), ("y", np.zeros(f.num_state))
    return [
        *step_programs(f, colours, entry_from),
        translate_stages(f.observe, [first, [state]], "observe"),
        translate_stages(f.event, [first, [state, _told()]], "event"),
    ]


def step_programs(f: Functions, colours: np.ndarray, entry_from: np.ndarray) -> list[Program]:
    """What a step needs; arguments are those of `forward_programs`."""
    first, state = _first(f), ("y", np.zeros(f.num_state))
    seeds = (colours == np.arange(colours.max() + 1)[:, None]).astype(float)

    def jac(p: Any, e: Any, y: Any) -> Any:
        _, push = jax.linearize(lambda state: f.tendency(p, e, state), y)
        return jnp.stack([push(seed) for seed in seeds]).ravel()[entry_from]

    return [
        translate_stages(f.tendency, [first, [state]], "rhs"),
        translate_stages(jac, [first, [state]], "jac"),
    ]


def tangent_programs(f: Functions) -> list[Program]:
    """What its derivatives need besides."""
    first, state, k = _first(f), ("y", np.zeros(f.num_state)), ("k", np.zeros(f.num_state))
    return [
        translate_stages(_pushed(f.tendency), [first, [state], _lanes(f)], "tangent"),
        translate_stages(_pushed(f.observe), [first, [state], _lanes(f)], "observe_tangent"),
        translate_stages(_pushed(f.event), [first, [state, _told()], _lanes(f)], "event_tangent"),
        translate_stages(_along(f), [first, [state], [k]], "push"),
    ]


def exact_tangent_programs(f: Functions) -> list[Program]:
    """What derivatives of steps need where the second derivative is worth translating too."""
    first, state, k = _first(f), ("y", np.zeros(f.num_state)), ("k", np.zeros(f.num_state))
    return [
        translate_stages(_pushed(f.tendency), [first, [state], _lanes(f)], "tangent"),
        translate_stages(_pushed(_along(f)), [first, [state], [k], _lanes(f)], "bend"),
    ]


def _pushed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The derivative of `f(par, env, y, ...)` along lanes of directions of y and par."""

    def along(p: Any, e: Any, *rest: Any) -> Any:
        y, *told, ty, tp = rest
        _, push = jax.linearize(lambda p, y: function(p, e, y, *told), p, y)
        return jax.vmap(push)(tp, ty)

    return along


def _along(f: Functions) -> Callable[..., Any]:
    """The tendency's derivative along one direction of the state."""

    def push(p: Any, e: Any, y: Any, k: Any) -> Any:
        return jax.jvp(lambda state: f.tendency(p, e, state), (y,), (k,))[1]

    return push


def _lanes(f: Functions) -> list[tuple[str, np.ndarray]]:
    return [("ty", np.zeros((LANES, f.num_state))), ("tp", np.zeros((LANES, f.num_par)))]


def _first(f: Functions) -> list[tuple[str, np.ndarray]]:
    return [("par", np.zeros(f.num_par)), ("env", np.zeros(f.num_env))]


def _told() -> tuple[str, np.ndarray]:
    return "told", np.zeros(3 * len(SLOTS) + 2)
