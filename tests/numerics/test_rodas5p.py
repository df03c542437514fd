"""Order, stiffness and dense output of the method, and its use inside diffrax."""

import diffrax as dfx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.numerics import ChainLayout, Rodas5P, build_system
from skinmech.numerics.rodas5p import interpolate, rodas5p_step


def scalar_system(f, args):
    layout = ChainLayout(1, 1, 0)
    return build_system(f, layout, [(jnp.asarray(0.3), jnp.asarray([0.7]), args)])


def oscillator(t, y, args):
    """Nonlinear and non-autonomous; y = exp(sin t) in the first field, cos t in the second."""
    return jnp.stack([y[0] * y[1], -jnp.sin(t) + (y[1] - jnp.cos(t)) * y[0]])


@pytest.fixture(scope="module")
def oscillator_system():
    draw = (jnp.asarray(0.3), jnp.asarray([0.7, 0.4]), None)
    return build_system(oscillator, ChainLayout(1, 2, 0), [draw])


def exact_oscillator(t):
    return np.stack([np.exp(np.sin(t)), np.cos(t)], axis=-1)


def stepper(f, system):
    return jax.jit(lambda t, h, y, args: rodas5p_step(f, system, t, h, y, args))


def march(step, y, t0, t1, num_steps, args=None):
    h = (t1 - t0) / num_steps
    for i in range(num_steps):
        y = step(t0 + i * h, h, y, args).y1
    return y


def observed_order(errors, ratio=2.0):
    return np.log(np.asarray(errors[:-1]) / np.asarray(errors[1:])) / np.log(ratio)


def test_order_is_five_on_a_smooth_problem(oscillator_system):
    y0 = jnp.asarray(exact_oscillator(0.0))
    step = stepper(oscillator, oscillator_system)
    errors = [
        np.abs(march(step, y0, 0.0, 2.0, n) - exact_oscillator(2.0)).max() for n in (8, 16, 32, 64)
    ]
    order = observed_order(errors)
    assert abs(order[-1] - 5.0) < 0.2, (errors, order)


def test_error_estimate_has_local_order_five(oscillator_system):
    y0 = jnp.asarray(exact_oscillator(0.4))
    step = stepper(oscillator, oscillator_system)
    estimates = [np.abs(step(0.4, h, y0, None).error).max() for h in (0.2, 0.1, 0.05)]
    assert abs(observed_order(estimates)[-1] - 5.0) < 0.3, estimates


def test_dense_output_has_order_four(oscillator_system):
    y0, t0 = jnp.asarray(exact_oscillator(0.4)), 0.4
    errors = []
    attempt = stepper(oscillator, oscillator_system)
    for h in (0.1, 0.05, 0.025):
        step = attempt(t0, h, y0, None)
        middle = [
            interpolate(jnp.asarray(theta), y0, step.y1, step.dense) for theta in (0.25, 0.5, 0.8)
        ]
        exact = [exact_oscillator(t0 + theta * h) for theta in (0.25, 0.5, 0.8)]
        errors.append(np.abs(np.asarray(middle) - np.asarray(exact)).max())
    # Local error of a formula of order 4 falls as h^5.
    assert observed_order(errors)[-1] > 4.7, errors


@pytest.mark.parametrize("stiffness", [1e1, 1e3, 1e5])
def test_prothero_robinson_keeps_order_four_when_stiff(stiffness):
    """y' = -λ (y - g(t)) + g'(t), y = g, at fixed z = λh: many methods fall to order 1 or 2."""

    def f(t, y, rate):
        return -rate * (y - jnp.sin(t)) + jnp.cos(t)

    step = stepper(f, scalar_system(f, jnp.asarray(1.0)))
    numbers = (4, 8, 16, 32)
    errors = []
    for n in numbers:
        rate = jnp.asarray(stiffness * n / 2.0)
        end = march(step, jnp.asarray([0.0]), 0.0, 2.0, n, rate)
        errors.append(float(np.abs(end - np.sin(2.0))[0]))
    slope = -np.polyfit(np.log(numbers), np.log(errors), 1)[0]
    # Order 4 here is what Rodas5P was built for (Steinebach 2023); the error is about h^4/z.
    assert abs(slope - 4.0) < 0.2, (errors, slope)


def test_stiff_decay_is_damped_in_one_huge_step():
    def f(t, y, args):
        return -1e8 * y

    system = scalar_system(f, None)
    step = stepper(f, system)(0.0, 1.0, jnp.ones(1), None)
    assert abs(float(step.y1[0])) < 1e-6


def test_works_as_a_diffrax_solver(oscillator_system):
    times = jnp.linspace(0.0, 2.0, 7)

    def solve(scale, adjoint) -> jax.Array:
        solution = dfx.diffeqsolve(
            dfx.ODETerm(oscillator),
            Rodas5P(oscillator_system),
            0.0,
            2.0,
            None,
            scale * jnp.asarray(exact_oscillator(0.0)),
            saveat=dfx.SaveAt(ts=times),
            stepsize_controller=dfx.PIDController(rtol=1e-9, atol=1e-9),
            adjoint=adjoint,
        )
        return jnp.asarray(solution.ys)

    ys = solve(1.0, dfx.RecursiveCheckpointAdjoint())
    # Dense output: an order below the step's own, hence ten times its tolerance.
    np.testing.assert_allclose(ys, exact_oscillator(np.asarray(times)), atol=1e-8)
    gradient = jax.jit(jax.grad(lambda s: jnp.sum(solve(s, dfx.RecursiveCheckpointAdjoint()))))(1.0)
    _, forward = jax.jit(
        lambda s: jax.jvp(lambda q: jnp.sum(solve(q, dfx.ForwardMode())), (s,), (1.0,))
    )(1.0)
    np.testing.assert_allclose(gradient, forward, rtol=1e-7)
