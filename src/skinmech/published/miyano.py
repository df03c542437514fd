"""The published atopic-dermatitis model of Miyano et al. 2022, whole, as a baseline.

Fourteen equations for one patient (barrier, pathogens, four T-helper subsets, eight cytokines),
built from the laws in `miyano_law`. It runs alone (`trial`) or on the seam of sub-models
(`Miyano`). An arm of a trial removes a fraction of free ligands; treatment of any kind,
placebo too, adds the recovery k3.
"""

from typing import Any, NamedTuple

import diffrax as dfx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ..modelling.ports import Named, port, state
from ..modelling.submodel import AbstractSubmodel
from . import miyano_law as law
from .miyano_parameters import CYTOKINES, MiyanoLaws, MiyanoParameters

T_HELPERS = ("Th1", "Th2", "Th17", "Th22")
TARGETS = ("IL-4", "IL-13", "IL-17A", "IL-22", "IL-31", "TSLP", "OX40L")
"""Ligands an arm may remove."""


class MiyanoState(NamedTuple):
    """State of one patient."""

    barrier: law.Quantity
    """Barrier integrity s [0-1]."""
    pathogens: law.Quantity
    """Infiltrated pathogens p [0-1]."""
    t_helpers: Float[Array, " subset"]
    """Th1, Th2, Th17, Th22 [relative], shape (4,)."""
    cytokines: Float[Array, " cytokine"]
    """In the order of `CYTOKINES` [relative], shape (8,)."""


class Arm(NamedTuple):
    """What an arm of a trial does."""

    blocked: Float[Array, " target"]
    """Fraction of each ligand of `TARGETS` removed, shape (7,)."""
    added_IFNg: Float[Array, ""] | float = 0.0
    """Concentration of recombinant interferon gamma [relative]."""
    is_treated: Float[Array, ""] | float = 1.0
    """1 from the start of a trial arm (placebo included), 0 before."""


def arm(blocked: dict[str, float] | None = None, added_IFNg: float = 0.0) -> Arm:
    """A treated arm that removes fractions of ligands.

    Args:
        blocked: Fraction removed by ligand, e.g. ``{"IL-4": 0.99}``.
        added_IFNg: Concentration added [relative].

    Raises:
        ValueError: For a ligand that is not one of `TARGETS`.
    """
    blocked = blocked or {}
    unknown = sorted(set(blocked) - set(TARGETS))
    if unknown:
        raise ValueError(f"Unrecognized target: {unknown}. Expected some of {TARGETS}.")
    return Arm(jnp.array([blocked.get(name, 0.0) for name in TARGETS]), added_IFNg)


def untreated() -> Arm:
    """No treatment and no trial."""
    return Arm(jnp.zeros(len(TARGETS)), 0.0, 0.0)


PUBLISHED_ARMS: dict[str, dict[str, Any]] = {
    "placebo": {},
    "dupilumab": {"blocked": {"IL-4": 0.99, "IL-13": 0.99}},
    "nemolizumab": {"blocked": {"IL-31": 0.99}},
    "tezepelumab": {"blocked": {"TSLP": 0.99}},
    "GBR830": {"blocked": {"OX40L": 0.99}},
    "fezakinumab": {"blocked": {"IL-22": 0.99}},
    "secukinumab": {"blocked": {"IL-17A": 0.99}},
    "rIFNg": {"added_IFNg": 210.0},
    "tralokinumab": {"blocked": {"IL-13": 0.99 * 0.4396}},
    "lebrikizumab": {"blocked": {"IL-13": 0.99}},
}
"""Arms of the publication; arguments of `arm`."""


def published_start() -> MiyanoState:
    """Start of the pre-equilibration as published."""
    return MiyanoState(
        jnp.asarray(0.5931),
        jnp.asarray(0.4069),
        jnp.array([3.1, 8.7, 2.0, 21.0]),
        jnp.array([38.0, 40.5, 5.4, 3.0, 2.0, 1.5, 4.4, 9.7]),
    )


def rates(state: MiyanoState, arm: Arm, laws: MiyanoLaws) -> MiyanoState:
    """Rates of change of the fourteen states, per unit of time of `laws` (published: week)."""
    blocked: dict[str, Any] = dict(zip(TARGETS, arm.blocked, strict=True))
    IL4, IL13, IL17, IL22, IL31, IFNg, TSLP, OX40L = (
        (1 - blocked.get(name, 0.0)) * amount
        for name, amount in zip(CYTOKINES, state.cytokines, strict=True)
    )
    IFNg = IFNg + arm.added_IFNg
    s, p = state.barrier, state.pathogens
    Th1, Th2, Th17, Th22 = state.t_helpers

    added = arm.is_treated * laws.barrier.treatment_recovery_rate
    recovery = law.barrier_recovery(IL4, IL13, IL17, IL22, IL31, added, laws.barrier)
    damage = law.barrier_damage(p, IL31, laws.barrier)
    infiltration = law.pathogen_infiltration(s, laws.pathogens)
    clearance = law.pathogen_clearance(p, IL4, IL13, IL17, IL22, IFNg, laws.pathogens)
    helpers = law.t_helper_rates(p, Th1, Th2, Th17, Th22, IL4, IFNg, OX40L, laws.t_helpers)
    drivers = (Th2, Th2, Th17, Th22, Th2, Th1, p, TSLP)
    cytokines = [
        law.cytokine(driver, concentration, kinetics)
        for driver, concentration, kinetics in zip(
            drivers, state.cytokines, laws.cytokines, strict=True
        )
    ]
    return MiyanoState(
        law.barrier_integrity(s, recovery, damage),
        law.pathogens(p, infiltration, clearance),
        jnp.stack(helpers),
        jnp.stack(cytokines),
    )


