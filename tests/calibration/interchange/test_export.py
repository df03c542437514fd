"""The culture model as SBML and its calibration as PEtab, read back by our own importer."""

import importlib
import importlib.util
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
import skinmech_calibration as cal
from skinmech.culture_model import culture_model
from skinmech.schedule import schedule
from skinmech.settings import culture
from skinmech.simulate import Simulator, resolve
from skinmech_calibration.interchange.expression import symbol
from skinmech_calibration.interchange.symbolic import Walker

libsbml = pytest.importorskip("libsbml", reason="python-libsbml is not installed")
pytest.importorskip("petab", reason="petab is not installed")

from skinmech_calibration.interchange import (  # noqa: E402
    UnsupportedError,
    export_petab,
    export_sbml,
    read_petab,
    read_sbml,
)
from skinmech_calibration.interchange.emit import Emitter, Ref, vector  # noqa: E402
from skinmech_calibration.interchange.export_sbml import identifier  # noqa: E402
from skinmech_calibration.interchange.operations import NAMESPACE  # noqa: E402

ROOT = Path(__file__).parents[3]
PROTOCOL = sm.Protocol(
    2.0,
    [
        sm.Change(0.5, {"inlet_cytokines[IFN-gamma]": "10 ng/mL"}),
        sm.Change(1.0, {"inlet_cytokines[IFN-gamma]": 0.0, "inlet_cytokines[IL-13]": "5 ng/mL"}),
    ],
)
CHANGED = {"signalling.sensitivity[pSTAT6]": 1.5}


@pytest.fixture(scope="module")
def model():
    return culture_model()


def test_expressions_of_a_program_are_the_program():
    """Views, reductions, products, switches and inner functions, value for value."""

    def program(x, y):
        table = jnp.outer(x, y)[::-1, 1:].T
        a = jnp.where(table > 0.5, jnp.exp(-table), jnp.tanh(table) ** 3)
        b = jnp.sum(a, axis=0) @ jnp.array([[1.0, 2.0], [0.0, 1.5], [3.0, 0.0]])
        c = jnp.clip(jnp.cumsum(x), 0.2, 1.7)
        d = jnp.maximum(x[jnp.array([2, 0])], jnp.sqrt(y[1])) / (1 + jnp.abs(y[0]))
        return jnp.concatenate([b, c, d, jnp.prod(y)[None], jnp.max(a)[None]])

    x, y = np.array([0.3, 1.1, 0.7]), np.array([0.4, 2.0, 1.3])
    walker = Walker()
    names = {"x": np.array([symbol(f"x{i}") for i in range(3)], object),
             "y": np.array([symbol(f"y{i}") for i in range(3)], object)}  # fmt: skip
    (out,) = walker.trace(program, names, {"x": jnp.asarray(x), "y": jnp.asarray(y)})
    emitter = Emitter(lambda name: walker.definitions.get(name) or Ref(f"{name[0]}[{name[1:]}]"))
    text = emitter.function("f", "x, y", vector([emitter.number(one) for one in out]))
    space = dict(NAMESPACE)
    exec(text, space)
    np.testing.assert_allclose(space["f"](x, y), program(x, y), rtol=1e-13)


def test_culture_model_reads_back_to_the_same_numbers(model, tmp_path):
    written = export_sbml(model, PROTOCOL, culture(), parameters=CHANGED)
    path = written.save(tmp_path / "culture.xml")
    document = libsbml.readSBMLFromFile(str(path))
    # Units are not checked: the file counts in the model's own units and declares none.
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.checkConsistency()
    assert document.getNumErrors(libsbml.LIBSBML_SEV_ERROR) == 0
    times = np.linspace(0.0, 2.0, 9)
    found = read_sbml(path).simulate(times * written.day, rtol=1e-9)
    machine = Simulator(model, rtol=1e-9, atol=1e-12)
    plan, params = schedule(model, PROTOCOL, culture()), resolve(model, CHANGED)
    y0 = sm.simulator(model).steady(parameters=CHANGED, setting=culture())
    ours = machine._run(params, plan, y0, jnp.asarray(times * written.day))["observables"]
    moved = 0
    for name, values in ours.items():
        scale = np.max(np.abs(values))
        np.testing.assert_allclose(found[identifier(name)], values, rtol=1e-6, atol=1e-6 * scale)
        moved += bool(np.ptp(values) > 0.1 * scale)
    assert moved >= 4  # so that something had to be simulated


def test_doses_and_light_are_refused_by_name(model):
    lit = sm.Protocol(2.0, [sm.Ultraviolet("1 J/cm**2", 1.0), sm.Dose("dupilumab", 100.0, 1.0)])
    with pytest.raises(UnsupportedError, match="doses of drugs, light"):
        export_sbml(model, lit, culture())


def test_a_calibration_reads_back_to_the_same_likelihood(tmp_path, monkeypatch):
    share = _example("share")
    # Ours as exact as the file's, which is 1e-10 of a step; the usual is 1e-5.
    made: list[Simulator] = []

    def exact(model, **_):
        if not made:
            made.append(Simulator(model, rtol=1e-10, atol=1e-13))
        return made[0]

    monkeypatch.setattr(sys.modules["skinmech_calibration.engine"], "simulator", exact)
    mine, told = share.main(tmp_path / "shared")
    assert told == pytest.approx(mine, rel=1e-8)
    lint = importlib.import_module("petab.v2")
    problem = lint.Problem.from_yaml(str(tmp_path / "shared" / "problem.yaml"))
    assert not [str(one) for one in problem.validate() if "ERROR" in str(one.level)]
    back = read_petab(tmp_path / "shared" / "problem.yaml")
    assert [one.id for one in back.free] == [f"fit_{identifier(name)}" for name in share.FREE]


def test_what_petab_cannot_say_is_listed(model, tmp_path):
    seen = (
        cal.Observation("pSTAT6_MFI", 1.0, censor="left", limit_high=50.0),
        cal.Observation("pSTAT1_MFI", 1.0, 80.0, window=(0.5, 1.0)),
    )
    one = cal.Experiment("cells", culture(), sm.Protocol(2.0), seen)
    problem = cal.CalibrationProblem(model, [one], list(CHANGED))
    with pytest.raises(UnsupportedError) as error:
        export_petab(problem, tmp_path)
    assert "censored" in str(error.value) and "window" in str(error.value)


def _example(name):
    path = ROOT / "examples" / "decisions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_loop_of_the_example_keeps_its_promise():
    told = _example("loop").main()
    assert told["promised"] < 0.8 * told["before"]
    # 32 particles give a spread to 13 %; the noise of one experiment and curvature come on top.
    assert told["found"] == pytest.approx(told["promised"], rel=0.35)
    assert told["off"] < 3.0
