"""Steady states of the Shmarov model: all of them, with their stability."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from .shmarov import ShmarovState, rates
from .shmarov_law import dendritic_activation
from .shmarov_parameters import ShmarovLaws


class SteadyState(NamedTuple):
    """A steady state and the eigenvalues of its linearisation [1/day], largest real part first."""

    state: ShmarovState
    eigenvalues: np.ndarray

    @property
    def is_stable(self) -> bool:
        """Whether every perturbation dies out."""
        return bool(self.eigenvalues[0].real < 0)


def _from_stem(stem: Float[Array, ""], laws: ShmarovLaws) -> tuple[ShmarovState, Float[Array, ""]]:
    """State in which all but the loop's closure is steady, and the mismatch of the closure.

    The signal that keeps the stem pool steady fixes the other pools; these fix the growth
    factors, dendritic cells, IL-23, T cells and so the signal that they would make.
    """
    k, m, s = laws.keratinocytes, laws.immune, laws.signals
    signal = (k.stem_crowding_loss * stem + k.apoptosis_rate) / k.stem_division_rate

    def positive_root(quadratic, linear, constant):
        """Root of quadratic·x² + linear·x = constant for a positive constant."""
        return (jnp.sqrt(linear**2 + 4 * quadratic * constant) - linear) / (2 * quadratic)

    transit = positive_root(
        k.transit_crowding_loss,
        k.apoptosis_rate - k.transit_division_rate * signal,
        k.stem_commitment_rate * signal * stem,
    )
    differentiated = positive_root(
        k.differentiated_crowding_loss,
        k.apoptosis_rate + k.desquamation_rate,
        k.differentiation_rate * signal * transit,
    )
    growth = s.stem_growth_factor_rate * stem + s.transit_growth_factor_rate * transit
    growth_factor = growth / s.growth_factor_clearance_rate
    loss = m.immune_clearance_rate + m.apoptosis_rate
    dendritic = dendritic_activation(growth_factor, m) / loss
    IL23 = s.IL23_production_rate * dendritic / s.IL23_clearance_rate
    t_cells = m.t_cell_activation_rate * IL23 / loss
    IL17 = s.IL17_production_rate * t_cells / s.IL17_clearance_rate
    TNF = s.TNF_production_rate * t_cells / s.TNF_clearance_rate
    dying = k.apoptosis_rate * (stem + transit + differentiated)
    dying += m.apoptosis_rate * (t_cells + dendritic)
    apoptotic = dying / m.apoptotic_clearance_rate
    found = ShmarovState(
        stem, transit, differentiated, t_cells, dendritic, apoptotic, IL17, TNF, IL23,
        jnp.asarray(growth_factor),
    )  # fmt: skip
    return found, IL17 + TNF - signal


def steady_states(
    laws: ShmarovLaws | None = None, least: float = 500.0, most: float = 50_000.0
) -> list[SteadyState]:
    """All steady states without light and trigger, by rising stem-cell density.

    Everything follows from the stem-cell density, so one scalar equation is scanned for sign
    changes and refined by bisection; two states closer than 0.5 % in density may be missed.

    Args:
        laws: Parameters; published values by default.
        least: Smallest stem-cell density looked at [cells/mm²].
        most: Largest stem-cell density looked at [cells/mm²].
    """
    laws = ShmarovLaws() if laws is None else laws
    mismatch = jax.jit(jax.vmap(lambda stem: _from_stem(stem, laws)[1]))
    grid = np.geomspace(least, most, 1000)
    signs = np.sign(np.asarray(mismatch(jnp.asarray(grid))))
    where = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    low, high = grid[where], grid[where + 1]
    for _ in range(60):
        middle = (low + high) / 2
        same = np.sign(np.asarray(mismatch(jnp.asarray(middle)))) == signs[where]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return [_analyse(jnp.asarray(stem), laws) for stem in (low + high) / 2]


def _analyse(stem: Float[Array, ""], laws: ShmarovLaws) -> SteadyState:
    found, _ = _from_stem(stem, laws)
    found = jax.tree.map(jnp.asarray, found)
    flat, restore = ravel_pytree(found)

    def tendency(y):
        return ravel_pytree(rates(restore(y), jnp.asarray(0.0), jnp.asarray(0.0), laws))[0]

    values = np.linalg.eigvals(np.asarray(jax.jacfwd(tendency)(flat)))
    return SteadyState(found, values[np.argsort(-values.real)])
