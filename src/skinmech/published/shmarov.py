"""The published psoriasis and phototherapy model of Shmarov et al. 2022, whole, as a baseline.

Ten equations (three keratinocyte pools, T and dendritic cells, apoptotic cells, IL-17A, TNF,
IL-23, growth factors), built from the laws in `shmarov_law`. Healthy and psoriatic skin are two
attractors of the same parameters, with one saddle between them. It runs alone (`simulate`,
`steady_states`) or on the seam of sub-models (`Shmarov`).
"""

from typing import Any, NamedTuple

import diffrax as dfx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..modelling.ports import Named, port, state
from ..modelling.submodel import AbstractSubmodel
from . import shmarov_law as law
from .shmarov_law import Quantity
from .shmarov_parameters import SeverityScale, ShmarovLaws, ShmarovParameters


class ShmarovState(NamedTuple):
    """Cells [cells/mm²] and concentrations [model unit]."""

    stem: Quantity
    transit: Quantity
    differentiated: Quantity
    t_cells: Quantity
    dendritic: Quantity
    apoptotic: Quantity
    IL17: Quantity
    TNF: Quantity
    IL23: Quantity
    growth_factor: Quantity


class Exposure(NamedTuple):
    """Phototherapy and triggers as a piecewise constant schedule.

    Between `edges[i]` and `edges[i + 1]` [day] the kill rate is `uv_kill[i]` [1/day] and the
    activation of dendritic cells `stimulus[i]` [cells/mm²/day]; outside the edges both are 0.
    """

    edges: Float[Array, " edge"]
    uv_kill: Float[Array, " interval"]
    stimulus: Float[Array, " interval"]


DEFAULT_DOSES: tuple[float, ...] = (
    *(0.7, 0.7, 0.98, 0.98, 1.323, 1.323, 1.72, 1.72, 2.15, 2.15, 2.58, 2.58, 2.967, 2.967),
    *(3.264, 3.264),
    *(3.427,) * 9,
)
"""Fluences of the 25 sessions in the model file [J/cm²], three a week."""
DEFAULT_EFFICACY = 0.16
"""Kill rate per fluence [cm²/J/day], `uv_eff`; a value per patient."""
_SESSION_LENGTH = 1.0
"""Time over which one session kills [day], `a_time`."""


def no_exposure() -> Exposure:
    """Neither light nor trigger."""
    return Exposure(jnp.array([-2.0, -1.0]), jnp.zeros(1), jnp.zeros(1))


