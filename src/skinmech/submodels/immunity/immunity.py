"""The immune sub-model: cells of the papillary dermis and what provokes them."""

from typing import Any

import jax.numpy as jnp

from ...modelling.ports import Named, port, state
from ...modelling.species import CYTOKINES, cytokine
from ...modelling.submodel import AbstractSubmodel
from ...published import miyano_law, shmarov_law
from ...therapies.effects import RECEPTOR_COMPLEXES, TARGETS
from .parameters import ImmunityParameters


class Immunity(AbstractSubmodel):
    """T-helper subsets, dendritic cells, IL-23, OX40L, antigens in the skin, and itch.

    Psoriatic loop (Shmarov 2022, `published.shmarov_law`): growth factors of dividing
    keratinocytes activate dendritic cells, those make IL-23, IL-23 activates Th17 cells, their
    IL-17A and TNF drive division. Th2 cells, by polarising dendritic cells, restrain the first
    step.

    Atopic loop (Miyano 2022, `published.miyano_law`): a leaky barrier lets antigens p in; with
    alarmins they prime T-helper subsets, OX40L prolongs their life,

        p' = load k/(1 + b s) − p · clearance,      s = 1/(1 + σ), σ the barrier stress
        antigen drive = p/(1 + p/p₁) A^n/(1 + A^n),     A = (TSLP + w IL-33)/K

    and Th2, Th22, Th1 secrete IL-4, IL-13, IL-31, IL-22 and IFN-γ into the compartment.

    Drugs act through what they leave free or active: IL-23 (p19 or p40) and its kinases on
    Th17, TSLP and its kinases on priming and OX40L, OX40, the type I receptor on the IL-4 bias.

    Without immune cells (`immune_presence` 0: a chip of keratinocytes alone) secretion is zero.
    """

    name = "immunity"
    Parameters = ImmunityParameters
    states = (
        state("th1", "dimensionless", "Th1 cells, published units", scale=2.0),
        state("th2", "dimensionless", "Th2 cells, published units", scale=5.0),
        state("th22", "dimensionless", "Th22 cells, published units", scale=10.0),
        state("th17", "cell/mm**2", "Th17 cells", scale=1500.0),
        state("dendritic", "cell/mm**2", "Activated dendritic cells", scale=1500.0),
        state("il23", "cell/mm**2", "IL-23, published units", scale=40.0),
        state("ox40l", "dimensionless", "OX40 ligand, published units", scale=4.0),
        state("pathogens", "dimensionless", "Antigens in the skin", scale=0.1),
        state("infiltrate", "pg/mL", "Infiltrate, as the type-2 signal it follows", scale=100.0),
        state("itch", "dimensionless", "Itch, 0 to 1", scale=0.3),
    )
    provides = (
        port("itch", "dimensionless", "Itch, 0 to 1"),
        port("scratching", "dimensionless", "Scratching, 0 to 1"),
        port("infiltrate", "pg/mL", "Infiltrate behind redness, as type-2 signal"),
        port("t_helper_2", "dimensionless", "Th2 cells"),
        port("t_helper_17", "cell/mm**2", "Th17 cells"),
        port("antigens", "dimensionless", "Antigens in the skin"),
    )
    derives = (
        port(
            "immune_secretion", "pg/mL/day", "Secretion per compartment volume", species=CYTOKINES
        ),
    )
    requires = (
        port("compartment_cytokines", "pg/mL", "In the dermis", species=CYTOKINES),
        port("proliferating_density", "cell/mm**2", "Dividing keratinocytes", default=26171.0),
        port("barrier_stress", "dimensionless", "Barrier stress", default=0.0),
        port("free_fraction", "dimensionless", "Left by antibodies", species=TARGETS, default=1.0),
        port(
            "complex_activity",
            "dimensionless",
            "Left by kinase inhibitors",
            species=RECEPTOR_COMPLEXES,
            default=1.0,
        ),
        port("glucocorticoid", "dimensionless", "Glucocorticoid action", default=0.0),
        port("uv_kill_dermis", "1/day", "Kill of dermal immune cells by light", default=0.0),
        port("immune_presence", "dimensionless", "1 in vivo, 0 without immune cells", default=1.0),
        port(
            "exposome",
            "dimensionless",
            "Antigens on the skin now, relative to the donor's usual",
            default=1.0,
        ),
        port(
            "dendritic_trigger",
            "cell/mm**2/day",
            "External activation of dendritic cells",
            default=0.0,
        ),
        port("itch_gain", "dimensionless", "Gain on itch (psychological stress)", default=1.0),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Quiet immunity, published healthy psoriatic-loop values."""
        return {
            "th1": jnp.asarray(0.2),
            "th2": jnp.asarray(0.2),
            "th22": jnp.asarray(0.5),
            "th17": params.t_cell_survivors,
            "dendritic": params.dendritic_survivors,
            "il23": params.dendritic_survivors / 36.5,
            "ox40l": params.OX40L_basal / params.OX40L_loss,
            "pathogens": jnp.asarray(0.03),
            "infiltrate": 0.1 * params.cytokine_unit,
            "itch": jnp.asarray(0.02),
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Itch, scratching and the cells other parts show."""
        itch = jnp.maximum(state.itch, 0.0)
        drive = (itch / params.scratch_half) ** 2
        return {
            "itch": itch,
            "scratching": drive / (1.0 + drive),
            "infiltrate": jnp.maximum(state.infiltrate, 0.0),
            "t_helper_2": state.th2,
            "t_helper_17": state.th17,
            "antigens": state.pathogens,
        }

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """What the cells secrete, dampened by glucocorticoid, PDE4 and calcineurin inhibition."""
        dampened = 1.0 - params.glucocorticoid_inhibition * ports.glucocorticoid
        for enzyme, share in (
            ("PDE4", params.PDE4_share),
            ("calcineurin", params.calcineurin_share),
        ):
            left = ports.free_fraction[TARGETS.index(enzyme)]
            dampened = dampened * (1.0 - share * (1.0 - left))
        secreted = {
            "IL-4": params.IL4_secretion * state.th2,
            "IL-13": params.IL13_secretion * state.th2,
            "IL-31": params.IL31_secretion * state.th2,
            "IL-22": params.IL22_secretion * state.th22 + params.IL22_Th17_secretion * state.th17,
            "IL-17A": params.IL17_secretion * state.th17,
            "TNF": params.TNF_secretion * state.th17,
            "IFN-gamma": params.IFNg_secretion * state.th1,
        }
        rows = [secreted.get(name, jnp.zeros(())) for name in CYTOKINES]
        return {"immune_secretion": jnp.stack(rows) * dampened * ports.immune_presence}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Both loops, antigens and itch."""

        def free(name: str) -> Any:
            return ports.free_fraction[TARGETS.index(name)]

        def kinases(name: str) -> Any:
            return ports.complex_activity[RECEPTOR_COMPLEXES.index(name)]

        def level(name: str) -> Any:
            return jnp.maximum(ports.compartment_cytokines[cytokine(name)], 0.0)

        il4 = free("IL-4") * level("IL-4")
        il13 = free("IL-13") * level("IL-13")
        tslp = free("TSLP") * level("TSLP")
        type2 = free("IL-4Ra") * (il4 + il13) * kinases("IL-4/IL-13 type II")
        return {
            **self._psoriatic(state, ports, params, free, kinases),
            **self._t_helpers(state, ports, params, il4, tslp, level, free, kinases),
            "pathogens": self._pathogens(state, ports, params, il4, il13, level, free),
            "infiltrate": params.infiltrate_rate * (type2 - state.infiltrate),
            "itch": self._itch(state, ports, params, type2, level, free, kinases),
        }

    def _psoriatic(
        self, state: Named, ports: Named, params: Any, free: Any, kinases: Any
    ) -> dict[str, Any]:
        restrained = params.dendritic_activation / (1.0 + state.th2 / params.Th2_suppression)
        law = shmarov_law.ImmuneParameters(
            t_cell_activation_rate=params.t_cell_activation_rate,
            immune_clearance_rate=params.immune_clearance_rate,
            apoptosis_rate=params.apoptosis_rate,
            dendritic_activation_maximum=restrained,
            dendritic_activation_constant=1.0,
            dendritic_activation_power=4.0,
            dendritic_basal_activation=params.dendritic_basal,
            t_cell_survivors=params.t_cell_survivors,
            dendritic_survivors=params.dendritic_survivors,
        )
        growth_factor = (
            params.signal_production * ports.proliferating_density / params.growth_factor_clearance
        ) / params.dendritic_half
        kill = ports.uv_kill_dermis
        active = state.il23 * free("IL-23p19") * free("IL-12/23p40") * kinases("IL-23")
        dendritic = shmarov_law.dendritic_cells(
            state.dendritic, growth_factor, ports.dendritic_trigger, kill, law
        )
        dividing = 1.0 - params.folate_share * (1.0 - free("folate cycle"))
        th17 = shmarov_law.t_cells(state.th17, active * dividing, kill, law)
        il23 = (
            params.signal_production * state.dendritic - params.growth_factor_clearance * state.il23
        )
        return {"dendritic": dendritic, "th17": th17, "il23": il23}

    def _t_helpers(
        self,
        state: Named,
        ports: Named,
        params: Any,
        il4: Any,
        tslp: Any,
        level: Any,
        free: Any,
        kinases: Any,
    ) -> dict[str, Any]:
        unit = params.cytokine_unit
        seen = tslp * kinases("TSLP")
        alarm = (seen + params.IL33_share * level("IL-33")) / params.alarmin_half
        primed = (alarm + 1e-9) ** params.alarmin_power
        presented = state.pathogens / (1.0 + state.pathogens / params.antigen_saturation)
        dampened = 1.0 - params.glucocorticoid_inhibition * ports.glucocorticoid
        dividing = 1.0 - params.folate_share * (1.0 - free("folate cycle"))
        antigen = dividing * dampened * presented * primed / (1.0 + primed)
        law = miyano_law.THelperParameters(
            Th1_rate=params.Th1_rate,
            Th2_rate=params.Th2_rate,
            Th17_rate=0.0,
            Th22_rate=params.Th22_rate,
            IFNg_bias=params.IFNg_bias,
            IL4_bias=params.IL4_bias,
            loss_rate=params.T_helper_loss,
            OX40L_survival=params.OX40L_survival,
        )
        th1, th2, _, th22 = miyano_law.t_helper_rates(
            antigen,
            state.th1,
            state.th2,
            0.0,
            state.th22,
            il4 / unit * free("IL-4Ra") * kinases("IL-4 type I"),
            free("IFNg") * level("IFN-gamma") / unit,
            free("OX40") * state.ox40l,
            law,
        )
        ox40l = (
            params.OX40L_TSLP * seen / unit + params.OX40L_basal - params.OX40L_loss * state.ox40l
        )
        return {"th1": th1, "th2": th2, "th22": th22, "ox40l": ox40l}

    def _pathogens(
        self,
        state: Named,
        ports: Named,
        params: Any,
        il4: Any,
        il13: Any,
        level: Any,
        free: Any,
    ) -> Any:
        unit = params.cytokine_unit
        law = miyano_law.PathogenParameters(
            barrier_protection=params.barrier_protection,
            pathogen_clearance=params.pathogen_clearance,
            IL17_clearance=params.IL17_clearance,
            IL22_clearance=params.IL22_clearance,
            IFNg_clearance=params.IFNg_clearance,
            IL4_suppression=params.IL4_suppression,
            IL13_suppression=params.IL13_suppression,
            basal_clearance_rate=params.infiltration_rate / params.clearance_rate,
        )
        integrity = 1.0 / (1.0 + jnp.maximum(ports.barrier_stress, 0.0))
        load = params.antigen_load * ports.exposome
        blocked = free("IL-4Ra")
        rate = miyano_law.pathogens(
            state.pathogens,
            load * miyano_law.pathogen_infiltration(integrity, law),
            miyano_law.pathogen_clearance(
                state.pathogens,
                blocked * il4 / unit,
                blocked * il13 / unit,
                free("IL-17A") * level("IL-17A") / unit,
                free("IL-22") * level("IL-22") / unit,
                free("IFNg") * level("IFN-gamma") / unit,
                law,
            ),
        )
        return rate * params.clearance_rate

    def _itch(
        self,
        state: Named,
        ports: Named,
        params: Any,
        type2: Any,
        level: Any,
        free: Any,
        kinases: Any,
    ) -> Any:
        il31 = free("IL-31RA") * kinases("IL-31") * level("IL-31") / params.itch_IL31
        provoked = ports.itch_gain * (il31 + type2 / params.itch_type2)
        return params.itch_rate * (provoked / (1.0 + provoked) - state.itch)
