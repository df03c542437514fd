"""Many members of a small model, one in each lane, against an independent solver."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from skinmech.native.build import NoCompiler, compiler
from skinmech.native.lanes import LANES, LaneSolver
from skinmech.numerics import Status

try:
    compiler()
except NoCompiler as error:
    pytest.skip(str(error), allow_module_level=True)

TIMES = np.array([0.0, 0.3, 1.0, 3.0])


def oscillator(y, p):
    """Van der Pol's, stiff for large p, beside a decay."""
    import jax.numpy as jnp

    return jnp.stack([y[1], p[0] * ((1 - y[0] ** 2) * y[1] - y[0]), -p[1] * y[2]])


@pytest.fixture(scope="module")
def solver():
    return LaneSolver(oscillator, np.array([2.0, 0.1, 1.0]), np.array([10.0, 1.0]))


def members(count):
    rng = np.random.default_rng(0)
    starts = np.stack([rng.uniform(1, 2, count), rng.uniform(-1, 1, count), np.ones(count)], axis=1)
    return starts, np.stack([rng.uniform(1, 100, count), rng.uniform(0.1, 1, count)], axis=1)


def test_every_member_follows_its_own_equation(solver):
    starts, parameters = members(LANES + 3)
    found = solver.run(starts, parameters, TIMES, rtol=1e-9, atol=1e-11)
    assert np.all(found.status == Status.OK)
    for start, p, states in zip(starts, parameters, found.states, strict=True):
        right = solve_ivp(
            lambda t, y, p=p: [y[1], p[0] * ((1 - y[0] ** 2) * y[1] - y[0]), -p[1] * y[2]],
            (0, TIMES[-1]), start, "Radau", TIMES, rtol=1e-9, atol=1e-11,
        )  # fmt: skip
        np.testing.assert_allclose(states, right.y.T, rtol=1e-5, atol=1e-6)


def test_neighbours_change_nothing(solver):
    starts, parameters = members(2 * LANES + 1)
    whole = solver.run(starts, parameters, TIMES)
    turned = solver.run(starts[::-1], parameters[::-1], TIMES)
    alone = [solver.run(y[None], p[None], TIMES) for y, p in zip(starts, parameters, strict=True)]
    np.testing.assert_array_equal(whole.states, turned.states[::-1])
    np.testing.assert_array_equal(whole.states, np.concatenate([one.states for one in alone]))
    np.testing.assert_array_equal(whole.num_steps, turned.num_steps[::-1])


def test_an_impossible_member_costs_only_itself(solver):
    starts, parameters = members(LANES + 2)
    clean = solver.run(starts, parameters, TIMES)
    bad = parameters.copy()
    bad[1, 0], bad[4, 0] = np.nan, -1e300  # the second's tendency overflows
    mixed = solver.run(starts, bad, TIMES)
    others = np.delete(np.arange(LANES + 2), [1, 4])
    np.testing.assert_array_equal(mixed.states[others], clean.states[others])
    assert mixed.status[1] == Status.INVALID_INPUT
    assert mixed.status[4] in (Status.DT_MIN, Status.MAX_STEPS)
    assert np.all(np.isnan(mixed.states[[1, 4]]))


def test_only_kept_states_come_back(solver):
    starts, parameters = members(3)
    whole = solver.run(starts, parameters, TIMES)
    few = solver.run(starts, parameters, TIMES, keep=[2, 0])
    np.testing.assert_array_equal(few.states, whole.states[..., [2, 0]])
    assert solver.run(starts[:0], parameters[:0], TIMES).states.shape == (0, len(TIMES), 3)
    with pytest.raises(ValueError, match="ascending times"):
        solver.run(starts, parameters, TIMES[::-1])
