"""What SBML means, each point against a closed form."""

import numpy as np
import pytest

pytest.importorskip("libsbml", reason="the extra petab is not installed")

from skinmech_calibration.interchange import InterchangeError, read_sbml

from ._files import CELL, parameter, reaction, rule, species, start, write_sbml

TIMES = np.array([0.0, 0.5, 2.0])
CLOSE = dict(rel=1e-6, abs=1e-9)  # steps are held to 1e-8


def size(value, *, constant=True, name="cell", dimensions=3):
    flag = str(constant).lower()
    return (
        f'<compartment id="{name}" spatialDimensions="{dimensions}" size="{value}" '
        f'constant="{flag}"/>'
    )


def test_reactions_change_amounts_and_formulas_read_concentrations(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, compartments=size(4),
        species=species("A", concentration=3.0) + species("B", amount=0.0, is_amount=True),
        reactions=reaction("r", "0.5 * A", "A", "2 B"),
    ))  # fmt: skip
    found = model.simulate(TIMES)
    # The rate is one of amount, so the concentration falls with 0.5/4.
    conc = 3.0 * np.exp(-0.125 * TIMES)
    assert found["A"] == pytest.approx(conc, **CLOSE)
    assert found.amount("A") == pytest.approx(4 * conc, **CLOSE)
    assert found["B"] == pytest.approx(2 * 4 * (3.0 - conc), **CLOSE)
    assert found.concentration("B") == pytest.approx(2 * (3.0 - conc), **CLOSE)
    assert found["r"] == pytest.approx(0.5 * conc, **CLOSE)


def test_a_growing_compartment_dilutes_but_keeps_amounts(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, compartments=size(2, constant=False),
        species=species("A", concentration=3.0) + species("S", amount=1.0, is_boundary=True),
        rules=rule("rate", "cell", "0.4 * cell"),
        reactions=reaction("r", "0.1 * A * cell", "A", "S"),
    ))  # fmt: skip
    found = model.simulate(TIMES)
    assert found["A"] == pytest.approx(3.0 * np.exp(-0.5 * TIMES), **CLOSE)
    assert found.amount("A") == pytest.approx(6.0 * np.exp(-0.1 * TIMES), **CLOSE)
    assert found["S"] == pytest.approx(0.5 * np.exp(-0.4 * TIMES), **CLOSE)


def test_a_rate_rule_of_a_species_is_one_of_its_concentration(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, compartments=size(2, constant=False), species=species("A", concentration=3.0),
        rules=rule("assignment", "cell", "2 + time") + rule("rate", "A", "-0.3 * A"),
    ))  # fmt: skip
    found = model.simulate(TIMES)
    assert found["A"] == pytest.approx(3.0 * np.exp(-0.3 * TIMES), **CLOSE)
    assert found.amount("A") == pytest.approx(found["A"] * (2 + TIMES), **CLOSE)


def test_initial_assignments_and_rules_are_solved_in_the_order_they_need(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, compartments=size(2), species=species("A") + species("B", is_amount=True),
        parameters=parameter("p") + parameter("q", 7.0) + parameter("k", 5.0),
        starts=start("A", "k / cell") + start("B", "p + 1") + start("k", "4 * q / 7"),
        rules=rule("assignment", "p", "A * 3"),
    ))  # fmt: skip
    found = model.simulate([0.0])
    assert (found["k"], found["A"], found["p"], found["B"]) == (4.0, 2.0, 6.0, 7.0)
    changed = model.simulate([0.0], {"q": 14.0})
    assert (changed["k"], changed["p"]) == (8.0, 12.0)
    held = model.simulate([0.0], {"A": 1.0})
    assert (held["p"], held["B"], held.amount("A")) == (3.0, 4.0, 2.0)


def test_conversion_factors_turn_extent_into_substance(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, attributes='conversionFactor="f"', compartments=CELL,
        species=species("A", amount=0.0, is_amount=True)
        + species("B", amount=0.0, is_amount=True, more='conversionFactor="g"'),
        parameters=parameter("f", 10.0, constant=True) + parameter("g", 3.0, constant=True),
        reactions=reaction("r", "1", "", "A, 2 B"),
    ))  # fmt: skip
    found = model.simulate(TIMES)
    assert found["A"] == pytest.approx(10 * TIMES, **CLOSE)
    assert found["B"] == pytest.approx(6 * TIMES, **CLOSE)


def test_species_without_volume_are_amounts(tmp_path):
    place = '<compartment id="cell" spatialDimensions="0" constant="true"/>'
    model = read_sbml(write_sbml(
        tmp_path, compartments=place, species=species("A", amount=5.0),
        reactions=reaction("r", "A", "A"),
    ))  # fmt: skip
    assert model.simulate(TIMES)["A"] == pytest.approx(5 * np.exp(-TIMES), **CLOSE)


