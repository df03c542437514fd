"""Segments, events, save times, accuracy and failure of the integrator."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from skinmech.numerics import (
    ChainLayout,
    Status,
    build_system,
    integrate,
    integrate_segments,
    status_text,
)


def reference(toy):
    """The toy problem by SciPy's Radau at tight tolerance, segment by segment."""
    f = jax.jit(lambda t, y: toy.f(t, y, toy.args))
    jac = jax.jit(jax.jacfwd(f, argnums=1))
    y, out = np.asarray(toy.y0), {}
    for k in range(3):
        t0, t1 = float(toy.boundaries[k]), float(toy.boundaries[k + 1])
        if t0 in np.asarray(toy.save_times):
            out[t0] = y
        y = np.asarray(toy.dose(k, jnp.asarray(y), None))
        inside = [float(t) for t in toy.save_times if t0 < t <= t1]
        sol = solve_ivp(
            f,
            (t0, t1),
            y,
            "Radau",
            np.unique([*inside, t1]),
            rtol=1e-11,
            atol=1e-13,
            jac=lambda t, y: jac(t, y),
        )
        out.update(zip(sol.t.tolist(), sol.y.T, strict=True))
        y = sol.y[:, -1]
    return np.stack([out[float(t)] for t in toy.save_times])


@pytest.fixture(scope="module")
def solve_toy(toy):
    """The toy solved at a relative tolerance; compiled once for all tests."""

    @jax.jit
    def run(rtol):
        return integrate_segments(
            toy.f, toy.system, toy.y0, toy.args, toy.boundaries, toy.save_times,
            apply_event=toy.dose, rtol=rtol, atol=rtol * 1e-2,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def radau(toy):
    return reference(toy)


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-8])
def test_agrees_with_radau_within_tolerance(solve_toy, radau, rtol):
    result = solve_toy(rtol)
    assert int(result.status) == Status.OK
    error = np.abs(np.asarray(result.ys) - radau) / (1e-2 + np.abs(radau))
    assert error.max() < 10.0 * rtol, error.max()  # global error against local tolerance


def test_state_before_the_event_is_saved(solve_toy):
    result = solve_toy(1e-6)
    depot = np.asarray(result.ys)[:, -3]
    assert depot[0] == 0.0  # t = 0, before the first dose
    np.testing.assert_allclose(depot[3], np.exp(-2.0), rtol=1e-5)  # t = 2, before the second
    np.testing.assert_allclose(depot[4], (np.exp(-2.0) + 1.0) * np.exp(-0.1), rtol=1e-5)
    np.testing.assert_array_equal(result.final, result.ys[-1])


def test_padding_segments_and_save_times_change_nothing(toy):
    amounts = jnp.asarray([1.0, 1.0, 1.0])

    def f(t, y, args):
        return toy.f(t, y, args[0])

    def dose(k, y, args):
        return y.at[-3].add(args[1])

    @jax.jit
    def run(boundaries, save_times, amounts):
        return integrate_segments(
            f, toy.system, toy.y0, toy.args, boundaries, save_times,
            segment_args=amounts, apply_event=dose,
        )  # fmt: skip

    plain = run(toy.boundaries, toy.save_times, amounts)
    padded = run(
        jnp.asarray([0.0, 0.0, 2.0, 2.0, 5.0, 8.0, 8.0, 8.0]),
        jnp.concatenate([toy.save_times, jnp.full(2, jnp.inf)]),
        jnp.asarray([0.4, 0.6, 1.0, 0.0, 1.0, 0.0, 0.0]),
    )
    assert int(padded.stats.num_steps) == int(plain.stats.num_steps)
    np.testing.assert_allclose(padded.ys[:-2], plain.ys, rtol=1e-12, atol=1e-14)
    assert np.isnan(padded.ys[-2:]).all()


