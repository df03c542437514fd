"""A PEtab problem by compiled C is the same problem: values, derivatives, failures, and the fit."""

import numpy as np
import pytest

pytest.importorskip("petab", reason="the extra petab is not installed")

from skinmech.native.build import NoCompiler, compiler
from skinmech_calibration.interchange import PetabObjective, read_petab

from ._files import parameter, rule, write_petab, write_sbml

try:
    compiler()
except NoCompiler as error:
    pytest.skip(str(error), allow_module_level=True)

HEAD = "parameterId,lowerBound,upperBound,nominalValue,estimate"
FREE = (
    "k,0.01,9,0.5,true\nfeed,0.1,9,1.5,true\nboost,0.1,9,2,true\nscale,0.1,9,3,true\n"
    "s,0.01,1,0.1,true"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """x is made and decays, with a yearly rhythm, first to rest, then with a boost from t = 1."""
    folder = tmp_path_factory.mktemp("native")
    model = write_sbml(
        folder,
        parameters="".join(parameter(n, v) for n, v in (
            ("x", 1.0), ("z", 0.2), ("k", 0.5), ("feed", 1.0), ("swing", 0.0), ("gain", 1.0),
        )),
        rules=rule("rate", "x", "gain * feed * (1 + swing * sin(time)) - k * x")
        + rule("rate", "z", "x^2 / (1 + x^2) - z"),
    )  # fmt: skip
    return write_petab(
        folder, model, parameters=f"{HEAD}\n{FREE}",
        observables="observableId,observableFormula,noiseFormula,noiseDistribution\n"
        "o,scale * z,s + 0.05 * o,normal\nr,x + gain,s,log-normal",
        conditions="conditionId,targetId,targetValue\nrest,swing,0\nmoved,swing,0.3\n"
        "boosted,gain,boost * gain\nboosted,x,x + boost",
        experiments="experimentId,time,conditionId\n"
        "e,-inf,rest\ne,0,moved\ne,1,boosted\nf,0,moved",
        measurements="observableId,experimentId,time,measurement\n"
        "o,e,0,2.6\no,e,0.5,2.5\nr,e,1,8\no,e,1.5,2.9\nr,e,4,9\no,f,0,0.6\no,f,2,2\nr,f,3,3",
    )  # fmt: skip


@pytest.fixture(scope="module")
def sides(path):
    """The objective by C and by JAX."""
    by_c, by_jax = (PetabObjective(read_petab(path, rtol=1e-10, atol=1e-12)) for _ in range(2))
    assert by_c.problem.native.solver is not None
    by_jax.problem.native.solver = None
    return by_c, by_jax


@pytest.mark.parametrize("shift", [0.0, 0.15])
def test_cost_and_derivatives_are_those_of_jax(sides, shift):
    found, expected = (one.evaluate(one.start + shift) for one in sides)
    assert found.cost == pytest.approx(expected.cost, rel=1e-8)
    scale = np.max(np.abs(expected.gradient))
    np.testing.assert_allclose(found.gradient, expected.gradient, rtol=1e-6, atol=1e-7 * scale)
    scale = np.max(np.abs(expected.hessian))
    np.testing.assert_allclose(found.hessian, expected.hessian, rtol=1e-6, atol=1e-7 * scale)
    plain = sides[0].evaluate(sides[0].start + shift, derivatives=False)
    assert plain.cost == pytest.approx(found.cost, rel=1e-12)


def test_a_problem_s_own_answers_are_the_objective_s(sides):
    objective, z = sides[0], sides[0].start + 0.1
    problem, point = objective.problem, objective.evaluate(z)
    given = dict(zip(objective.names, objective.to_natural(z), strict=True))
    assert problem.log_likelihood(given) == pytest.approx(-point.cost, rel=1e-12)
    by_value = np.array([problem.gradient(given)[name] for name in objective.names])
    stretch = objective.coordinates.slope(objective.to_natural(z))
    np.testing.assert_allclose(by_value * stretch, -point.gradient, rtol=1e-9)


def test_other_options_are_another_run_of_the_same_program(sides):
    problem = sides[0].problem
    short = PetabObjective(problem.with_options(max_steps=3))
    assert short.problem.native is problem.native
    failed = short.evaluate(short.start)
    assert failed.cost == np.inf
    assert "Experiment 'e'" in failed.explanation


def test_what_jumps_inside_a_period_is_left_to_jax(tmp_path):
    model = write_sbml(
        tmp_path, parameters=parameter("x", 1.0) + parameter("k", 0.5),
        rules=rule("rate", "x", "piecewise(-k * x, time < 1, -2 * k * x)"),
    )  # fmt: skip
    path = write_petab(
        tmp_path, model, parameters=f"{HEAD}\nk,0.1,9,0.5,true",
        observables="observableId,observableFormula,noiseFormula\no,x,1",
        measurements="observableId,experimentId,time,measurement\no,,2,1",
    )  # fmt: skip
    assert read_petab(path).native.solver is None
