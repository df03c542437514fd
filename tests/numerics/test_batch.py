"""A bad patient costs only itself."""

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.numerics import Status, integrate_batch, integrate_segments

SIZE = 12


@pytest.fixture(scope="module")
def cohort(toy):
    rng = np.random.default_rng(0)
    params = {k: v * jnp.asarray(rng.uniform(0.7, 1.4, SIZE)) for k, v in toy.args.items()}
    lower = {k: v * 0.1 for k, v in toy.args.items()}
    upper = {k: v * 10.0 for k, v in toy.args.items()}

    def solve(args, max_steps):
        return integrate_segments(
            toy.f, toy.system, toy.y0, args, toy.boundaries, toy.save_times,
            apply_event=toy.dose, rtol=1e-5, atol=1e-8, max_steps=max_steps,
        )  # fmt: skip

    def run(params, first_pass_steps, lanes):
        return integrate_batch(
            solve, params, lower, upper, toy.args,
            max_steps=2000, first_pass_steps=first_pass_steps, num_retry=4, lanes=lanes,
        )  # fmt: skip

    return params, jax.jit(run, static_argnums=(1, 2))


def spoil(params):
    bad = dict(params)
    for patient, (name, value) in {
        1: ("binding", jnp.nan),
        5: ("diffusion", jnp.inf),
        6: ("decay", 1e200),
        11: ("uptake", -1.0),
    }.items():
        bad[name] = bad[name].at[patient].set(value)
    return bad, np.asarray([1, 5, 6, 11])


@pytest.mark.parametrize("lanes", [None, 1, 4])
def test_other_patients_are_bitwise_equal(cohort, lanes):
    params, run = cohort
    clean, (bad, which) = run(params, 300, lanes), spoil(params)
    result = run(bad, 300, lanes)
    good = np.setdiff1d(np.arange(SIZE), which)
    assert (np.asarray(clean.status) == Status.OK).all()
    assert (np.asarray(result.status)[which] == Status.INVALID_INPUT).all()
    np.testing.assert_array_equal(np.asarray(result.ys)[good], np.asarray(clean.ys)[good])
    assert np.isnan(np.asarray(result.ys)[which]).all()
    assert np.isnan(np.asarray(result.final)[which]).all()


def test_bad_patients_take_no_extra_steps(cohort):
    """Time follows the steps of the slowest patient; the wall clock is checked loosely."""
    params, run = cohort
    bad, _ = spoil(params)
    clean, result = run(params, 300, None), run(bad, 300, None)
    assert int(result.stats.num_steps.max()) <= int(clean.stats.num_steps.max())

    def fastest(p):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            jax.block_until_ready(run(p, 300, None))
            times.append(time.perf_counter() - start)
        return min(times)

    assert fastest(bad) < 1.3 * fastest(params) + 0.02


def test_stragglers_are_run_again(cohort):
    params, run = cohort
    clean = run(params, 2000, None)
    median = int(np.median(np.asarray(clean.stats.num_steps)))
    twice = run(params, median, None)
    assert (np.asarray(twice.status) == Status.OK).all()
    # Another batch shape rounds differently; the solutions agree far below tolerance.
    np.testing.assert_allclose(twice.ys, clean.ys, rtol=1e-8, atol=1e-12)


def test_gradients_of_good_patients_stay_finite(toy, cohort):
    params, run = cohort
    bad, which = spoil(params)

    def total(scale):
        result = run({k: v * scale for k, v in bad.items()}, 2000, None)
        is_ok = result.status == Status.OK
        return jnp.where(is_ok, jnp.sum(result.final, axis=1), 0.0)

    _, slope = jax.jvp(total, (jnp.asarray(1.0),), (jnp.asarray(1.0),))
    good = np.setdiff1d(np.arange(SIZE), which)
    assert np.isfinite(np.asarray(slope)).all()
    assert (np.asarray(slope)[good] != 0.0).all()
