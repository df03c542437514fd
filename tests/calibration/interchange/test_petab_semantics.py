"""What PEtab means beyond the test suite, and what is refused."""

import math

import numpy as np
import pytest

pytest.importorskip("petab", reason="the extra petab is not installed")

from skinmech_calibration.interchange import (
    InterchangeError,
    SimulationFailure,
    UnsupportedError,
    read_petab,
)

from ._files import event, parameter, rule, write_petab, write_sbml

HEAD = "parameterId,lowerBound,upperBound,nominalValue,estimate"
OBSERVE = "observableId,observableFormula,noiseFormula,noiseDistribution"
MEASURE = "observableId,experimentId,time,measurement"
EXPERIMENT = "experimentId,time,conditionId"
CONDITION = "conditionId,targetId,targetValue"


def decay(folder, *, events="", more="", rules=""):
    """dx/dt = -k x from x0."""
    return write_sbml(
        folder,
        parameters=parameter("x", 1.0) + parameter("k", 0.5) + parameter("x0", 2.0)
        + parameter("at", 0.7) + parameter("level", 1.2) + more,
        starts=f'<initialAssignment symbol="x">{_ci("x0")}</initialAssignment>',
        rules=rule("rate", "x", "-k * x") + rules, events=events,
    )  # fmt: skip


def _ci(name):
    from ._files import math as mathml

    return mathml(name)


def finite_differences(problem, steps=1e-4):
    """Derivatives of the log likelihood by five-point differences."""
    found = {}
    for one in problem.free:
        x, h = problem.nominal[one.id], steps * abs(problem.nominal[one.id])

        def f(shift, one=one, x=x, h=h):
            return problem.log_likelihood({one.id: x + shift * h})

        found[one.id] = (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h)
    return found


@pytest.mark.parametrize(
    ("trigger", "assigned"),
    [("time > at", "x + x0"), ("x < level", "x + x0"), ("x < level * (1 + time)", "3 * k")],
)
def test_derivatives_across_events_are_those_of_the_solution(tmp_path, trigger, assigned):
    path = write_petab(
        tmp_path, decay(tmp_path, events=event("e", trigger, {"x": assigned})),
        parameters=f"{HEAD}\nk,0,9,0.5,true\nx0,0,9,2,true\nat,0,9,0.7,true\nlevel,0,9,1.2,true",
        observables=f"{OBSERVE}\no,x,0.1 + 0.2 * o,normal",
        measurements=f"{MEASURE}\no,,0.25,1.5\no,,1.5,1\no,,3,2",
    )  # fmt: skip
    problem = read_petab(path, rtol=1e-10)
    gradient, expected = problem.gradient(), finite_differences(problem)
    size = max(map(abs, expected.values()))
    assert size > 1
    for name, value in expected.items():
        assert gradient[name] == pytest.approx(value, abs=1e-6 * size), name


def test_derivatives_pass_jumps_of_the_tendency_equilibration_and_conditions(tmp_path):
    path = write_petab(
        tmp_path,
        decay(tmp_path, more=parameter("y", 0.0) + parameter("drive", 0.0),
              rules=rule("rate", "y", "piecewise(x0, x > level, 0) + drive - y")),
        parameters=f"{HEAD}\nk,0,9,0.5,true\nx0,0,9,2,true\nlevel,0,9,1.2,true\ns,0,9,0.3,true",
        observables=f"{OBSERVE}\no,y,s,laplace\np,x + 1,s,log-normal",
        measurements=f"{MEASURE}\no,e,1,1\no,e,2.5,1\np,e,2.5,1\no,e,inf,2.1",
        conditions=f"{CONDITION}\nc,x,1.5 * x0\nc,drive,s\nd,x,x + y",
        experiments=f"{EXPERIMENT}\ne,-inf,\ne,0,c\ne,2,d",
    )  # fmt: skip
    problem = read_petab(path, rtol=1e-10)
    gradient, expected = problem.gradient(), finite_differences(problem)
    size = max(map(abs, expected.values()))
    for name, value in expected.items():
        assert gradient[name] == pytest.approx(value, abs=1e-6 * size), name


def test_a_first_condition_replaces_what_initial_assignments_read(tmp_path):
    path = write_petab(
        tmp_path, decay(tmp_path), parameters=f"{HEAD}\nk,0,9,0,true\na,0,9,3,true",
        observables=f"{OBSERVE}\no,x,1,normal", measurements=f"{MEASURE}\no,e,0,1",
        conditions=f"{CONDITION}\nc,x0,2 * a", experiments=f"{EXPERIMENT}\ne,0,c",
    )  # fmt: skip
    assert read_petab(path).simulate()["simulation"].tolist() == [6.0]