def test_output_function_replaces_the_state(toy, solve_toy):
    full = solve_toy(1e-6)
    part = jax.jit(
        lambda args: integrate_segments(
            toy.f, toy.system, toy.y0, args, toy.boundaries, toy.save_times,
            apply_event=toy.dose, rtol=1e-6, atol=1e-8,
            output=lambda t, y, args: {"plasma": y[-2], "time": t},
        )
    )(toy.args)  # fmt: skip
    np.testing.assert_allclose(part.ys["plasma"], full.ys[:, -2], rtol=1e-9)
    np.testing.assert_array_equal(part.ys["time"], toy.save_times)


def test_single_stretch_is_a_single_segment():
    layout = ChainLayout(1, 1, 0)

    def decay(t, y, rate):
        return -rate * y

    system = build_system(decay, layout, [(jnp.asarray(0.0), jnp.ones(1), jnp.asarray(2.0))])
    result = integrate(decay, system, jnp.ones(1), 2.0, 0.0, 1.0, jnp.asarray([0.5, 1.0]))
    np.testing.assert_allclose(result.ys[:, 0], np.exp([-1.0, -2.0]), rtol=1e-6)


def blow_up(t, y, args):
    return y * y * args


@pytest.fixture(scope="module")
def scalar():
    return build_system(
        blow_up, ChainLayout(1, 1, 0), [(jnp.asarray(0.0), jnp.ones(1), jnp.asarray(1.0))]
    )


@pytest.mark.parametrize(
    ("rate", "y0", "options", "expected"),
    [
        (-1.0, 1.0, {}, Status.OK),
        (-1.0, jnp.nan, {}, Status.INVALID_INPUT),
        (-1.0, jnp.inf, {}, Status.INVALID_INPUT),
        (jnp.nan, 1.0, {}, Status.DT_MIN),
        (1.0, 1.0, {}, Status.DT_MIN),  # infinite at t = 1
        (-1.0, 1.0, {"max_steps": 3}, Status.MAX_STEPS),
    ],
)
def test_failure_has_a_status_and_no_finite_value(scalar, rate, y0, options, expected):
    result = integrate(
        blow_up, scalar, jnp.asarray([y0]), rate, 0.0, 3.0, jnp.asarray([0.0, 1.5, 3.0]), **options
    )
    assert int(result.status) == expected
    is_ok = expected == Status.OK
    assert np.isfinite(result.ys).all() == is_ok
    assert np.isnan(result.ys).all() == (not is_ok)
    assert np.isnan(result.final).all() == (not is_ok)
    assert status_text(result.status)
    assert int(result.stats.num_steps) < 1500


def test_times_that_descend_are_invalid(scalar):
    for boundaries, saves in (([0.0, 2.0, 1.0], [1.0]), ([0.0, 1.0, 2.0], [1.0, 0.5])):
        result = integrate_segments(
            blow_up, scalar, jnp.ones(1), -1.0, jnp.asarray(boundaries), jnp.asarray(saves)
        )
        assert int(result.status) == Status.INVALID_INPUT
        assert np.isnan(result.ys).all()


def test_single_precision_is_refused(scalar):
    with jax.enable_x64(False), pytest.raises(ValueError, match="jax_enable_x64"):
        integrate(blow_up, scalar, jnp.ones(1), -1.0, 0.0, 1.0, jnp.ones(1))


def test_event_that_breaks_the_state_is_reported(scalar):
    result = integrate_segments(
        blow_up, scalar, jnp.ones(1), -1.0, jnp.asarray([0.0, 1.0, 2.0]), jnp.asarray([2.0]),
        apply_event=lambda k, y, args: jnp.where(k == 1, jnp.nan, 1.0) * y,
    )  # fmt: skip
    assert int(result.status) == Status.NONFINITE
    assert np.isnan(result.ys).all()


def test_compiles_once_for_other_values(toy):
    traces = []

    @jax.jit
    def run(args, boundaries):
        traces.append(0)
        return integrate_segments(
            toy.f, toy.system, toy.y0, args, boundaries, toy.save_times, apply_event=toy.dose
        ).final

    run(toy.args, toy.boundaries)
    run({k: v * 1.1 for k, v in toy.args.items()}, toy.boundaries * 1.1)
    assert len(traces) == 1
