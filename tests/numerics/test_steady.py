"""Steady states: found, non-negative, differentiable, and honest about failure."""

import jax
import jax.numpy as jnp
import numpy as np

from skinmech.numerics import ChainLayout, Status, build_system, integrate, steady_state


def dosed(toy):
    """The toy with a constant infusion, so that its steady state holds drug."""

    def f(t, y, args):
        return toy.f(0.0, y, args).at[-3].add(0.5)

    return f


def test_steady_state_is_where_the_dynamics_end(toy):
    f = dosed(toy)
    found = jax.jit(lambda a: steady_state(f, toy.system, toy.y0, a))(toy.args)
    assert int(found.status) == Status.OK
    assert float(found.residual) < 1e-9
    late = jax.jit(lambda a: integrate(f, toy.system, toy.y0, a, 0.0, 500.0, jnp.asarray([500.0])))(
        toy.args
    )
    np.testing.assert_allclose(found.y, late.ys[0], rtol=1e-5, atol=1e-7)


def test_implicit_derivative_agrees_with_differences_and_its_transpose(toy):
    f = dosed(toy)
    rng = np.random.default_rng(0)
    direction = {name: value * rng.normal() for name, value in toy.args.items()}
    weights = jnp.asarray(rng.normal(size=toy.y0.size))

    @jax.jit
    def value(args):
        return weights @ steady_state(f, toy.system, toy.y0, args, rtol=1e-12, atol=1e-14).y

    def along(h):
        return value({k: v + h * direction[k] for k, v in toy.args.items()})

    forward = jax.jit(lambda a, d: jax.jvp(value, (a,), (d,))[1])(toy.args, direction)
    gradient = jax.jit(jax.grad(value))(toy.args)
    reverse = sum(gradient[k] * direction[k] for k in direction)
    difference = (along(1e-4) - along(-1e-4)) / 2e-4
    np.testing.assert_allclose(reverse, forward, rtol=1e-11)
    np.testing.assert_allclose(forward, difference, rtol=1e-6)


def test_states_stay_non_negative_and_the_positive_root_is_found():
    """y' = y (1 - y) + 0.01 has a negative root as well; a raw Newton step from 0.4 finds it."""

    def f(t, y, args):
        return y * (1.0 - y) + 0.01

    system = build_system(f, ChainLayout(1, 1, 0), [(jnp.asarray(0.0), jnp.ones(1), None)])
    found = jax.jit(lambda y: steady_state(f, system, y, None))(jnp.asarray([0.4]))
    assert int(found.status) == Status.OK
    np.testing.assert_allclose(found.y, (1 + np.sqrt(1.04)) / 2, rtol=1e-8)


def test_failure_is_reported():
    def grow(t, y, args):
        return 1.0 + y * y

    system = build_system(grow, ChainLayout(1, 1, 0), [(jnp.asarray(0.0), jnp.ones(1), None)])
    solve = jax.jit(lambda y: steady_state(grow, system, y, None, max_steps=50))
    for start, expected in ((1.0, None), (jnp.nan, Status.NONFINITE)):
        found = solve(jnp.asarray([start]))
        assert int(found.status) != Status.OK
        assert expected is None or int(found.status) == expected
        assert np.isnan(found.y).all()
