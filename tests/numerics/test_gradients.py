"""Derivatives of a solve: forward, reverse and finite differences agree; dose times included."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.numerics import ChainLayout, Status, build_system, integrate_segments


def outputs(toy, args, boundaries, y0, gradient, **options):
    options = {"rtol": 1e-8, "atol": 1e-10, "max_steps": 600, "apply_event": toy.dose} | options
    return integrate_segments(
        toy.f, toy.system, y0, args, boundaries, toy.save_times, gradient=gradient, **options
    )


@pytest.fixture(scope="module")
def case(toy):
    """Weights, a direction, and boundaries with a padding segment and an event at its time."""
    rng = np.random.default_rng(0)
    boundaries = jnp.asarray([0.0, 2.2, 2.2, 5.0, 8.0, 8.0])
    weights = jnp.asarray(rng.normal(size=(toy.save_times.size, toy.y0.size)))
    point = (toy.args, boundaries, toy.y0)
    step = jnp.asarray([0.0, 1.0, 1.0, -0.5, 0.0, 0.0])
    direction = (
        {name: value * rng.normal() for name, value in toy.args.items()},
        step,
        jnp.asarray(rng.normal(size=toy.y0.size)),
    )
    return weights, point, direction


def test_forward_reverse_and_differences_agree(toy, case):
    weights, point, direction = case

    def loss(point, gradient):
        return jnp.sum(weights * outputs(toy, point[0], point[1], point[2], gradient).ys)

    forward = jax.jit(lambda p, d: jax.jvp(lambda q: loss(q, "forward"), (p,), (d,))[1])(
        point, direction
    )
    gradient = jax.jit(jax.grad(lambda p: loss(p, "reverse")))(point)
    reverse = sum(
        jnp.vdot(a, b)
        for a, b in zip(jax.tree.leaves(gradient), jax.tree.leaves(direction), strict=True)
    )
    np.testing.assert_allclose(reverse, forward, rtol=1e-11)  # both differentiate one mesh

    value = jax.jit(lambda p: loss(p, "forward"))

    def along(h):
        return value(jax.tree.map(lambda a, b: a + h * b, point, direction))

    best = min(
        abs((along(h) - along(-h)) / (2 * h) - forward) / abs(forward)
        for h in (1e-3, 3e-4, 1e-4, 3e-5)
    )
    assert best < 1e-6, best


def test_dose_time_gradient_is_exact():
    """Unit doses into y' = -y at times s and 2: y(3) = e^-(3-s) + e^-1, so dy/ds = e^-(3-s)."""
    layout = ChainLayout(1, 1, 0)

    def decay(t, y, args):
        return -y

    system = build_system(decay, layout, [(jnp.asarray(0.0), jnp.ones(1), None)])

    def final(s, gradient):
        boundaries = jnp.stack([jnp.asarray(0.0), s, jnp.asarray(2.0), jnp.asarray(3.0)])
        result = integrate_segments(
            decay, system, jnp.zeros(1), None, boundaries, jnp.asarray([3.0]), max_steps=200,
            apply_event=lambda k, y, args: y + jnp.where(k > 0, 1.0, 0.0), gradient=gradient,
            rtol=1e-10, atol=1e-12,
        )  # fmt: skip
        return result.ys[0, 0]

    s = jnp.asarray(0.7)
    exact = np.exp(-(3.0 - 0.7))
    _, forward = jax.jvp(lambda s: final(s, "forward"), (s,), (jnp.asarray(1.0),))
    np.testing.assert_allclose(forward, exact, rtol=1e-8)
    np.testing.assert_allclose(jax.grad(lambda s: final(s, "reverse"))(s), exact, rtol=1e-8)


def test_columns_of_jacfwd_are_those_of_jvp(toy):
    def final(args):
        return outputs(toy, args, toy.boundaries, toy.y0, "forward", rtol=1e-5).final

    columns = jax.jit(jax.jacfwd(final))(toy.args)
    seed = {name: jnp.asarray(1.0 if name == "binding" else 0.0) for name in toy.args}
    _, one = jax.jit(lambda a, d: jax.jvp(final, (a,), (d,)))(toy.args, seed)
    np.testing.assert_allclose(columns["binding"], one, rtol=1e-9, atol=1e-12)


def test_gradient_of_a_failed_solve_is_not_a_number(toy):
    def loss(args):
        result = outputs(toy, args, toy.boundaries, toy.y0, "reverse", max_steps=5)
        return jnp.sum(result.ys), result.status

    (value, status), gradient = jax.value_and_grad(loss, has_aux=True)(toy.args)
    assert int(status) == Status.MAX_STEPS
    assert np.isnan(value)
    assert all(np.isnan(g) for g in jax.tree.leaves(gradient))


def test_reverse_gradient_under_vmap_is_that_of_a_loop(toy):
    def loss(scale):
        args = toy.args | {"binding": toy.args["binding"] * scale}
        return jnp.sum(outputs(toy, args, toy.boundaries, toy.y0, "reverse", rtol=1e-6).ys ** 2)

    scales = jnp.asarray([0.5, 1.0, 3.0])
    one = jax.jit(jax.grad(loss))
    np.testing.assert_allclose(
        jax.jit(jax.vmap(jax.grad(loss)))(scales), jnp.stack([one(s) for s in scales]), rtol=1e-9
    )
