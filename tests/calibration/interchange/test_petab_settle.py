"""Scales, offsets and noise follow from the states: found by role, exact, never worse."""

import numpy as np
import pytest

pytest.importorskip("petab", reason="the extra petab is not installed")

from skinmech_calibration.interchange import PetabObjective, read_petab
from skinmech_calibration.interchange.petab.settle import roles
from skinmech_calibration.search import minimise

from ._files import parameter, rule, write_petab, write_sbml

TIMES = np.linspace(0.0, 4.0, 9)
HEAD = "parameterId,lowerBound,upperBound,nominalValue,estimate,priorDistribution,priorParameters"
RANDOM = np.random.default_rng(8)
FIRST = 2.0 + 5.0 * np.exp(-0.8 * TIMES) + 0.1 * RANDOM.standard_normal(TIMES.size)
SECOND = 30.0 * np.exp(-0.8 * TIMES) * np.exp(0.2 * RANDOM.standard_normal(TIMES.size))


def problem(folder, observables, parameters, *, noise="normal"):
    """x' = -k x from 1; `observables` are (name, formula, noise formula, distribution)."""
    model = write_sbml(
        folder,
        parameters=parameter("x", 1.0) + parameter("k", 0.5) + parameter("unused", 1.0),
        rules=rule("rate", "x", "-k * x"),
    )
    readings = dict(zip((name for name, *_ in observables), (FIRST, SECOND), strict=False))
    rows = "\n".join(
        f"{name},,{t},{float(v)!r}"
        for name in readings
        for t, v in zip(TIMES, readings[name], strict=True)
    )
    told = "\n".join(",".join(one) for one in observables)
    return read_petab(write_petab(
        folder, model, parameters="\n".join([HEAD, *parameters]),
        observables=f"observableId,observableFormula,noiseFormula,noiseDistribution\n{told}",
        measurements=f"observableId,experimentId,time,measurement\n{rows}",
    ))  # fmt: skip


FREE = ("k,1e-3,5,0.8,true,,", "b,-10,10,0,true,,", "a,1e-3,1e3,1,true,,", "s,1e-4,1e2,1,true,,",
        "f,1e-3,1e3,1,true,,", "v,1e-4,1e2,1,true,,")  # fmt: skip
BOTH = (("one", "b + a * x", "s", "normal"), ("two", "f * x", "2 * v", "log-normal"))


@pytest.mark.parametrize("native", ["1", "0"])
def test_one_look_solves_for_scale_offset_and_noise(tmp_path, monkeypatch, native):
    monkeypatch.setenv("SKINMECH_NATIVE", native)
    one = problem(tmp_path, BOTH, FREE)
    objective = PetabObjective(one)
    assert objective.settled == ("b", "a", "f", "s", "v") == roles(one.tables).names
    found = objective.settle(objective.start)
    values = dict(zip(objective.names, objective.to_natural(found.z), strict=True))
    x = np.exp(-0.8 * TIMES)
    slope, height = np.polyfit(x, FIRST, 1)
    assert values["k"] == pytest.approx(0.8, rel=1e-12)
    assert values["a"] == pytest.approx(slope, rel=1e-4)  # by the accuracy of the simulation
    assert values["b"] == pytest.approx(height, rel=1e-4)
    assert values["s"] == pytest.approx(np.std(FIRST - height - slope * x), rel=1e-3)
    left = np.log(SECOND / x)
    assert values["f"] == pytest.approx(np.exp(left.mean()), rel=1e-4)
    assert 2 * values["v"] == pytest.approx(left.std(), rel=1e-3)

    full = objective.evaluate(found.z)
    assert full.cost == pytest.approx(found.cost, abs=1e-6)
    inner = [objective.names.index(name) for name in objective.settled]
    assert full.gradient[inner] == pytest.approx(0.0, abs=1e-3)
    assert found.cost < objective.evaluate(objective.start, derivatives=False).cost


