"""Compiled C does what JAX's programs do."""

import logging

import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
from skinmech.native import build as building
from skinmech.native.build import NoCompiler, compiler, key_of, load_kept
from skinmech.native.kernel import Kernel
from skinmech.numerics import Status, in_threads, kept
from skinmech.schedule import schedule
from skinmech.simulate import resolve
from skinmech_calibration.engine import Case, engine

try:
    compiler()
except NoCompiler as error:
    pytest.skip(str(error), allow_module_level=True)

DAYS = (0, 0.5, 3, 3.1, 7, 10, 11, 30)
PROTOCOL = sm.Protocol(
    "30 days",
    [
        sm.Treatment("dupilumab", "600 mg, then 300 mg q2w"),
        sm.Ultraviolet("0.05 J/cm**2", "3 days"),
        sm.TapeStrips(5, "10 days"),
        sm.Change("7 days", {"relative_humidity": 0.2}),
    ],
)


@pytest.fixture(scope="module")
def small():
    return sm.simulator(sm.skin_model(corneum_cells=6, epidermis_cells=8))


@pytest.fixture(scope="module")
def case(small):
    model = small.model
    params = resolve(model, sm.DONORS["atopic"])
    plan = schedule(model, PROTOCOL, sm.in_vivo())
    times = np.full(64, np.inf)
    times[: len(DAYS)] = np.array(DAYS) * model.system.factor("day")
    return params, plan, jnp.asarray(sm.attractor(small, "atopic")), jnp.asarray(times)


@pytest.fixture(scope="module")
def by_jax(small, case):
    return kept(small._told, "run", small.identity)(*case)


def test_the_same_states_observables_and_steps(small, case, by_jax):
    found = small.kernel.run(*case)
    assert found["status"] == int(by_jax["status"]) == Status.OK
    assert found["num_steps"] == int(by_jax["num_steps"])
    assert found["num_rejected"] == int(by_jax["num_rejected"])
    assert found["last_time"] == float(by_jax["last_time"])
    rows = len(DAYS)
    expected = np.asarray(by_jax["state"])
    # Two orders of elimination differ by rounding, a factor of 1e4 below the steps' own error.
    np.testing.assert_allclose(found["state"][:rows], expected[:rows], rtol=1e-9, atol=1e-12)
    for name, values in by_jax["observables"].items():
        np.testing.assert_allclose(
            found["observables"][name][:rows], np.asarray(values)[:rows], rtol=1e-8, atol=1e-10
        )
    assert np.isnan(found["state"][rows:]).all() and np.isnan(expected[rows:]).all()


def test_the_same_steady_state(small, case):
    params, plan, y, _ = case
    guess = y * np.random.default_rng(3).uniform(0.9, 1.1, y.size)
    found, status = small.kernel.rest(params, plan, guess)
    expected, its = kept(small.rest, "rest", small.identity)(params, plan, guess)
    assert status == int(its) == Status.OK
    np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-7, atol=1e-9)


def test_the_same_derivatives(small, case):
    params, plan, y, times = case
    machine = engine(small.model)
    flat = machine.flat(sm.DONORS["atopic"])
    paths = (
        "immunity.Th2_rate",
        "keratinocytes.filaggrin_dose",
        "barrier.kallikrein_ph_half",
        "exposure.per_day",
        "cytokines.clearance[CXCL10]",
    )
    directions = np.zeros((8, len(flat)))
    for row, path in enumerate(paths):
        directions[row, machine.place(path)] = float(flat[machine.place(path)])
    one = Case(flat, plan, y, times)
    expected, slopes, status = machine._differentiate(one, jnp.asarray(directions))
    found = machine._derived(one, jnp.asarray(directions))
    assert found[2] == int(status) == Status.OK
    rows = len(DAYS)
    size = np.abs(np.asarray(expected)[:rows]).max(axis=0)
    miss = np.abs(found[1][:, :rows] - np.asarray(slopes)[:, :rows]) / np.maximum(size, 1e-6)
    assert np.abs(np.asarray(slopes)[: len(paths), :rows]).max() > 0.1
    assert miss.max() < 1e-6


def test_a_failure_costs_only_itself(small, case):
    params, plan, y, times = case
    alone = small.kernel.run(*case)

    def job(index):
        return small.kernel.run(params, plan, y * np.nan if index % 2 else y, times)

    found = in_threads(job, 6)
    for index, one in enumerate(found):
        if index % 2:
            assert one["status"] == Status.INVALID_INPUT and np.isnan(one["state"]).all()
        else:
            np.testing.assert_array_equal(one["state"], alone["state"])


def test_without_a_compiler_jax_does_it(small, case, by_jax, monkeypatch, caplog):
    compiler.cache_clear()
    building._machine.cache_clear()
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setattr(building.importlib.util, "find_spec", lambda name: None)
    kernel = Kernel(small)
    with caplog.at_level(logging.WARNING):
        assert kernel.run(*case) is None
    assert "no-such-compiler" in caplog.text
    monkeypatch.undo()
    compiler.cache_clear()
    building._machine.cache_clear()


def test_it_can_be_switched_off(small, case, monkeypatch):
    monkeypatch.setenv("SKINMECH_NATIVE", "0")
    assert Kernel(small).run(*case) is None


def test_a_damaged_library_is_never_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "cache_folder", lambda: tmp_path)
    key = key_of("test")
    source = {"solver.c": "int three(void) { return 3; }"}
    assert building.build(key, source, {}).three() == 3
    assert load_kept(key).three() == 3
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()  # the library above stays mapped to the old file
    path.write_bytes(content)
    assert load_kept(key) is None


def test_what_the_compiler_says_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "cache_folder", lambda: tmp_path)
    with pytest.raises(NoCompiler, match="broken.c"):
        building.build(key_of("broken"), {"broken.c": "int three(void { return 3; }"}, {})
    assert not list(tmp_path.iterdir())
