"""The three objectives tell the same story in cost, gradient, prior and log density."""

import jax.numpy as jnp
import numpy as np
import pytest

import skinmech_calibration as cal
from skinmech_calibration.objective import LikelihoodAlone
from tests.calibration.interchange._files import parameter, rule, write_petab, write_sbml

TIMES = np.linspace(0.0, 4.0, 5)


@pytest.fixture(scope="module")
def petab(tmp_path_factory):
    """A decay with a log-normal prior on k, given for k itself, and none on a."""
    pytest.importorskip("petab", reason="the extra petab is not installed")
    from skinmech_calibration.interchange import PetabObjective, read_petab

    folder = tmp_path_factory.mktemp("petab")
    model = write_sbml(
        folder, parameters=parameter("x", 1.0) + parameter("k", 0.5),
        rules=rule("rate", "x", "-k * x"),
    )  # fmt: skip
    rows = "\n".join(f"o,,{t},{float(2.0 * np.exp(-0.5 * t) + 0.05)!r}" for t in TIMES)
    path = write_petab(
        folder, model,
        parameters="parameterId,lowerBound,upperBound,nominalValue,estimate,priorDistribution,"
        "priorParameters\nk,1e-2,10,0.7,true,log-normal,-0.5;0.4\na,1e-2,100,1.5,true,,",
        observables="observableId,observableFormula,noiseFormula\no,a * x,0.1",
        measurements=f"observableId,experimentId,time,measurement\n{rows}",
    )  # fmt: skip
    return PetabObjective(read_petab(path, rtol=1e-9, atol=1e-12))


def slopes(function, z, step=1e-4):
    rows = np.eye(len(z)) * step
    return np.array([(function(z + row) - function(z - row)) / (2 * step) for row in rows])


def agrees(objective, z):
    """Gradients of cost and prior against central differences."""
    point, prior = objective.evaluate(z), objective.prior(z)
    assert np.isfinite(point.cost) and point.hessian.shape == (len(z), len(z))
    wanted = slopes(lambda v: objective.evaluate(v, derivatives=False).cost, z)
    np.testing.assert_allclose(point.gradient, wanted, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(prior.gradient, slopes(lambda v: objective.prior(v).cost, z),
                               rtol=1e-5, atol=1e-6)  # fmt: skip
    cost, gradient = objective.value_and_gradient(z)
    assert cost == pytest.approx(point.cost, rel=1e-9)
    np.testing.assert_allclose(gradient, point.gradient, rtol=1e-9)
    alone = LikelihoodAlone(objective).evaluate(z)
    assert alone.cost + prior.cost == pytest.approx(point.cost, rel=1e-12)


def test_skin(formula_problem):
    objective = cal.SkinObjective(formula_problem)
    agrees(objective, np.array([0.4, -0.3]))
    np.testing.assert_allclose(objective.spread(np.zeros(2)), 1.0)
    natural = objective.to_natural(np.array([[0.4, -0.3], [0.0, 0.0]]))
    np.testing.assert_allclose(natural[0], formula_problem.free.to_natural(jnp.array([0.4, -0.3])))


def test_skin_failures_cost_inf_and_say_why(formula, formula_problem):
    formula.fails = lambda a, b: True
    lost = cal.SkinObjective(formula_problem).evaluate(np.zeros(2))
    assert lost.cost == np.inf and lost.gradient is None and "chip" in lost.explanation


def test_petab(petab):
    z = petab.coordinates.from_linear([0.6, 1.8])
    agrees(petab, z)
    # Both are densities of the parameter (with one prior in version 2, a is uniform) seen on a
    # decimal logarithm: the stretch is ln(10)·z of each, and the rest is the cost.
    shift = [float(petab.log_density(jnp.asarray(v))) + petab.evaluate(v).cost - np.log(10) * sum(v)
             for v in (z, z + 0.1, z - [0.2, 0.1])]  # fmt: skip
    np.testing.assert_allclose(shift, shift[0], atol=1e-6)
    # A prior's spread of 0.4 in ln k; a is flat between its bounds, uniform on linear scale.
    assert petab.spread(z)[0] == pytest.approx(0.4 / np.log(10), rel=1e-6)


def test_both_searches_end_in_the_same_place_and_draw_it(tmp_path):
    valley = cal.FunctionObjective(
        lambda z: -0.5 * (100.0 * (z[1] - z[0] ** 2) ** 2 + (1.0 - z[0]) ** 2), ["x", "y"],
        bounds=(-2.0, 2.0),
    )  # fmt: skip
    agrees(valley, np.array([0.4, -0.3]))
    for method in ("trust-region", "l-bfgs"):
        found = cal.optimise(valley, starts=4, method=method, seed=1)
        np.testing.assert_allclose(found.best.z, 1.0, atol=0.02)
        assert found.num_agreeing == 4 and found.best.is_converged
    pytest.importorskip("matplotlib", reason="the extra plot is not installed")
    found.waterfall(tmp_path / "fall.png")
    assert (tmp_path / "fall.png").stat().st_size > 5000
    with pytest.raises(cal.CalibrationError, match="method"):
        cal.optimise(valley, method="annealing")
    endless = cal.FunctionObjective(lambda z: -0.5 * z[0] ** 2, ["x"])
    with pytest.raises(cal.CalibrationError, match="neither bounds nor a prior"):
        cal.optimise(endless)
