"""A system of equations by compiled C: a stiff problem with known values, and its derivatives."""

import numpy as np
import pytest

from skinmech.native.build import NoCompiler, compiler

try:
    compiler()
except NoCompiler as error:
    pytest.skip(str(error), allow_module_level=True)

import jax.numpy as jnp

from skinmech.native.path import PathSolver

PAR, START = np.array([0.04, 1e4, 3e7]), np.array([1.0, 0.0, 0.0, 0.0])
TIMES = np.array([0.0, 0.4, 40.0, 4000.0])
# Robertson's reactions (1966) at those times: Hairer & Wanner 1996 and the CVODE example cvRoberts.
KNOWN = [1.0, 9.8517e-01, 7.1583e-01, 1.8320e-01]


def robertson(par, y):
    first, second, third = par[0] * y[0], par[1] * y[1] * y[2], par[2] * y[1] ** 2
    return jnp.stack([second - first, first - second - third, third, jnp.ones(())])


@pytest.fixture(scope="module")
def solver():
    return PathSolver(robertson, 4, 3, "robertson", has_time=True)


def follow(solver, par=PAR, rtol=1e-10, **more):
    return solver.follow(par, START, (0.0, 4000.0), TIMES, (rtol, 1e-14, 20_000), **more)


def test_a_stiff_problem_has_its_known_values(solver):
    found = follow(solver)
    assert found.status == 0
    np.testing.assert_allclose(found.states[:, 0], KNOWN, rtol=5e-5)  # as printed
    np.testing.assert_allclose(found.states[:, :3].sum(axis=1), 1.0, rtol=1e-12)


def test_derivatives_are_those_of_finite_differences(solver):
    directions = np.concatenate([np.diag(PAR), np.zeros((1, 3)), -np.diag(PAR)])
    moves = np.zeros((7, 4))
    found = follow(solver, rtol=1e-8, directions=(directions, moves))
    for i in range(3):
        by = np.eye(3)[i] * PAR * 1e-3
        ends = [follow(solver, PAR + sign * by).states[:, :3] for sign in (1, -1)]
        # Error of the difference 1e-6 of the value, of the run 1e-7.
        np.testing.assert_allclose(
            found.slopes[:, i, :3], (ends[0] - ends[1]) / 2e-3, rtol=2e-5, atol=1e-9
        )
    np.testing.assert_array_equal(found.slopes[:, 3], 0.0)
    np.testing.assert_allclose(found.slopes[:, 4:], -found.slopes[:, :3], rtol=1e-12)
    np.testing.assert_array_equal(found.moves, found.slopes[-1])


def test_a_steady_period_ends_where_all_has_become_the_last_species(solver):
    found = solver.follow(
        PAR, START, (0.0, 0.0), np.array([np.inf]), (1e-8, 1e-12, 20_000), is_steady=True
    )
    assert found.status == 0
    np.testing.assert_allclose(found.states[0, :3], [0.0, 0.0, 1.0], atol=1e-9)


def test_too_few_steps_are_told(solver):
    found = solver.follow(PAR, START, (0.0, 4000.0), TIMES, (1e-8, 1e-12, 5))
    assert found.status == 2  # Status.MAX_STEPS
    assert np.isnan(found.states[-1]).all()