def test_shared_noise_and_bounds_are_kept(tmp_path):
    shared = (("one", "b + a * x", "s", "normal"), ("two", "3 * a * x", "s * 10", "normal"))
    capped = ("k,1e-3,5,0.8,true,,", "b,-10,1.5,0,true,,", "a,1e-3,1e3,1,true,,",
              "s,1e-4,1e2,1,true,,")  # fmt: skip
    objective = PetabObjective(problem(tmp_path, shared, capped))
    assert objective.settled == ("b", "a", "s")
    found = objective.settle(objective.start)
    values = dict(zip(objective.names, objective.to_natural(found.z), strict=True))
    assert values["b"] == pytest.approx(1.5)
    full = objective.evaluate(found.z)
    free = [objective.names.index(name) for name in ("a", "s")]
    assert full.gradient[free] == pytest.approx(0.0, abs=1e-3)
    assert full.gradient[objective.names.index("b")] < 0  # it would rise if it could


@pytest.mark.parametrize(
    ("observables", "parameters", "expected"),
    [
        # What the dynamics read, what has a prior, and what is not linear stays with the search.
        ((("one", "k * x", "0.1", "normal"),), ("k,1e-3,5,1,true,,",), ()),
        ((("one", "a * x", "0.1", "normal"),), ("a,1e-3,5,1,true,normal,1;1",), ()),
        ((("one", "a^2 * x", "0.1", "normal"),), ("a,1e-3,5,1,true,,",), ()),
        ((("one", "a * x", "0.1 * a", "normal"),), ("a,1e-3,5,1,true,,",), ()),
        ((("one", "a * x", "0.1", "laplace"),), ("a,1e-3,5,1,true,,",), ()),
        ((("one", "1 + a * x", "0.1", "log-normal"),), ("a,1e-3,5,1,true,,",), ()),
        ((("one", "x", "0.1 + s", "normal"),), ("s,1e-3,5,1,true,,",), ()),
        ((("one", "x", "s * (1 + x)", "laplace"),), ("s,1e-3,5,1,true,,",), ("s",)),
        ((("one", "unused * x", "0.1", "normal"),), ("unused,1e-3,50,1,true,,",), ("unused",)),
        ((("one", "a * x", "0.1", "normal"), ("two", "exp(a) * x", "1", "normal")),
         ("a,1e-3,5,1,true,,",), ()),
    ],
)  # fmt: skip
def test_roles_are_read_off_the_formulas(tmp_path, observables, parameters, expected):
    found = problem(tmp_path, observables, parameters)
    assert roles(found.tables).names == expected
    objective = PetabObjective(found)
    before = objective.evaluate(objective.start, derivatives=False).cost
    after = objective.settle(objective.start).cost
    assert after < before if objective.settled else after == before


def test_a_fit_needs_fewer_steps_and_ends_at_the_same_place(tmp_path):
    objective = PetabObjective(problem(tmp_path, BOTH, FREE))
    steps = {True: 0, False: 0}
    for z in objective.draw(4, 3):
        costs = []
        for is_settled in steps:  # without settling six numbers are searched for, with it one
            settle = objective.settle if is_settled else None
            found = minimise(objective.evaluate, z, *objective.bounds, 200, settle)
            steps[is_settled] += found.num_iterations
            costs.append(found.point.cost)
            assert found.is_converged
        assert costs[0] == pytest.approx(costs[1], abs=1e-3)
    assert steps[True] < steps[False]


def test_a_fit_goes_on_from_its_checkpoint(tmp_path):
    one, path = problem(tmp_path, BOTH, FREE), tmp_path / "fit.json"
    whole = one.fit(starts=4, seed=3)

    def stop(start):
        if start.label == "2":
            raise KeyboardInterrupt

    part = one.fit(starts=4, seed=3, checkpoint=path, progress=stop)
    assert part.interrupted and len(part.starts) == 2
    told = []
    rest = one.fit(starts=4, seed=3, checkpoint=path, progress=lambda s: told.append(s.label))
    assert told == ["3", "4"] and not rest.interrupted
    assert rest.starts == whole.starts
    with pytest.raises(ValueError, match="belongs to another problem"):
        one.fit(starts=5, seed=4, checkpoint=path)