def test_local_parameters_and_functions_shadow_nothing(tmp_path):
    from ._files import math

    law = (
        f'<reaction id="r" reversible="false"><listOfReactants><speciesReference species="A" '
        f'stoichiometry="1" constant="true"/></listOfReactants><kineticLaw>{math("f(k, A)")}'
        '<listOfLocalParameters><localParameter id="k" value="2"/></listOfLocalParameters>'
        "</kineticLaw></reaction>"
    )
    double = f'<functionDefinition id="f">{math("lambda(A, k, g(A) * k / 2)")}</functionDefinition>'
    later = f'<functionDefinition id="g">{math("lambda(x, x * 2)")}</functionDefinition>'
    model = read_sbml(write_sbml(
        tmp_path, functions=double + later, compartments=CELL,
        species=species("A", concentration=1.0), parameters=parameter("k", 50.0), reactions=law,
    ))  # fmt: skip
    assert model.parameters == {"r.k": 2.0, "k": 50.0}
    assert model.simulate(TIMES)["A"] == pytest.approx(np.exp(-2 * TIMES), **CLOSE)
    assert model.simulate(TIMES, {"r.k": 1.0})["A"] == pytest.approx(np.exp(-TIMES), **CLOSE)


def test_piecewise_jumps_in_time_are_met_exactly(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, parameters=parameter("x", 0.0) + parameter("n", 0.0) + parameter("w", 0.0),
        rules=rule("rate", "x", "piecewise(1, time < 0.3, 5, time < 1.7, -2)")
        + rule("rate", "n", "floor(time / 0.7)") + rule("rate", "w", "1 - 2 * (x > 1)"),
    ))  # fmt: skip
    found = model.simulate([0.3, 1.7, 3.0])
    assert found["x"] == pytest.approx([0.3, 7.3, 4.7], rel=1e-9)
    assert found["n"] == pytest.approx([0.0, 0.7 + 0.6, 0.7 + 1.4 + 2.1 + 0.8], rel=1e-9)
    crossing = 0.3 + 0.7 / 5
    assert found["w"] == pytest.approx([0.3, crossing - (1.7 - crossing), 2 * crossing - 3.0])


def test_logic_and_rounding_follow_mathml(tmp_path):
    formulas = {
        "a": ("xor(true, true, true) * 1", 1.0), "b": ("implies(true, false) + 0", 0.0),
        "c": ("rem(-7, 3)", -1.0), "d": ("quotient(-7, 3)", -2.0), "e": ("factorial(5)", 120.0),
        "f": ("piecewise(1, 1 < 2 && 2 < 3, 2)", 1.0), "g": ("root(3, 27)", 3.0),
        "h": ("log10(1000)", 3.0), "i": ("max(1, 4, 2) - min(3, 2)", 2.0),
        "j": ("(2 < 1) + 3", 3.0), "k": ("-2^2", -4.0), "l": ("arccosh(cosh(2))", 2.0),
        "m": ("sec(0.5) * cos(0.5)", 1.0), "o": ("log(2, 8)", 3.0), "q": ("ceil(-1.5)", -1.0),
    }  # fmt: skip
    model = read_sbml(write_sbml(
        tmp_path, parameters="".join(parameter(n) for n in formulas),
        starts="".join(start(n, f) for n, (f, _) in formulas.items()),
    ))  # fmt: skip
    found = model.simulate([0.0])
    for name, (formula, value) in formulas.items():
        assert found[name][0] == pytest.approx(value, rel=1e-12), formula


def test_stoichiometries_may_be_quantities(tmp_path):
    from ._files import math

    law = (
        '<reaction id="r" reversible="false"><listOfProducts><speciesReference id="n" '
        f'species="A" constant="false"/></listOfProducts><kineticLaw>{math("1")}</kineticLaw>'
        "</reaction>"
    )
    model = read_sbml(write_sbml(
        tmp_path, compartments=CELL, species=species("A", amount=0.0, is_amount=True),
        rules=rule("assignment", "n", "2 * time"), reactions=law,
    ))  # fmt: skip
    assert model.simulate(TIMES)["A"] == pytest.approx(TIMES**2, **CLOSE)


def test_what_reactions_conserve_stays_conserved_over_long_times(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, compartments=CELL,
        species=species("A", concentration=1.0) + species("B", concentration=0.0),
        reactions=reaction("r", "1e3 * A", "A", "B") + reaction("s", "1e-3 * B", "B", "A"),
    ))  # fmt: skip
    found = model.simulate([0.0, 1e-3, 1e6])
    assert found["A"] + found["B"] == pytest.approx(np.ones(3), rel=1e-10)
    assert model.steady_state()["A"] == pytest.approx(1e-6 / (1 + 1e-6), rel=1e-8)


def test_a_model_that_never_settles_is_said_not_to(tmp_path):
    from skinmech_calibration.interchange import SimulationFailure

    model = read_sbml(write_sbml(
        tmp_path, parameters=parameter("x", 1.0) + parameter("v", 0.0),
        rules=rule("rate", "x", "v") + rule("rate", "v", "-x"),
    ))  # fmt: skip
    with pytest.raises(SimulationFailure, match=r"model.xml.*did not reach a steady state"):
        model.steady_state(max_steps=400)


def test_unknown_names_and_times_are_named(tmp_path):
    model = read_sbml(write_sbml(
        tmp_path, parameters=parameter("x", 1.0) + parameter("y"),
        rules=rule("assignment", "y", "x"),
    ))  # fmt: skip
    with pytest.raises(InterchangeError) as caught:
        model.simulate([0.0], {"y": 1.0, "z": 2.0})
    assert "'y' is determined by an assignment rule" in str(caught.value)
    assert "'z' is neither" in str(caught.value)
    with pytest.raises(InterchangeError, match="ascending times"):
        model.simulate([1.0, 0.5])
    with pytest.raises(InterchangeError, match="Did you mean 'x'"):
        model.simulate([0.0])["X"]
