"""The pigmentation sub-model: light, damage, melanin made, moved up and shed."""

from typing import Any

import jax.numpy as jnp

from ...modelling.ports import CORNEUM, EPIDERMIS, Named, port, state
from ...modelling.species import PATHWAYS, pathway
from ...modelling.submodel import AbstractSubmodel
from ...numerics.carriage import carried_upwards
from ...numerics.operators import accumulation, at_lower_face, content, with_bottom
from .parameters import PigmentationParameters


class Pigmentation(AbstractSubmodel):
    """Photoproducts, α-MSH, MITF, melanin of two kinds, melanocytes, redness.

    An exposure to ultraviolet light of fluence F₀ adds photoproducts at once,

        X(z) ← X(z) + F₀ exp(−∫₀ᶻ (μ + ε m) dz'),      then  X' = −k X

    and X_b, the same at the base, drives α-MSH, MITF and so melanin, which shades what follows:

        A' = k_A X_b − d_A A
        s  = Aⁿ/(Kⁿ + Aⁿ)
        T' = (k₀ + k₁ s) g − d T,           g lowered by STAT6, NF-kB and STAT1
        q' = (1 or 1−φ) r c T M/M₀ − k_t q                     in melanocytes
        ∂m/∂t = −∂(v m)/∂z + D ∂²m/∂z² + k_t q φ(z)/h − k_d m   in keratinocytes
        M' = r_M M (1 − M/(M₀ (1 + w N))) + p s M − k_M P₁ M

    Melanin is carried into the corneum and shed; what leaves the epidermis enters the corneum.
    Kill of dividing cells is proportional to X at the base, so that its integral is that of the
    published phototherapy model.

    Validity: UVB; immediate pigment darkening by UVA is not covered.
    """

    name = "pigmentation"
    Parameters = PigmentationParameters
    jumps = True
    states = (
        state(
            "photoproducts",
            "J/cm**2",
            "Unrepaired damage as UVB fluence",
            grid=EPIDERMIS,
            scale=0.1,
        ),
        state(
            "eumelanin",
            "dimensionless",
            "Volume fraction of eumelanosomes",
            grid=EPIDERMIS,
            scale=0.02,
        ),
        state(
            "pheomelanin",
            "dimensionless",
            "Volume fraction of pheomelanosomes",
            grid=EPIDERMIS,
            scale=0.01,
        ),
        state(
            "corneum_eumelanin",
            "dimensionless",
            "Eumelanin per dry volume",
            grid=CORNEUM,
            continues="pigmentation.eumelanin",
            scale=0.05,
        ),
        state(
            "corneum_pheomelanin",
            "dimensionless",
            "Pheomelanin per dry volume",
            grid=CORNEUM,
            continues="pigmentation.pheomelanin",
            scale=0.02,
        ),
        state("basal_damage", "J/cm**2", "Unrepaired damage at the base", scale=0.1),
        state("msh", "dimensionless", "alpha-MSH above rest"),
        state("mitf", "dimensionless", "MITF and tyrosinase activity, 1 at rest"),
        state("stored_eumelanin", "um", "In melanocytes per area", scale=0.3),
        state("stored_pheomelanin", "um", "In melanocytes per area", scale=0.1),
        state("melanocytes", "dimensionless", "Relative to healthy density"),
        state("erythema", "J/cm**2", "Redness as basal damage", scale=0.1),
    )
    provides = (
        port("uv_kill_rate", "1/day", "Kill of dividing keratinocytes"),
        port("uv_kill_dermis", "1/day", "Kill of dermal immune cells"),
        port("uv_erythema", "J/cm**2", "Redness as basal damage"),
        port("melanocyte_density", "cell/mm**2", "Melanocytes"),
        port("mitf_activity", "dimensionless", "MITF and tyrosinase, 1 at rest"),
    )
    derives = (
        port("eumelanin_fraction", "dimensionless", "Mean over the epidermis"),
        port("pheomelanin_fraction", "dimensionless", "Mean over the epidermis"),
        port("basal_transmission", "dimensionless", "UVB that reaches the base"),
    )
    requires = (
        port(
            "pathway_activity",
            "dimensionless",
            "Signalling",
            grid=EPIDERMIS,
            species=PATHWAYS,
            default=0.0,
        ),
        port("epidermal_thickness", "um", "Epidermis", default=100.0),
        port("epidermal_thickness_rate", "um/day", "Change of it", default=0.0),
        port("epidermis_carriage", "um/day", "Carriage by living cells"),
        port("corneum_dry_thickness", "um", "Dry corneum", default=8.0),
        port("corneum_thickness_rate", "um/day", "Change of it", default=0.0),
        port("corneum_carriage", "um/day", "Carriage by corneocytes"),
        port("cornification_flux", "um/day", "Cornifying volume", default=1.9),
        port("shedding_flux", "um/day", "Shed volume", default=0.57),
        port(
            "melanocyte_presence",
            "dimensionless",
            "0 where no melanocytes were seeded",
            default=1.0,
        ),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Resting pigment, no damage."""
        depth = grids[EPIDERMIS].centres
        corneum = jnp.ones(grids[CORNEUM].num_cells)
        made = params.melanin_rate * params.capacity / params.transfer_rate
        amount = 0.04 * params.capacity * jnp.exp(-3.0 * (1.0 - depth))
        eu = 1.0 - params.pheomelanin_share
        return {
            "photoproducts": jnp.zeros_like(depth),
            "eumelanin": eu * amount,
            "pheomelanin": params.pheomelanin_share * amount,
            "corneum_eumelanin": eu * 0.01 * params.capacity * corneum,
            "corneum_pheomelanin": params.pheomelanin_share * 0.01 * params.capacity * corneum,
            "basal_damage": jnp.asarray(0.0),
            "msh": jnp.asarray(0.0),
            "mitf": jnp.asarray(1.0),
            "stored_eumelanin": eu * made,
            "stored_pheomelanin": params.pheomelanin_share * made,
            "melanocytes": jnp.asarray(1.0),
            "erythema": jnp.asarray(0.0),
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Kill rates from basal damage; melanocytes."""
        kill = params.kill_efficacy * params.repair_rate * state.basal_damage
        return {
            "uv_kill_rate": kill,
            "uv_kill_dermis": params.dermal_kill_share * kill,
            "uv_erythema": state.erythema,
            "melanocyte_density": params.melanocyte_density * state.melanocytes,
            "mitf_activity": state.mitf,
        }

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Mean melanin and the light that reaches the base."""
        grid = grids[EPIDERMIS]
        return {
            "eumelanin_fraction": jnp.sum(state.eumelanin * grid.widths),
            "pheomelanin_fraction": jnp.sum(state.pheomelanin * grid.widths),
            "basal_transmission": self.transmission(state, ports, params, grids)[-1],
        }

    def transmission(self, state: Named, ports: Named, params: Any, grids: Any) -> Any:
        """Fraction of the incident UVB fluence in each cell of the epidermis, shape (z,)."""
        corneum, epidermis = grids[CORNEUM], grids[EPIDERMIS]
        shade = params.melanin_attenuation
        melanin = state.corneum_eumelanin + state.corneum_pheomelanin
        above = content(
            params.corneum_attenuation + shade * melanin, ports.corneum_dry_thickness, corneum
        )
        melanin = state.eumelanin + state.pheomelanin
        local = (params.epidermis_attenuation + shade * melanin) * (
            ports.epidermal_thickness * epidermis.widths
        )
        return jnp.exp(-(above + jnp.cumsum(local) - 0.5 * local))

    def jump(
        self, t: Any, state: Named, ports: Named, events: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Ultraviolet light leaves photoproducts; events.fluence is in J/cm²."""
        transmitted = self.transmission(state, ports, params, grids)
        fluence = events.fluence * params.fluence_unit
        return {
            "photoproducts": state.photoproducts + fluence * transmitted,
            "basal_damage": state.basal_damage + fluence * transmitted[-1],
        }

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Repair, melanogenesis, transport and shedding."""
        basal = at_lower_face(ports.pathway_activity)
        inhibition = (
            (1.0 + params.STAT6_inhibition * basal[pathway("pSTAT6")])
            * (1.0 + params.NFkB_inhibition * basal[pathway("NF-kB")])
            * (1.0 + params.STAT1_inhibition * basal[pathway("pSTAT1")])
        )
        stimulus = (jnp.maximum(state.msh, 1e-6) / params.MITF_half) ** params.MSH_power
        stimulus = stimulus / (1.0 + stimulus)
        induced = params.MITF_induction * stimulus
        mitf = (params.MITF_basal + induced) / inhibition - params.MITF_loss * state.mitf
        limit = 1.0 + params.melanocyte_NFkB * basal[pathway("NF-kB")]
        renewal = params.melanocyte_rate * state.melanocytes * (1.0 - state.melanocytes / limit)
        renewal = renewal + params.melanocyte_recruitment * stimulus * state.melanocytes
        killed = params.melanocyte_kill * basal[pathway("pSTAT1")] * state.melanocytes
        damage = state.basal_damage
        return {
            "basal_damage": -params.repair_rate * damage,
            "photoproducts": -params.repair_rate * state.photoproducts,
            "msh": params.MSH_rate * damage - params.MSH_loss * state.msh,
            "mitf": mitf,
            "melanocytes": renewal - killed,
            "erythema": params.erythema_rate * (damage - state.erythema),
            **self._melanin(state, ports, params, grids),
        }

    def _melanin(self, state: Named, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        share = jnp.stack([1.0 - params.pheomelanin_share, params.pheomelanin_share])
        made = (
            params.melanin_rate
            * params.capacity
            * state.mitf
            * state.melanocytes
            * ports.melanocyte_presence
        )
        stored = jnp.stack([state.stored_eumelanin, state.stored_pheomelanin])
        transferred = params.transfer_rate * stored

        grid = grids[EPIDERMIS]
        reach = jnp.exp(-(1.0 - grid.centres) / params.transfer_depth)
        reach = reach / jnp.sum(reach * grid.widths)
        thickness = ports.epidermal_thickness
        melanin = jnp.stack([state.eumelanin, state.pheomelanin])
        given, loss = transferred[:, None] * reach / thickness, params.degradation_rate
        upper = carried_upwards(melanin, ports.epidermis_carriage, given, loss)
        flux = with_bottom(upper, jnp.zeros(2))
        moved = accumulation(melanin, flux, thickness, ports.epidermal_thickness_rate, grid)
        epidermis = moved + given - loss * melanin

        grid = grids[CORNEUM]
        thickness = ports.corneum_dry_thickness
        carried = jnp.stack([state.corneum_eumelanin, state.corneum_pheomelanin])
        flux = with_bottom(carried_upwards(carried, ports.corneum_carriage), upper[:, 0])
        corneum = accumulation(carried, flux, thickness, ports.corneum_thickness_rate, grid)
        storage = share * made - transferred
        return {
            "stored_eumelanin": storage[0],
            "stored_pheomelanin": storage[1],
            "eumelanin": epidermis[0],
            "pheomelanin": epidermis[1],
            "corneum_eumelanin": corneum[0],
            "corneum_pheomelanin": corneum[1],
        }
