"""The barrier sub-model: what keeps water in and the outside out."""

from typing import Any

import jax
import jax.numpy as jnp

from ...modelling.ports import CORNEUM, EPIDERMIS, Named, port, state
from ...modelling.species import PATHWAYS, pathway
from ...modelling.submodel import AbstractSubmodel
from ...numerics.carriage import carried_upwards, carried_values
from ...numerics.operators import accumulation, with_bottom
from . import water as law
from .parameters import BarrierParameters


class Barrier(AbstractSubmodel):
    """Stratum corneum water, moisturising factor, lipid, desquamation, and tight junctions.

    Water content w (mass per dry mass) obeys, in the coordinate s of the dry substance,

        ∂w/∂t = ∂/∂s( M(w, L) ∂a/∂s ) − u ∂w/∂s,   a(w) the sorption isotherm

    with activity 0.99 at the living cells below. Transepidermal water loss is the flux at the
    surface, limited in series by the corneum and the air (`water.surface_loss`); it is not a
    fitted curve. Lipid L lowers the mobility, natural moisturising factor n raises sorption.

        n, L: carried in by cornifying cells, lost slowly; stressed cells secrete lipid
        c' = −k_c · klk · A(pH) · c       corneodesmosomes, 1 on entry
        klk: expression of cornifying cells, raised by STAT6 and NF-kB
        pH = pH_in − (pH_in − pH_0) · acid(n) · height: acid where filaggrin is

    A drug on the skin takes the way of water through the lipids: over healthy skin the corneum lets

        b = H₀ / ∫ e^{−k(1−L)} dz      through, with k the `lipid_tightness` of water

    Tight junctions relax towards the differentiation drive, inhibited by STAT6 and NF-kB.

    Validity: relative humidity 0 to 1; a soaked or occluded corneum (activity above 1) is not
    covered; ionic resistance is a summary of lipid and tight junctions.
    """

    name = "barrier"
    Parameters = BarrierParameters
    states = (
        state("lamellar_lipid", "dimensionless", "Lipid of living cells", grid=EPIDERMIS),
        state("tight_junctions", "dimensionless", "Tight-junction integrity", grid=EPIDERMIS),
        state("water", "dimensionless", "Water per dry mass", grid=CORNEUM, scale=0.3),
        state(
            "nmf",
            "dimensionless",
            "Natural moisturising factor per dry volume",
            grid=CORNEUM,
            continues="keratinocytes.profilaggrin",
            scale=3.0,
        ),
        state(
            "lipid",
            "dimensionless",
            "Barrier lipid per dry volume",
            grid=CORNEUM,
            continues="barrier.lamellar_lipid",
            scale=3.0,
        ),
        state("corneodesmosomes", "dimensionless", "Corneodesmosome density", grid=CORNEUM),
        state("kallikrein", "dimensionless", "Kallikrein per dry volume", grid=CORNEUM),
    )
    provides = (
        port("upper_tight_junctions", "dimensionless", "Tight junctions of the granular layer"),
    )
    derives = (
        port("tewl", "g/m**2/hour", "Transepidermal water loss"),
        port("surface_corneodesmosomes", "dimensionless", "At the surface"),
        port("relative_lipid", "dimensionless", "Barrier lipid, 1 in healthy skin", grid=CORNEUM),
        port(
            "relative_nmf", "dimensionless", "Moisturising factor, 1 in healthy skin", grid=CORNEUM
        ),
        port("corneum_ph", "dimensionless", "pH of the stratum corneum", grid=CORNEUM),
        port("corneum_permeability", "dimensionless", "To lipid-borne drugs, over healthy skin"),
        port("corneum_thickness", "um", "Hydrated thickness of the stratum corneum"),
        port("teer", "dimensionless", "Transepithelial electrical resistance [ohm cm2]"),
        port("tight_junction_teer", "dimensionless", "The living layers' share of it [ohm cm2]"),
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
        port(
            "differentiation", "dimensionless", "Differentiation drive", grid=EPIDERMIS, default=0.5
        ),
        port(
            "upper_profilaggrin", "dimensionless", "Profilaggrin of cornifying cells", default=1.0
        ),
        port("epidermal_thickness", "um", "Epidermis", default=100.0),
        port("epidermal_thickness_rate", "um/day", "Change of it", default=0.0),
        port("epidermis_carriage", "um/day", "Carriage by living cells"),
        port("corneum_dry_thickness", "um", "Dry corneum", default=8.0),
        port("corneum_thickness_rate", "um/day", "Change of it", default=0.0),
        port("corneum_carriage", "um/day", "Carriage by corneocytes"),
        port("cornification_flux", "um/day", "Cornifying volume", default=1.9),
        port("corneum_influx", "um/day", "Dry influx", default=0.57),
        port("shedding_flux", "um/day", "Shed volume", default=0.57),
        port("compaction", "dimensionless", "Compaction", default=0.3),
        port("barrier_stress", "dimensionless", "Barrier stress", default=0.0),
        port("glucocorticoid", "dimensionless", "Glucocorticoid action", default=0.0),
        port("emollient", "dimensionless", "Emollient use, 0 to 1", default=0.0),
        port("relative_humidity", "dimensionless", "Humidity of the air", default=0.5),
        port("vapour_transfer", "m/s", "Mass transfer to the air", default=2.5e-3),
        port("skin_vapour", "g/m**3", "Saturated vapour at skin temperature", default=33.8),
        port("air_vapour", "g/m**3", "Saturated vapour at air temperature", default=19.4),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """A hydrated, healthy corneum."""
        depth = grids[CORNEUM].centres
        upper = jnp.exp(-4.0 * grids[EPIDERMIS].centres)
        return {
            "lamellar_lipid": params.healthy_lipid * upper,
            "tight_junctions": 0.9 * upper + 0.01,
            "water": 0.05 + 0.8 * depth**2,
            "nmf": jnp.full_like(depth, 3.3) * params.healthy_filaggrin,
            "lipid": jnp.full_like(depth, 3.3) * params.healthy_lipid,
            "corneodesmosomes": 0.1 + 0.9 * depth,
            "kallikrein": jnp.full_like(depth, 1.0),
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """The upper living cells."""
        return {
            "upper_tight_junctions": state.tight_junctions[0],
        }

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Water loss, relative composition, pH, hydrated thickness and resistance."""
        grid = grids[CORNEUM]
        lipid = self._lipid(state, ports, params)
        nmf = state.nmf * ports.compaction / params.healthy_filaggrin
        scale = law.sorption_scale(nmf, params)
        loss = self._surface_loss(state, ports, params, scale[0], lipid[0], grid)
        acid = 2.0 * nmf / (1.0 + nmf)
        height = 1.0 - grid.centres
        ph = params.inner_ph - (params.inner_ph - params.surface_ph) * height * acid
        swollen = jnp.sum(grid.widths * (1.0 + params.swelling * state.water))
        tight = jnp.sum(grid.widths * jnp.exp(params.lipid_tightness * (lipid - 1.0)))
        cohesive = ports.corneum_dry_thickness / (
            ports.corneum_dry_thickness + params.cohesive_thickness
        )
        path = jnp.sum(grid.widths * jnp.exp(-params.lipid_tightness * (1.0 - lipid)))
        junctions = params.tight_junction_resistance * ports.upper_tight_junctions
        return {
            "tewl": loss,
            "surface_corneodesmosomes": carried_values(
                state.corneodesmosomes,
                ports.corneum_carriage,
                loss=self._corneodesmosome_decay(state, ph, params),
            )[0],
            "relative_lipid": lipid,
            "relative_nmf": nmf,
            "corneum_ph": ph,
            "corneum_permeability": params.healthy_path / (ports.corneum_dry_thickness * path),
            "corneum_thickness": ports.corneum_dry_thickness * swollen,
            "teer": junctions + params.corneum_resistance * tight * cohesive,
            "tight_junction_teer": junctions,
        }

    def _surface_loss(
        self, state: Named, ports: Named, params: Any, scale: Any, lipid: Any, grid: Any
    ) -> Any:
        """Water loss through the top half cell, its mobility the mean up to the surface."""
        half = 0.5 * ports.corneum_dry_thickness * grid.widths[0]
        top = law.activity(state.water[0], scale, params)
        outside = (
            ports.vapour_transfer,
            ports.relative_humidity,
            ports.skin_vapour,
            ports.air_vapour,
        )
        first = params.dry_density * law.mobility(state.water[0], scale, lipid, params) / half
        reached = law.surface_activity(top, first, *outside)
        second = params.dry_density * law.mean_mobility((top, reached), scale, lipid, params) / half
        return law.surface_loss(top, second, *outside)

    def _lipid(self, state: Named, ports: Named, params: Any) -> Any:
        supplied = params.emollient_lipid * ports.emollient
        return state.lipid * ports.compaction / params.healthy_lipid + supplied

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Every field of the barrier."""
        return {
            "lamellar_lipid": self._carried(
                state.lamellar_lipid,
                self._lipid_synthesis(ports, params),
                params.lipid_loss,
                ports,
                grids[EPIDERMIS],
            ),
            "tight_junctions": self._tight_junctions(state, ports, params, grids[EPIDERMIS]),
            "water": self._water(state, ports, params, grids[CORNEUM]),
            **self._substances(state, ports, params, grids[CORNEUM]),
        }

    def _lipid_synthesis(self, ports: Named, params: Any) -> Any:
        stress = ports.barrier_stress / (1.0 + ports.barrier_stress)
        inhibition = self._lipid_inhibition(ports.pathway_activity, ports, params)
        gain = 1.0 + params.lipid_stress_gain * stress
        production = params.lipid_rate * gain * ports.differentiation / inhibition
        return production

    def _lipid_inhibition(self, activity: Any, ports: Named, params: Any) -> Any:
        return (
            (1.0 + params.lipid_STAT6_inhibition * activity[pathway("pSTAT6")])
            * (1.0 + params.lipid_NFkB_inhibition * activity[pathway("NF-kB")])
            * (1.0 + params.lipid_glucocorticoid_inhibition * ports.glucocorticoid)
        )

    def _tight_junctions(self, state: Named, ports: Named, params: Any, grid: Any) -> Any:
        activity = ports.pathway_activity
        inhibition = (1.0 + params.tight_junction_STAT6 * activity[pathway("pSTAT6")]) * (
            1.0 + params.tight_junction_NFkB * activity[pathway("NF-kB")]
        )
        target = ports.differentiation / inhibition
        rate = params.tight_junction_rate
        return self._carried(state.tight_junctions, rate * target, rate, ports, grid)

    def _carried(self, field: Any, production: Any, loss: Any, ports: Named, grid: Any) -> Any:
        """Transport with the living cells, which cornify at the top, production and loss."""
        thickness = ports.epidermal_thickness
        upper = carried_upwards(field, ports.epidermis_carriage, production, loss)
        flux = with_bottom(upper, jnp.zeros(()))
        moved = accumulation(field, flux, thickness, ports.epidermal_thickness_rate, grid)
        return moved + production - loss * field

    def _water(self, state: Named, ports: Named, params: Any, grid: Any) -> Any:
        thickness = ports.corneum_dry_thickness
        scale = law.sorption_scale(ports.relative_nmf, params)
        water_activity = law.activity(state.water, scale, params)
        lipid = ports.relative_lipid
        ends = water_activity[:-1], water_activity[1:]
        middle = 0.5 * (scale[:-1] + scale[1:]), 0.5 * (lipid[:-1] + lipid[1:])
        between = law.mean_mobility(ends, *middle, params)
        inner = -between * jnp.diff(water_activity) / (thickness * grid.gaps)
        beneath = law.content(params.inner_activity, scale[-1], params)
        ends = water_activity[-1], params.inner_activity
        bottom = law.mean_mobility(ends, scale[-1], lipid[-1], params)
        half = 0.5 * thickness * grid.widths[-1]
        supply = -bottom * (params.inner_activity - water_activity[-1]) / half
        top = jnp.concatenate([-ports.tewl[None] / params.dry_density, inner])
        moved = carried_upwards(state.water, ports.corneum_carriage)
        flux = with_bottom(top + moved, supply - ports.corneum_influx * beneath)
        return accumulation(state.water, flux, thickness, ports.corneum_thickness_rate, grid)

    def _cornifying_lipid(self, state: Named, ports: Named, params: Any) -> Any:
        made = self._lipid_synthesis(ports, params)
        living = ports.epidermis_carriage
        return carried_values(state.lamellar_lipid, living, made, params.lipid_loss)[0]

    def _corneodesmosome_decay(self, state: Named, ph: Any, params: Any) -> Any:
        active = jax.nn.sigmoid(params.kallikrein_ph_slope * (ph - params.kallikrein_ph_half))
        return params.corneodesmosome_decay * state.kallikrein * active

    def _substances(self, state: Named, ports: Named, params: Any, grid: Any) -> dict[str, Any]:
        fields = jnp.stack([state.nmf, state.lipid, state.corneodesmosomes, state.kallikrein])
        upper = ports.pathway_activity[:, 0]
        stress = ports.barrier_stress / (1.0 + ports.barrier_stress)
        expression = (
            1.0
            + params.kallikrein_STAT6 * upper[pathway("pSTAT6")]
            + params.kallikrein_NFkB * upper[pathway("NF-kB")]
        )
        secreted = params.lipid_secretion * stress * params.healthy_lipid / ports.compaction
        secreted = secreted / self._lipid_inhibition(upper, ports, params)
        entering = jnp.stack(
            [
                ports.cornification_flux * ports.upper_profilaggrin,
                ports.cornification_flux * self._cornifying_lipid(state, ports, params) + secreted,
                ports.corneum_influx,
                ports.corneum_influx * expression,
            ]
        )
        thickness = ports.corneum_dry_thickness
        loss = jnp.stack(
            [
                jnp.full_like(state.nmf, params.nmf_loss),
                jnp.zeros_like(state.lipid),
                self._corneodesmosome_decay(state, ports.corneum_ph, params),
                jnp.full_like(state.kallikrein, params.kallikrein_loss),
            ]
        )
        upper_faces = carried_upwards(fields, ports.corneum_carriage, loss=loss)
        flux = with_bottom(upper_faces, -entering)
        moved = accumulation(fields, flux, thickness, ports.corneum_thickness_rate, grid)
        rates = moved - loss * fields
        names = ("nmf", "lipid", "corneodesmosomes", "kallikrein")
        return {name: rates[i] for i, name in enumerate(names)}
