"""C translated from a jaxpr computes what JAX computes."""

import ctypes
import shutil
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import skinmech as sm
from benchmarks.cvode_peer import FAST_MATH
from skinmech.native.pattern import pattern
from skinmech.native.translate import translate, translate_stages
from skinmech.native.values import UnsupportedPrimitive
from skinmech.numerics import build_system
from skinmech.structure import random_draws

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
SIZE = 24
WEIGHTS = np.random.default_rng(1).normal(size=(SIZE, SIZE))


def in_c(f, y, folder, order=None, flags=("-O2",)):
    """What the translated `f` gives at t = 0.3."""
    source, library = folder / "rhs.c", folder / "rhs.so"
    source.write_text(translate(f, y, order=order))
    command = ["gcc", *flags, "-shared", "-fPIC", str(source), "-o", str(library), "-lm"]
    subprocess.run(command, check=True)
    given = np.ascontiguousarray(y if order is None else y[order])
    out = np.empty_like(given)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (given, out)]
    ctypes.CDLL(str(library)).RHS(ctypes.c_double(0.3), *pointers, None)
    return out


def table(y):
    return y.reshape(4, 6)


def upwind(t, y):
    step = jnp.diff(y)
    flux = jnp.concatenate([jnp.zeros(1), -step * jnp.where(step > 0, y[1:], y[:-1]), y[:1]])
    return flux[:-1] - flux[1:]


CASES = {
    "arithmetic": lambda t, y: -y * y + t / (y + 2.0) - (y - 0.5),
    "repeated along an axis": lambda t, y: (table(y) * table(y)[:, :1] + table(y)[:1]).ravel(),
    "exponentials": lambda t, y: jnp.exp(y) + jnp.exp2(y) + jnp.expm1(y) + lax.logistic(y),
    "logarithms": lambda t, y: jnp.log(y) + jnp.log1p(y) + lax.tanh(y),
    "roots and powers": lambda t, y: jnp.sqrt(y) + lax.rsqrt(y) + y**1.7 + y**3 + y**-2,
    "rounding": lambda t, y: (
        jnp.floor(5 * y) + jnp.sign(y - 0.5) + jnp.abs(y - 0.5) + lax.square(y)
    ),
    "extremes": lambda t, y: jnp.maximum(y, 0.5) - jnp.minimum(y, 0.4) + jnp.clip(y, 0.3, 0.7),
    "comparisons": lambda t, y: (
        jnp.where((y < 0.3) | ~(y <= 0.8), y, 2.0)
        + jnp.where((y > 0.2) & (y >= 0.6), y, 3.0)
        + (y == y[0]).astype(float)
        + (y != y[1]).astype(float)
    ),
    "sums": lambda t, y: y * jnp.sum(y) + jnp.tile(jnp.sum(table(y), 0), 4),
    "other reductions": lambda t, y: y * jnp.prod(table(y), 0)[0] + jnp.max(y) - jnp.min(y),
    "running sums": lambda t, y: (jnp.cumsum(table(y), 0) + jnp.cumsum(table(y), 1)).ravel(),
    "products": lambda t, y: WEIGHTS @ y + (table(y) @ WEIGHTS[:6, :6]).ravel() * (y @ y),
    "batched product": lambda t, y: jnp.einsum(
        "nij,nj->ni", (y[:, None] * WEIGHTS[0]).reshape(4, 6, 24)[:, :, :6], table(y)
    ).ravel(),
    "joined": lambda t, y: jnp.stack([y[:12], jnp.concatenate([y[20:], y[:8] * 2])], 1).ravel(),
    "moved": lambda t, y: (table(y).T[::-1, ::2] * 1.0).ravel()[np.arange(24) % 12],
    "gathered": lambda t, y: (y**2)[np.random.default_rng(0).permutation(24)],
    "nested": lambda t, y: jax.jit(lambda x: x * x + jax.nn.relu(x - 0.5))(jnp.exp(y)),
    "fluxes": upwind,
}


