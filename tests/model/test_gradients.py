"""Gradients of clinical outputs agree with finite differences (science statement 5)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
from skinmech.modelling.parameters import get, replace
from skinmech.schedule import schedule

CLINICAL = ("tewl", "easi", "scorad", "iga", "itch_nrs", "pasi", "epidermal_thickness", "ita")


@pytest.fixture(scope="module")
def outputs(small):
    """Clinical outputs of the atopic attractor as a function of all parameters' logarithms.

    The steady state is solved to 1e-8, so finite differences are meaningful.
    """
    model = small.model
    specs = model.specifications()
    paths = [path for path, spec in specs.items() if spec.source != "definition"]
    base = replace(model.parameters(), sm.DONORS["atopic"])
    values = np.array([float(get(base, path)) for path in paths])
    steps = np.where(values != 0, np.abs(values), 1.0)
    plan = schedule(model, sm.Protocol(1.0), sm.in_vivo())
    guess = sm.attractor(small, "atopic")
    environment = jax.tree.map(lambda leaf: leaf[0], plan.environment)

    def clinical(x):
        params = replace(base, dict(zip(paths, values + steps * x, strict=True)))
        y, status = small.rest(params, plan, guess)
        seen = model.observe(0.0, y, (small.arguments(params), environment))
        return jnp.stack([seen[name] for name in CLINICAL]), status

    return jax.jit(clinical), jax.jit(jax.jacfwd(lambda x: clinical(x)[0])), paths


def test_every_parameter_and_clinical_output(outputs):
    clinical, jacobian, paths = outputs
    zero = jnp.zeros(len(paths))
    exact = np.asarray(jacobian(zero))
    centre, status = clinical(zero)
    assert int(status) == 0
    size = 1e-4
    worst = 0.0
    scale = np.abs(np.asarray(centre)) + np.abs(exact).max(axis=1)
    for i in range(len(paths)):
        step = zero.at[i].set(size)
        upper, lower = np.asarray(clinical(step)[0]), np.asarray(clinical(-step)[0])
        difference = (upper - lower) / (2 * size)
        # Relative to the size of the output's own gradient: a component far below it is noise
        # of the finite difference, not of the derivative.
        error = np.abs(difference - exact[:, i]) / scale
        worst = max(worst, error.max())
        assert error.max() < 1e-4, (paths[i], dict(zip(CLINICAL, error, strict=True)))
    assert worst > 0.0


def test_gradient_through_a_treated_course(small):
    """Forward-mode derivative of a treated course against finite differences."""
    model = small.model
    paths = ["immunity.IL13_secretion", "barrier.lipid_tightness", "keratinocytes.cell_volume"]
    base = replace(model.parameters(), sm.DONORS["atopic"])
    values = np.array([float(get(base, path)) for path in paths])
    plan = schedule(model, sm.Protocol("28 day", [sm.Treatment("dupilumab")]), sm.in_vivo())
    start = sm.attractor(small, "atopic")
    times = jnp.full(64, jnp.inf).at[0].set(28.0)
    engine = sm.Simulator(model, rtol=1e-8, atol=1e-10)

    def course(x):
        params = replace(base, dict(zip(paths, values * jnp.exp(x), strict=True)))
        result = engine.run(params, plan, start, times)
        seen = result.ys["observables"]
        return jnp.stack([seen[name][0] for name in ("tewl", "easi", "pasi")])

    course_ = jax.jit(course)
    exact = np.asarray(jax.jit(jax.jacfwd(course))(jnp.zeros(3)))
    size = 1e-3
    for i in range(3):
        step = jnp.zeros(3).at[i].set(size)
        difference = (np.asarray(course_(step)) - np.asarray(course_(-step))) / (2 * size)
        scale = np.abs(exact).max(axis=1)
        np.testing.assert_allclose(difference / scale, exact[:, i] / scale, atol=1e-4)
