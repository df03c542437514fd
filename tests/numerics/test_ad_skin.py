"""The AD-skin benchmark problem against SciPy's BDF at tight tolerance."""

import importlib.util
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from skinmech.numerics import Status, integrate_segments

PROBLEMS = Path(__file__).parent.parent.parent / "benchmarks" / "problems.py"


@pytest.fixture(scope="module")
def problem():
    spec = importlib.util.spec_from_file_location("benchmark_problems", PROBLEMS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    try:
        return module.ad_skin(num_nodes=10)
    except FileNotFoundError as error:
        pytest.skip(str(error))


def test_two_doses_agree_with_scipy_bdf(problem):
    f = jax.jit(problem.f)
    jac = jax.jit(jax.jacfwd(problem.f, argnums=1))
    boundaries, times = np.asarray([0.0, 14.0, 28.0]), np.asarray([3.6, 10.8, 14.0, 18.0, 28.0])
    y, rows = np.asarray(problem.y0), []
    for k in range(2):
        y = np.asarray(problem.apply_event(k, jnp.asarray(y), None))
        inside = times[(times > boundaries[k]) & (times <= boundaries[k + 1])]
        solution = solve_ivp(
            lambda t, y: f(t, y, problem.args),
            (boundaries[k], boundaries[k + 1]),
            y,
            "BDF",
            inside,
            rtol=1e-9,
            atol=1e-11,
            jac=lambda t, y: jac(t, y, problem.args),
        )
        rows.append(solution.y.T)
        y = solution.y[:, -1]
    result = jax.jit(
        lambda args, rtol: integrate_segments(
            problem.f,
            problem.system,
            problem.y0,
            args,
            jnp.asarray(boundaries),
            jnp.asarray(times),
            apply_event=problem.apply_event,
            rtol=rtol,
            atol=rtol * 1e-2,
        )
    )
    exact = np.concatenate(rows)
    for rtol, bound in ((1e-2, 5e-3), (1e-4, 1e-4), (1e-8, 1e-6)):
        ours = result(problem.args, rtol)
        assert int(ours.status) == Status.OK
        assert problem.error(np.asarray(ours.ys), exact) < bound, rtol


def test_structure_is_found_small(problem):
    """Eleven colours give the Jacobian of 160 states; five of sixteen fields stay local."""
    assert problem.system.num_colours == 11
    assert len(problem.system.local) == 5
    assert problem.system.is_diagonal
