"""The keratinocyte sub-model: cells are made at the base, move up, cornify and are shed."""

from typing import Any

import jax.numpy as jnp

from ...modelling.ports import CORNEUM, EPIDERMIS, Named, port, state
from ...modelling.species import PATHWAYS, pathway
from ...modelling.submodel import AbstractSubmodel
from ...numerics.carriage import carriage, carried_upwards, carried_values
from ...numerics.operators import (
    accumulation,
    at_lower_face,
    transport_flux,
    with_bottom,
    with_boundary,
)
from ...published import shmarov_law
from .parameters import KeratinocyteParameters


class Keratinocytes(AbstractSubmodel):
    """Keratinocyte pools, the thickness of both layers, and terminal differentiation.

    Pools (Shmarov 2022, `published.shmarov_law.keratinocyte_pools`) under a growth signal g:

        S' = r_s g S − q_s S² − u(S − S_min) − a S         stem
        T' = r_c g S + r_t g T − q_t T² − u(T − T_min) − a T   transit amplifying
        D' = r_d g T − q_d D² − (a + k) D                   differentiated
        τ_g g' = g₀ + w_N N + w₃ P₃ + w₆ P₆ + w_σ σ/(1+σ) − g   at the base

    Thickness and motion: h_e = v (S + T + D). Cells are added over the lower part of the
    epidermis with cumulative profile C(ζ), die by apoptosis everywhere, and cornify at the top
    with J_c = v (q_d D² + k D). The stratum corneum, in the coordinate of its dry substance,
    gains φ J_c and sheds J_d:

        h_s' = φ J_c − J_d,   J_d = V K^m/(K^m + c^m) + V_scr · scratching

    with c' = k_c (corneodesmosomes at the surface − c). Volume is conserved by construction: the
    velocity at the top of the epidermis equals J_c + h_e'.

    Calcium, profilaggrin and loricrin are fields c(z, t) of the epidermis,
    ∂c/∂t = −∂(v c)/∂z + D ∂²c/∂z² + production − loss, with differentiation driven by calcium,
    E = Ca⁴/(K⁴ + Ca⁴), and inhibited by STAT6, STAT3 and NF-kB activity.

    σ, the barrier stress, follows the excess of water loss over that of an intact barrier.

    Validity: growth signals of 0.5 to 5; ortho- and parakeratosis are not told apart.
    """

    name = "keratinocytes"
    Parameters = KeratinocyteParameters
    jumps = True
    states = (
        state("stem", "cell/mm**2", "Stem cells", scale=4000.0),
        state("transit", "cell/mm**2", "Transit-amplifying cells", scale=22000.0),
        state("differentiated", "cell/mm**2", "Differentiated cells", scale=50000.0),
        state("growth", "dimensionless", "Growth signal, 1 in healthy skin"),
        state("corneum_thickness", "um", "Dry thickness of the stratum corneum", scale=8.0),
        state(
            "cohesion",
            "dimensionless",
            "Corneodesmosomes at the surface as shedding feels them",
            scale=0.1,
        ),
        state("stress", "dimensionless", "Barrier stress sensed by keratinocytes"),
        state("calcium", "mmol/L", "Extracellular calcium", grid=EPIDERMIS),
        state("profilaggrin", "dimensionless", "Profilaggrin per volume", grid=EPIDERMIS),
        state("loricrin", "dimensionless", "Loricrin per volume", grid=EPIDERMIS),
    )
    provides = (
        port("epidermal_thickness", "um", "Thickness of the viable epidermis"),
        port("corneum_dry_thickness", "um", "Dry thickness of the stratum corneum"),
        port("keratinocyte_density", "cell/mm**2", "All living keratinocytes"),
        port("proliferating_density", "cell/mm**2", "Stem and transit-amplifying cells"),
        port("differentiation", "dimensionless", "Differentiation drive", grid=EPIDERMIS),
        port("barrier_stress", "dimensionless", "Excess water loss relative to healthy skin"),
        port("compaction", "dimensionless", "Dry corneocyte volume over living volume"),
        port("growth_signal", "dimensionless", "Growth signal, 1 in healthy skin"),
        port("strip_depth", "um", "Dry corneum that one tape strip takes"),
    )
    derives = (
        port("cornification_flux", "um/day", "Living volume that cornifies per area"),
        port("epidermal_production", "um/day", "Living volume made per area"),
        port("corneum_influx", "um/day", "Dry volume that enters the corneum per area"),
        port("shedding_flux", "um/day", "Dry volume shed per area"),
        port("epidermal_thickness_rate", "um/day", "Change of the epidermal thickness"),
        port("corneum_thickness_rate", "um/day", "Change of the dry corneum thickness"),
        port("epidermis_velocity", "um/day", "Velocity relative to the mesh, inner faces"),
        port("corneum_velocity", "um/day", "Dry velocity relative to the mesh, inner faces"),
        port("epidermis_carriage", "um/day", "Carriage by living cells, `numerics.carriage`"),
        port("corneum_carriage", "um/day", "Carriage by corneocytes, `numerics.carriage`"),
        port("upper_profilaggrin", "dimensionless", "Profilaggrin of cornifying cells"),
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
        port("surface_corneodesmosomes", "dimensionless", "At the surface", default=0.1),
        port("uv_kill_rate", "1/day", "Kill of dividing cells by ultraviolet light", default=0.0),
        port("scratching", "dimensionless", "Scratching, 0 to 1", default=0.0),
        port("glucocorticoid", "dimensionless", "Glucocorticoid action, 0 to 1", default=0.0),
        port("tewl", "g/m**2/hour", "Water loss", default=7.0),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Published healthy pools; a differentiated upper epidermis."""
        depth = grids[EPIDERMIS].centres
        upper = jnp.exp(-depth / params.granular_depth)
        return {
            "stem": params.stem_survivors,
            "transit": params.transit_survivors,
            "differentiated": 2.2736 * params.transit_survivors,
            "growth": jnp.asarray(1.0),
            "corneum_thickness": 0.4 * params.shedding_speed * params.growth_lag,
            "cohesion": 2.0 * params.shedding_threshold,
            "stress": jnp.asarray(0.05),
            "calcium": params.calcium_dermal * (0.7 + 2.5 * upper),
            "profilaggrin": 0.8 * upper,
            "loricrin": 0.8 * upper,
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Thicknesses, densities and the differentiation drive."""
        total = state.stem + state.transit + state.differentiated
        calcium = (jnp.maximum(state.calcium, 0.0) / params.calcium_half) ** 4
        return {
            "epidermal_thickness": params.cell_volume * total,
            "corneum_dry_thickness": state.corneum_thickness,
            "keratinocyte_density": total,
            "proliferating_density": state.stem + state.transit,
            "differentiation": calcium / (1.0 + calcium),
            "barrier_stress": state.stress,
            "compaction": params.compaction,
            "growth_signal": state.growth,
            "strip_depth": params.strip_depth,
        }

    def jump(
        self, t: Any, state: Named, ports: Named, events: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Tape strips thin the corneum."""
        return {"corneum_thickness": state.corneum_thickness * (1.0 - events.removed_fraction)}

    def _pools(self, state: Named, ports: Named, params: Any) -> tuple[Any, Any, Any]:
        law = shmarov_law.KeratinocyteParameters(
            stem_division_rate=params.stem_division_rate,
            stem_commitment_rate=params.stem_commitment_rate,
            transit_division_rate=params.transit_division_rate,
            differentiation_rate=params.differentiation_rate,
            stem_crowding_loss=params.stem_crowding_loss,
            transit_crowding_loss=params.transit_crowding_loss,
            differentiated_crowding_loss=params.crowding_cornification,
            apoptosis_rate=params.apoptosis_rate,
            desquamation_rate=params.cornification_rate,
            stem_survivors=params.stem_survivors,
            transit_survivors=params.transit_survivors,
        )
        return shmarov_law.keratinocyte_pools(
            state.stem,
            state.transit,
            state.differentiated,
            state.growth,
            ports.uv_kill_rate,
            law,
        )

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Fluxes across the layers and the velocities relative to the moving mesh."""
        volume = params.cell_volume
        d_stem, d_transit, d_differentiated = self._pools(state, ports, params)
        total = state.stem + state.transit + state.differentiated
        thickness_rate = volume * (d_stem + d_transit + d_differentiated)
        cornification = (
            volume
            * state.differentiated
            * (params.cornification_rate + params.crowding_cornification * state.differentiated)
        )
        apoptosis = volume * params.apoptosis_rate * total
        production = thickness_rate + cornification + apoptosis

        below = 1.0 - grids[EPIDERMIS].faces  # fraction of the layer beneath each face
        profile = (1.0 - jnp.exp(-below / params.production_depth)) / (
            1.0 - jnp.exp(-1.0 / params.production_depth)
        )
        upward = production * profile - (apoptosis + thickness_rate) * below

        influx = params.compaction * cornification
        bound = jnp.maximum(state.cohesion, 1e-9) / params.shedding_threshold
        loose = 1.0 / (1.0 + bound**params.shedding_power)
        shedding = params.shedding_speed * loose + params.scratch_loss_speed * ports.scratching
        # A vanishing corneum cannot be shed: shedding fades below a tenth of a cell layer.
        present = state.corneum_thickness / (
            state.corneum_thickness + 0.01 * params.shedding_speed * params.growth_lag
        )
        shedding = shedding * present
        corneum_rate = influx - shedding
        corneum_upward = influx - corneum_rate * (1.0 - grids[CORNEUM].faces)
        # Corneocytes hardly mix.
        exchange = 0.02 * params.mixing
        living = carriage(upward, params.mixing, volume * total, thickness_rate, grids[EPIDERMIS])
        proteins = jnp.stack([state.profilaggrin, state.loricrin])
        made = self._protein_synthesis(ports, params)
        return {
            "cornification_flux": cornification,
            "epidermal_production": production,
            "corneum_influx": influx,
            "shedding_flux": shedding,
            "epidermal_thickness_rate": thickness_rate,
            "corneum_thickness_rate": corneum_rate,
            "epidermis_velocity": -upward[1:-1],
            "corneum_velocity": -corneum_upward[1:-1],
            "epidermis_carriage": living,
            "corneum_carriage": carriage(
                corneum_upward, exchange, state.corneum_thickness, corneum_rate, grids[CORNEUM]
            ),
            "upper_profilaggrin": carried_values(proteins, living, made, params.protein_loss)[0, 0],
        }

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Pools, growth, stress, corneum thickness, calcium and differentiation proteins."""
        d_stem, d_transit, d_differentiated = self._pools(state, ports, params)
        return {
            "stem": d_stem,
            "transit": d_transit,
            "differentiated": d_differentiated,
            "growth": self._growth(state, ports, params),
            "corneum_thickness": ports.corneum_thickness_rate,
            "cohesion": params.cohesion_rate * (ports.surface_corneodesmosomes - state.cohesion),
            "stress": self._stress(state, ports, params),
            "calcium": self._calcium(state, ports, params, grids[EPIDERMIS]),
            **self._proteins(state, ports, params, grids[EPIDERMIS]),
        }

    def _growth(self, state: Named, ports: Named, params: Any) -> Any:
        basal = at_lower_face(ports.pathway_activity)
        stress = state.stress / (1.0 + state.stress)
        target = (
            params.growth_basal
            + params.growth_NFkB * basal[pathway("NF-kB")]
            + params.growth_STAT3 * basal[pathway("pSTAT3")]
            + params.growth_STAT6 * basal[pathway("pSTAT6")]
            + params.growth_stress * stress
        ) * (1.0 - params.growth_glucocorticoid * ports.glucocorticoid)
        return (target - state.growth) / params.growth_lag

    def _stress(self, state: Named, ports: Named, params: Any) -> Any:
        excess = ports.tewl / params.healthy_tewl - 1.0
        # Smooth positive part: skin tighter than healthy is not stressed.
        sensed = 0.5 * (excess + jnp.sqrt(excess**2 + 0.04))
        return params.stress_rate * (sensed - state.stress)

    def _calcium(self, state: Named, ports: Named, params: Any, grid: Any) -> Any:
        thickness = ports.epidermal_thickness
        velocity = ports.epidermis_velocity
        inner = transport_flux(state.calcium, velocity, params.calcium_diffusivity, thickness, grid)
        stress = state.stress / (1.0 + state.stress)
        half = 0.5 * thickness * grid.widths[-1]
        leak = params.calcium_leak * stress
        surface = state.calcium[0] / (1.0 + leak * half / params.calcium_diffusivity)
        base = params.calcium_diffusivity / half * (state.calcium[-1] - params.calcium_dermal)
        flux = with_boundary(-(leak + ports.cornification_flux) * surface, inner, base)
        granular = 1.0 / (1.0 + (grid.centres / params.granular_depth) ** 6)
        reaction = params.calcium_release * granular - params.calcium_uptake * state.calcium
        moved = accumulation(state.calcium, flux, thickness, ports.epidermal_thickness_rate, grid)
        return moved + reaction

    def _protein_synthesis(self, ports: Named, params: Any) -> Any:
        activity = ports.pathway_activity
        inhibition = (
            (1.0 + params.STAT6_inhibition * activity[pathway("pSTAT6")])
            * (1.0 + params.STAT3_inhibition * activity[pathway("pSTAT3")])
            * (1.0 + params.NFkB_inhibition * activity[pathway("NF-kB")])
        )
        drive = ports.differentiation / inhibition
        return jnp.stack(
            [params.filaggrin_rate * params.filaggrin_dose * drive, params.loricrin_rate * drive]
        )

    def _proteins(self, state: Named, ports: Named, params: Any, grid: Any) -> dict[str, Any]:
        made, loss = self._protein_synthesis(ports, params), params.protein_loss
        proteins = jnp.stack([state.profilaggrin, state.loricrin])
        thickness = ports.epidermal_thickness
        upper = carried_upwards(proteins, ports.epidermis_carriage, made, loss)
        flux = with_bottom(upper, jnp.zeros(2))
        moved = accumulation(proteins, flux, thickness, ports.epidermal_thickness_rate, grid)
        rates = moved + made - loss * proteins
        return {"profilaggrin": rates[0], "loricrin": rates[1]}
