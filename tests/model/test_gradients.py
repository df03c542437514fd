"""Gradients of clinical outputs agree with finite differences (science statement 5).

By the engine that fits take: compiled C where there is a compiler, else JAX. That both give the
same derivatives is tested in tests/native.
"""

import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
from skinmech.numerics import Status
from skinmech.schedule import schedule
from skinmech_calibration.engine import Case, Engine

CLINICAL = ("tewl", "easi", "scorad", "iga", "itch_nrs", "pasi", "epidermal_thickness", "ita")


def case_of(machine, protocol, days):
    """Function of a parameter vector: the case that starts at its own atopic steady state."""
    model = machine.model
    plan = schedule(model, protocol, sm.in_vivo())
    guess = jnp.asarray(sm.attractor(machine.simulator, "atopic"))
    times = np.full(64, np.inf)
    times[: len(days)] = np.array(days) * model.system.factor("day")
    return lambda flat: Case(jnp.asarray(flat), plan, guess, jnp.asarray(times))


def compared(machine, protocol, days, paths, names, size):
    """Outputs, their derivatives and finite differences; parameters in units of their own size.

    Returns:
        Arrays of shape (day, output), (path, day, output) and (path, day, output).
    """
    case = case_of(machine, protocol, days)
    flat = np.asarray(machine.flat(sm.DONORS["atopic"]))
    directions = np.zeros((len(paths), len(flat)))
    for row, path in enumerate(paths):
        place = machine.place(path)
        directions[row, place] = abs(flat[place]) or 1.0
    exact = machine.run([case(flat)], [directions])[0]
    moved = [case(flat + sign * size * row) for row in directions for sign in (1, -1)]
    found = machine.run(moved)
    assert exact.status == Status.OK and all(one.status == Status.OK for one in found)
    columns = [machine.observables.index(name) for name in names]
    values = np.stack([one.values[: len(days), columns] for one in found])
    differences = (values[::2] - values[1::2]) / (2 * size)
    return (
        exact.values[: len(days), columns],
        exact.slopes[:, : len(days), columns],
        differences,
    )


def test_every_parameter_and_clinical_output(small):
    """At the atopic steady state, which is solved to 1e-8: finite differences are meaningful."""
    specs = small.model.specifications()
    paths = [path for path, spec in specs.items() if spec.source != "definition"]
    machine = Engine(small.model)
    values, exact, differences = compared(machine, sm.Protocol(0.01), [0.0], paths, CLINICAL, 1e-4)
    # Relative to the size of the output's own gradient: a component far below it is noise
    # of the finite difference, not of the derivative.
    scale = np.abs(values) + np.abs(exact).max(axis=0)
    error = (np.abs(differences - exact) / scale)[:, 0]
    bad = {paths[i]: dict(zip(CLINICAL, error[i], strict=True)) for i in range(len(paths))
           if error[i].max() >= 1e-4}  # fmt: skip
    assert not bad
    assert error.max() > 0.0 and np.count_nonzero(exact) > len(paths)


@pytest.mark.parametrize("day", [3.0, 28.0])
def test_gradient_through_a_treated_course(small, day):
    paths = [
        "immunity.IL13_secretion", "barrier.lipid_tightness", "keratinocytes.cell_volume",
        "exposure.per_day",
    ]  # fmt: skip
    names = ("tewl", "easi", "pasi")
    machine = Engine(small.model, rtol=1e-8, atol=1e-10)
    protocol = sm.Protocol("28 day", [sm.Treatment("dupilumab")])
    _, exact, differences = compared(machine, protocol, [day], paths, names, 1e-3)
    scale = np.abs(exact).max(axis=0)
    np.testing.assert_allclose(differences / scale, exact / scale, atol=1e-4)