def test_local_parameters_are_reached_through_the_mapping_table(tmp_path):
    from ._files import CELL, math as mathml, species

    law = (
        '<reaction id="r" reversible="false"><listOfReactants><speciesReference species="A" '
        f'stoichiometry="1" constant="true"/></listOfReactants><kineticLaw>{mathml("k * A + j")}'
        '<listOfLocalParameters><localParameter id="k" value="2"/><localParameter id="j" '
        'value="0"/></listOfLocalParameters></kineticLaw></reaction>'
    )
    model = write_sbml(
        tmp_path, compartments=CELL, species=species("A", concentration=1.0), reactions=law
    )
    path = write_petab(
        tmp_path, model, parameters=f"{HEAD}\nrate,0,9,0,true",
        observables=f"{OBSERVE}\no,A + 10 * loss,1,normal", measurements=f"{MEASURE}\no,e,3,1",
        conditions=f"{CONDITION}\nc,loss,0.25", experiments=f"{EXPERIMENT}\ne,0,\ne,1,c",
        mappings="petabEntityId,modelEntityId\nrate,r.k\nloss,r.j",
    )  # fmt: skip
    problem = read_petab(path)
    assert problem.simulate()["simulation"].tolist() == pytest.approx([3.0])
    k = 0.5
    at_one = math.exp(-k)
    expected = (at_one + 0.25 / k) * math.exp(-2 * k) - 0.25 / k + 2.5
    assert problem.simulate({"rate": k})["simulation"].tolist() == pytest.approx([expected])


def test_time_in_formulas_is_model_time(tmp_path):
    path = write_petab(
        tmp_path, decay(tmp_path), parameters=f"{HEAD}\nk,0,9,0,true",
        observables=f"{OBSERVE}\no,x + time,1,normal", measurements=f"{MEASURE}\no,e,7,1",
        conditions=f"{CONDITION}\nc,x,x * time", experiments=f"{EXPERIMENT}\ne,5,\ne,6,c",
    )  # fmt: skip
    assert read_petab(path).simulate()["simulation"].tolist() == pytest.approx([19.0])


@pytest.mark.parametrize("noise", ["normal", "laplace", "log-normal", "log-laplace"])
def test_noise_distributions_have_their_densities(tmp_path, noise):
    path = write_petab(
        tmp_path, decay(tmp_path), parameters=f"{HEAD}\nk,0,9,0,true",
        observables=f"{OBSERVE}\no,x,0.4,{noise}", measurements=f"{MEASURE}\no,,0,1.5",
    )  # fmt: skip
    m, y, s = 1.5, 2.0, 0.4
    is_log = noise.startswith("log-")
    r = (math.log(m / y) if is_log else m - y) / s
    if noise.endswith("normal"):
        density = -0.5 * r**2 - math.log(s * math.sqrt(2 * math.pi))
    else:
        density = -abs(r) - math.log(2 * s)
    problem = read_petab(path)
    assert problem.log_likelihood() == pytest.approx(density - is_log * math.log(m), rel=1e-12)
    assert problem.chi2() == pytest.approx(r**2, rel=1e-12)


def test_missing_steady_states_and_values_name_the_experiment(tmp_path):
    path = write_petab(
        tmp_path,
        decay(tmp_path, more=parameter("free"), rules=rule("rate", "at", "free * k")),
        parameters=f"{HEAD}\nk,0,9,0.5,true",
        observables=f"{OBSERVE}\no,x,1,normal", measurements=f"{MEASURE}\no,e,1,1\no,f,1,1",
        conditions=f"{CONDITION}\nc,free,1", experiments=f"{EXPERIMENT}\ne,-inf,c\ne,0,\nf,0,",
    )  # fmt: skip
    with pytest.raises(SimulationFailure) as caught:
        read_petab(path, max_steps=300).simulate()
    first, second = str(caught.value).splitlines()
    assert "Experiment 'e'" in first and "did not reach a steady state" in first
    assert "Experiment 'f'" in second and "no start value for 'free'" in second


def test_tables_that_do_not_fit_are_told_everything(tmp_path):
    path = write_petab(
        tmp_path, decay(tmp_path),
        parameters=f"{HEAD},priorDistribution,priorParameters\nk,3,2.5,0.5,false,,"
        "\nx0,0,9,1,true,normal,1",
        observables=f"{OBSERVE}\no,x + ghost,1,normal", measurements=f"{MEASURE}\no,e,0,1",
        conditions=f"{CONDITION}\nc,x0,y\nc,x,x", experiments=f"{EXPERIMENT}\ne,0,c",
    ).read_text()  # fmt: skip
    (tmp_path / "parameters.tsv").write_text(
        (tmp_path / "parameters.tsv").read_text().replace("k\t3\t2.5", "k\t\t")
    )
    with pytest.raises(InterchangeError) as caught:
        read_petab(tmp_path / "problem.yaml")
    for what in ("observable 'o' uses 'ghost'", "assigns 'x0' of the parameter table",
                 "a condition uses 'y'", "begins with a formula of 'x'",
                 "prior 'normal' takes 2 numbers, got 1"):  # fmt: skip
        assert what in str(caught.value), path