@pytest.mark.parametrize("name", CASES)
def test_every_rule_agrees_with_jax(name, tmp_path):
    y = np.random.default_rng(0).uniform(0.1, 1.0, SIZE)
    expected = np.asarray(CASES[name](0.3, jnp.asarray(y)))
    # Rounding of another order of summation and another library's elementary functions.
    np.testing.assert_allclose(in_c(CASES[name], y, tmp_path), expected, rtol=1e-13, atol=1e-14)


def test_the_coupled_model_agrees_with_jax(tmp_path):
    model = sm.skin_model()
    args = model.arguments(model.parameters())
    y = np.asarray(model.initial_state(model.parameters()))
    y = y * np.random.default_rng(0).uniform(0.5, 2.0, y.size)

    def tendency(t, state):
        return model.tendency(t, state, args)

    expected = np.asarray(jax.jit(tendency)(0.3, y))
    found = in_c(tendency, y, tmp_path, flags=FAST_MATH)
    assert sys.float_info.min / 2 > 0, "the library must not make this process flush subnormals"
    # A tendency is a difference of fluxes: rounding is relative to them, not to what is left.
    scale = np.abs(expected) + np.abs(y)
    assert np.all(np.abs(found - expected)[scale > 0] <= 1e-12 * scale[scale > 0])
    assert np.all(found[scale == 0] == 0)


def test_states_can_be_reordered_and_left_out(tmp_path):
    y = np.random.default_rng(0).uniform(0.1, 1.0, SIZE)
    order = np.array([5, 3, 4])

    def tendency(t, state):
        return jnp.zeros(SIZE).at[np.array([3, 4, 5])].set(state[3:6] * state[5] + t)

    # A scatter is no rule of the translator, so the same is written with a concatenation.
    def joined(t, state):
        return jnp.concatenate([jnp.zeros(3), state[3:6] * state[5] + t, jnp.zeros(SIZE - 6)])

    expected = np.asarray(tendency(0.3, jnp.asarray(y)))[order]
    np.testing.assert_allclose(in_c(joined, y, tmp_path, order), expected, rtol=1e-14)
    with pytest.raises(UnsupportedPrimitive, match="left out"):
        translate(joined, y, order=np.array([3, 4]))


def test_an_unknown_primitive_is_named():
    with pytest.raises(UnsupportedPrimitive, match="'sort'"):
        translate(lambda t, y: jnp.sort(y), np.ones(SIZE))


def test_the_pattern_holds_what_the_derivative_holds():
    program = translate_stages(
        lambda y: jnp.concatenate([
            y[:2] * y[2], jnp.cumsum(y[3:6]), jnp.sum(y[6:8])[None],
            jnp.where(y[8] > 0.5, y[9], y[10])[None], jnp.zeros(1), 0.0 * y[11:12],
        ]),
        [[("y", np.zeros(SIZE))]], "f",
    )  # fmt: skip
    expected = np.zeros((9, SIZE), bool)
    for row, columns in enumerate([(0, 2), (1, 2), (3,), (3, 4), (3, 4, 5), (6, 7), (9, 10)]):
        expected[row, list(columns)] = True
    np.testing.assert_array_equal(pattern(program, "y"), expected)


def test_the_pattern_of_the_coupled_model_holds_all_that_probing_finds():
    engine = sm.simulator(sm.skin_model(corneum_cells=6, epidermis_cells=8))
    probed = build_system(engine._tendency, engine.layout, random_draws(engine.model))
    found = np.asarray(engine.system.dense(engine.system.pattern)) != 0
    assert not np.any((np.asarray(probed.dense(probed.pattern)) != 0) & ~found)
    # No more than a few couplings that parameters switch off.
    assert found.sum() < 1.01 * np.asarray(probed.dense(probed.pattern)).sum()