def simulate(
    start: MiyanoState, arm: Arm, laws: MiyanoLaws, times: Float[Array, " time"]
) -> MiyanoState:
    """States at `times` [week], from `start` at the first of them; leaves gain a time axis.

    A failed integration gives values that are not finite from the time of failure on.
    """
    solution = dfx.diffeqsolve(
        dfx.ODETerm(lambda t, y, args: rates(y, *args)),
        dfx.Kvaerno5(),
        times[0],
        times[-1],
        1e-3,
        start,
        args=(arm, laws),
        saveat=dfx.SaveAt(ts=times),
        stepsize_controller=dfx.PIDController(rtol=1e-8, atol=1e-10),
        max_steps=20_000,
        throw=False,
    )
    assert solution.ys is not None
    return solution.ys


def baseline(laws: MiyanoLaws, weeks: float = 1000.0) -> MiyanoState:
    """Untreated patient after pre-equilibration from the published start."""
    path = simulate(published_start(), untreated(), laws, jnp.array([0.0, weeks]))
    return jax.tree.map(lambda leaf: leaf[-1], path)


def severity(state: MiyanoState) -> Float[Array, "..."]:
    """EASI [0-72]; broadcasts over a time axis."""
    return jnp.asarray(law.easi(state.barrier, state.pathogens))


def trial(
    arms: dict[str, Arm], laws: MiyanoLaws, times: Float[Array, " time"]
) -> dict[str, Float[Array, " time"]]:
    """Improvement of EASI from baseline in percent, by arm, all arms in one compiled solve.

    Args:
        arms: Treated arms by name; see `arm` and `PUBLISHED_ARMS`.
        laws: Parameters of the patient, e.g. `MiyanoLaws()` or `virtual_patient(z)`.
        times: Weeks since the start of treatment, increasing, starting at 0.
    """
    stacked = jax.tree.map(
        lambda *leaves: jnp.stack([jnp.asarray(x) for x in leaves]), *arms.values()
    )
    improvement = _improvements(stacked, laws, jnp.asarray(times))
    return {name: improvement[i] for i, name in enumerate(arms)}


@jax.jit
def _improvements(arms: Arm, laws: MiyanoLaws, times):
    start = baseline(laws)
    paths = jax.vmap(lambda one: simulate(start, one, laws, times))(arms)
    return 100 * (1 - severity(paths) / severity(start))


class Miyano(AbstractSubmodel):
    """The published model on the seam of sub-models; equations as in `miyano_law`.

    Drugs come in through the port `ligand_blocked`; the model knows no pharmacokinetics.
    """

    name = "miyano"
    Parameters = MiyanoParameters
    states = (
        state("barrier", "dimensionless", "Barrier integrity, 0 to 1"),
        state("pathogens", "dimensionless", "Infiltrated pathogens, 0 to 1", scale=0.1),
        state("t_helpers", "dimensionless", "T-helper cells", species=T_HELPERS, scale=5.0),
        state("cytokines", "dimensionless", "Cytokines", species=CYTOKINES, scale=5.0),
    )
    provides = (port("easi", "dimensionless", "Eczema area and severity index, 0 to 72"),)
    requires = (
        port("ligand_blocked", "dimensionless", "Fraction removed", species=TARGETS, default=0.0),
        port("added_interferon_gamma", "dimensionless", "Recombinant IFN-gamma", default=0.0),
        port("is_treated", "dimensionless", "1 in any arm of a trial", default=0.0),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Typical untreated patient (medians of the published population)."""
        return {
            "barrier": jnp.asarray(0.5866),
            "pathogens": jnp.asarray(0.1388),
            "t_helpers": jnp.array([1.670, 4.491, 1.131, 10.52]),
            "cytokines": jnp.array([31.26, 28.20, 2.729, 1.389, 1.010, 1.122, 3.269, 6.386]),
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Clinical score."""
        return {"easi": law.easi(state.barrier, state.pathogens)}

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Right-hand side of the publication."""
        arm = Arm(ports.ligand_blocked, ports.added_interferon_gamma, ports.is_treated)
        now = MiyanoState(state.barrier, state.pathogens, state.t_helpers, state.cytokines)
        return rates(now, arm, params.laws())._asdict()