def test_readings_before_the_start_and_unknown_names_are_refused(tmp_path):
    tables = dict(
        parameters=f"{HEAD}\nk,0,9,,true", observables=f"{OBSERVE}\no,x,1,normal",
        experiments=f"{EXPERIMENT}\ne,3,",
    )  # fmt: skip
    model = decay(tmp_path)
    path = write_petab(tmp_path, model, measurements=f"{MEASURE}\no,e,1,1", **tables)
    with pytest.raises(InterchangeError, match="starts at 3, but is measured at 1"):
        read_petab(path)
    path = write_petab(tmp_path, model, measurements=f"{MEASURE}\no,e,4,1", **tables)
    problem = read_petab(path)
    with pytest.raises(InterchangeError) as caught:
        problem.simulate({"q": 1.0})
    assert "'q' is not in the parameter table" in str(caught.value)
    assert "'k' has no nominal value" in str(caught.value)
    with pytest.raises(InterchangeError, match="Unrecognized options: tolerance"):
        read_petab(path, tolerance=1)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("format_version: 3.0.0", "PEtab version 3"),
        ("format_version: 2.0.0\nmodel_files: {a: {language: pysb, location: m.py}}", "in 'pysb'"),
        ("format_version: 2.0.0\nextensions: {sciml: {version: 1, required: true}}\nmodel_files: "
         "{a: {language: sbml, location: a}, b: {language: sbml, location: b}}",
         "several models in one problem\n- the extension 'sciml'"),
        ("format_version: 1\nproblems: [{sbml_files: [a]}, {sbml_files: [b]}]", "several problems"),
    ],
)  # fmt: skip
def test_unsupported_problems_are_refused_by_name(tmp_path, text, match):
    path = tmp_path / "problem.yaml"
    path.write_text(text)
    with pytest.raises(UnsupportedError) as caught:
        read_petab(path)
    assert match in str(caught.value)


def test_version_1_priors_are_on_the_scale_they_name(tmp_path):
    decay(tmp_path)
    (tmp_path / "p.tsv").write_text(
        "parameterId\tparameterScale\tlowerBound\tupperBound\tnominalValue\testimate\t"
        "objectivePriorType\tobjectivePriorParameters\n"
        "k\tlog10\t0.01\t10\t0.5\t1\tparameterScaleNormal\t-1;2\n"
        "x0\tlog10\t0.01\t10\t2\t1\tlaplace\t1;0.5\n"
        "at\tlin\t0.01\t10\t0.7\t1\tlogNormal\t0;0.5\n"
        "level\tlin\t0.01\t10\t0.7\t1\t\t\n"
    )
    (tmp_path / "o.tsv").write_text("observableId\tobservableFormula\tnoiseFormula\no\tx\t1\n")
    (tmp_path / "c.tsv").write_text("conditionId\nc\n")
    (tmp_path / "m.tsv").write_text(
        "observableId\tsimulationConditionId\ttime\tmeasurement\no\tc\t0\t1\n"
    )
    (tmp_path / "v1.yaml").write_text(
        "format_version: 1\nparameter_file: p.tsv\nproblems:\n- condition_files: [c.tsv]\n"
        "  measurement_files: [m.tsv]\n  observable_files: [o.tsv]\n  sbml_files: [model.xml]\n"
    )
    found = read_petab(tmp_path / "v1.yaml").log_prior()
    normal = -0.5 * ((math.log10(0.5) + 1) / 2) ** 2 - math.log(2 * math.sqrt(2 * math.pi))
    log = math.log(0.7)
    log_normal = -0.5 * (log / 0.5) ** 2 - math.log(0.5 * math.sqrt(2 * math.pi)) - log
    assert found == pytest.approx({"k": normal, "x0": -2.0, "at": log_normal}, rel=1e-12)


def test_simulation_tables_keep_every_column_of_the_measurements(tmp_path):
    path = write_petab(
        tmp_path, decay(tmp_path), parameters=f"{HEAD}\nk,0,9,0.5,true",
        observables=f"{OBSERVE}\no,x,1,normal", measurements=f"{MEASURE}\no,,0,1\no,,1,1",
    )  # fmt: skip
    problem = read_petab(path)
    table = problem.simulate({"k": 1.0})
    kept = [c for c in problem.tables.frame.columns if c != "measurement"]
    assert [c for c in table.columns if c != "simulation"] == kept
    assert table["simulation"].to_numpy() == pytest.approx(2 * np.exp([0.0, -1.0]), rel=1e-7)