def phototherapy(
    doses: tuple[float, ...] = DEFAULT_DOSES,
    days: tuple[float, ...] | None = None,
    efficacy: Float[Array, ""] | float = DEFAULT_EFFICACY,
) -> Exposure:
    """Sessions of narrow-band UVB.

    Args:
        doses: Fluence of each session [J/cm²].
        days: Day of each session, at least one day apart; by default 0, 2, 4, 7, 9, 11, ...
        efficacy: Kill rate per fluence of the patient [cm²/J/day].

    Raises:
        ValueError: If there is no dose, numbers of days and doses differ, or sessions overlap.
    """
    if days is None:
        days = tuple(7.0 * (i // 3) + (0.0, 2.0, 4.0)[i % 3] for i in range(len(doses)))
    if not doses or len(days) != len(doses):
        raise ValueError(f"Expected exactly one day per dose, got {len(days)} and {len(doses)}.")
    gaps = np.diff(np.asarray(days))
    if np.any(gaps < _SESSION_LENGTH):
        raise ValueError(
            f"Unsupported: sessions less than {_SESSION_LENGTH:g} day apart, first after day "
            f"{days[int(np.argmax(gaps < _SESSION_LENGTH))]:g}. Merge them into one dose."
        )
    edges = np.stack([np.asarray(days), np.asarray(days) + _SESSION_LENGTH], axis=-1).ravel()
    kill = jnp.zeros(2 * len(doses) - 1).at[::2].set(jnp.asarray(doses) * efficacy)
    return Exposure(jnp.asarray(edges), kill, jnp.zeros_like(kill))


def trigger(stimulus: float, start: float = 150.0, end: float = 154.0) -> Exposure:
    """Activation of dendritic cells that may start a psoriatic lesion.

    Args:
        stimulus: Activation [cells/mm²/day]; 1e4 over four days flips healthy skin.
        start: Day on which it begins.
        end: Day on which it ends.
    """
    return Exposure(jnp.array([start, end]), jnp.zeros(1), jnp.full(1, stimulus))


def _at(exposure: Exposure, t: Quantity) -> tuple[Quantity, Quantity]:
    """Kill rate and stimulus at time t."""
    index = jnp.searchsorted(exposure.edges, t, side="right") - 1
    inside = (index >= 0) & (index < exposure.uv_kill.shape[0])
    safe = jnp.clip(index, 0, exposure.uv_kill.shape[0] - 1)
    return (
        jnp.where(inside, exposure.uv_kill[safe], 0.0),
        jnp.where(inside, exposure.stimulus[safe], 0.0),
    )


def rates(
    state: ShmarovState, uv_kill: Quantity, stimulus: Quantity, laws: ShmarovLaws
) -> ShmarovState:
    """Rates of change of the ten states, per unit of time of `laws` (published: day).

    The apoptotic pool A' = (all kills and apoptosis) − a20·A takes up what the others lose.
    """
    k, m = laws.keratinocytes, laws.immune
    y = state
    signal = law.inflammatory_signal(y.IL17, y.TNF)
    d_stem, d_transit, d_differentiated = law.keratinocyte_pools(
        y.stem, y.transit, y.differentiated, signal, uv_kill, k
    )
    killed = uv_kill * (
        (y.stem - k.stem_survivors)
        + (y.transit - k.transit_survivors)
        + (y.t_cells - m.t_cell_survivors)
        + (y.dendritic - m.dendritic_survivors)
    )
    dying = k.apoptosis_rate * (y.stem + y.transit + y.differentiated)
    dying_immune = m.apoptosis_rate * (y.t_cells + y.dendritic)
    return ShmarovState(
        d_stem,
        d_transit,
        d_differentiated,
        law.t_cells(y.t_cells, y.IL23, uv_kill, m),
        law.dendritic_cells(y.dendritic, y.growth_factor, stimulus, uv_kill, m),
        jnp.asarray(killed + dying + dying_immune - m.apoptotic_clearance_rate * y.apoptotic),
        *law.signals(
            y.stem, y.transit, y.t_cells, y.dendritic,
            y.IL17, y.TNF, y.IL23, y.growth_factor, laws.signals,
        ),
    )  # fmt: skip


def simulate(
    start: ShmarovState,
    times: Float[Array, " time"],
    exposure: Exposure | None = None,
    laws: ShmarovLaws | None = None,
) -> ShmarovState:
    """States at `times` [day], from `start` at the first of them; leaves gain a time axis.

    A failed integration gives values that are not finite from the time of failure on.
    """
    exposure = no_exposure() if exposure is None else exposure
    return _simulate(start, jnp.asarray(times), exposure, ShmarovLaws() if laws is None else laws)


@jax.jit
def _simulate(start, times, exposure, laws):
    def field(t, y, args):
        given, constants = args
        return rates(y, *_at(given, t), constants)

    solution = dfx.diffeqsolve(
        dfx.ODETerm(field),
        dfx.Kvaerno5(),
        times[0],
        times[-1],
        1e-3,
        jax.tree.map(jnp.asarray, start),
        args=(exposure, laws),
        saveat=dfx.SaveAt(ts=times),
        stepsize_controller=dfx.ClipStepSizeController(
            dfx.PIDController(rtol=1e-8, atol=1e-6), jump_ts=exposure.edges
        ),
        max_steps=50_000,
        throw=False,
    )
    return solution.ys


def total_cells(state: ShmarovState) -> Quantity:
    """All cells of the model, apoptotic and immune ones included [cells/mm²]."""
    y = state
    return y.stem + y.transit + y.differentiated + y.apoptotic + y.t_cells + y.dendritic


def relative_pasi(state: ShmarovState, scale: SeverityScale | None = None) -> Quantity:
    """PASI relative to the psoriatic state [0 healthy, 1 psoriatic].

    Mean of the relative changes of total cells (thickness), T cells (inflammation) and
    differentiated cells (scaling); multiply by the patient's PASI before treatment.
    """
    s = SeverityScale() if scale is None else scale
    thickness = (total_cells(state) - s.healthy_total) / (s.psoriatic_total - s.healthy_total)
    inflammation = (state.t_cells - s.healthy_T_cells) / (s.psoriatic_T_cells - s.healthy_T_cells)
    scaling = (state.differentiated - s.healthy_differentiated) / (
        s.psoriatic_differentiated - s.healthy_differentiated
    )
    return (thickness + inflammation + scaling) / 3


def turnover_time(state: ShmarovState, laws: ShmarovLaws | None = None) -> Quantity:
    """Epidermal turnover time [day]."""
    k = (ShmarovLaws() if laws is None else laws).keratinocytes
    signal = law.inflammatory_signal(state.IL17, state.TNF)
    return law.turnover_time(state.stem, state.transit, state.differentiated, signal, k)


class Shmarov(AbstractSubmodel):
    """The published model on the seam of sub-models; equations as in `shmarov_law`."""

    name = "shmarov"
    Parameters = ShmarovParameters
    states = (
        state("stem", "cell/mm**2", "Stem cells", scale=4000.0),
        state("transit", "cell/mm**2", "Transit-amplifying cells", scale=2e4),
        state("differentiated", "cell/mm**2", "Differentiated cells", scale=5e4),
        state("t_cells", "cell/mm**2", "T cells", scale=1500.0),
        state("dendritic", "cell/mm**2", "Dendritic cells", scale=1500.0),
        state("apoptotic", "cell/mm**2", "Apoptotic cells", scale=10.0),
        state("IL17", "cell/mm**2", "IL-17A, published units", scale=20.0),
        state("TNF", "cell/mm**2", "TNF, published units", scale=20.0),
        state("IL23", "cell/mm**2", "IL-23, published units", scale=40.0),
        state("growth_factor", "cell/mm**2", "Growth factors, published units", scale=700.0),
    )
    provides = (
        port("keratinocyte_signal", "cell/mm**2", "IL-17A and TNF, published units"),
        port("total_cells", "cell/mm**2", "All cells of the model"),
    )
    requires = (
        port("uv_kill_rate", "1/day", "Kill of cells by light", default=0.0),
        port("dendritic_trigger", "cell/mm**2/day", "Activation of dendritic cells", default=0.0),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Healthy skin: cells at their survivor densities, signals in balance with them."""
        k = params
        IL17 = k.IL17_production_rate * k.t_cell_survivors / k.IL17_clearance_rate
        growth = (
            k.stem_growth_factor_rate * k.stem_survivors
            + k.transit_growth_factor_rate * k.transit_survivors
        )
        supply = k.differentiation_rate * 2 * IL17 * k.transit_survivors
        linear = k.apoptosis_rate + k.desquamation_rate
        loss = k.differentiated_crowding_loss
        differentiated = (jnp.sqrt(linear**2 + 4 * loss * supply) - linear) / (2 * loss)
        cells = (
            k.stem_survivors + k.transit_survivors + differentiated
            + k.t_cell_survivors + k.dendritic_survivors
        )  # fmt: skip
        return {
            "stem": k.stem_survivors,
            "transit": k.transit_survivors,
            "differentiated": differentiated,
            "t_cells": k.t_cell_survivors,
            "dendritic": k.dendritic_survivors,
            "apoptotic": k.apoptosis_rate * cells / k.apoptotic_clearance_rate,
            "IL17": IL17,
            "TNF": k.TNF_production_rate * k.t_cell_survivors / k.TNF_clearance_rate,
            "IL23": k.IL23_production_rate * k.dendritic_survivors / k.IL23_clearance_rate,
            "growth_factor": growth / k.growth_factor_clearance_rate,
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Signal and cell number."""
        now = ShmarovState(**state)
        return {
            "keratinocyte_signal": law.inflammatory_signal(now.IL17, now.TNF),
            "total_cells": total_cells(now),
        }

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Right-hand side of the publication."""
        now = ShmarovState(**state)
        laws = params.laws()
        return rates(now, ports.uv_kill_rate, ports.dendritic_trigger, laws)._asdict()
