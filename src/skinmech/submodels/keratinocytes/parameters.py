"""Parameters of keratinocyte pools, cornification and terminal differentiation."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter

Scalar = Float[Array, ""]


class KeratinocyteParameters(AbstractParameters):
    """Pools after Shmarov 2022; volumes, lags and differentiation as declared."""

    stem_division_rate: Scalar = parameter(
        1.7635e-3 * 42.64,
        "1/day",
        "Symmetric stem-cell division at growth signal 1 (sc2 times the healthy signal 42.64)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.02, 0.3),
    )
    stem_commitment_rate: Scalar = parameter(
        1.5415e-3 * 42.64,
        "1/day",
        "Transit cells made per stem cell at growth signal 1 (sc2ta)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.01, 0.3),
    )
    transit_division_rate: Scalar = parameter(
        1.7562e-3 * 42.64,
        "1/day",
        "Transit-amplifying division at growth signal 1 (ta2)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.02, 0.3),
    )
    differentiation_rate: Scalar = parameter(
        1.8063e-3 * 42.64,
        "1/day",
        "Differentiated cells made per transit cell at growth signal 1 (ta2d)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.02, 0.3),
    )
    stem_crowding_loss: Scalar = parameter(
        1.8135e-5,
        "mm**2/cell/day",
        "Quadratic loss of stem cells (sc20)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(5e-6, 6e-5),
    )
    transit_crowding_loss: Scalar = parameter(
        3.7321e-6,
        "mm**2/cell/day",
        "Quadratic loss of transit cells (ta20)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(1e-6, 1.2e-5),
    )
    crowding_cornification: Scalar = parameter(
        5.05e-7,
        "mm**2/cell/day",
        "Quadratic part of cornification of differentiated cells (d20)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(1.5e-7, 1.5e-6),
    )
    cornification_rate: Scalar = parameter(
        0.004752946,
        "1/day",
        "Linear part of cornification (desq of the source)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.001, 0.02),
    )
    apoptosis_rate: Scalar = parameter(
        0.0036,
        "1/day",
        "Apoptosis of every pool",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.0005, 0.02),
    )
    stem_survivors: Scalar = parameter(
        3947.21,
        "cell/mm**2",
        "Stem-cell density below which ultraviolet light kills none",
        source="shmarov2022",
        evidence="fitted",
        bounds=(1000.0, 10000.0),
    )
    transit_survivors: Scalar = parameter(
        22224.4,
        "cell/mm**2",
        "Transit-cell density below which ultraviolet light kills none",
        source="shmarov2022",
        evidence="fitted",
        bounds=(5000.0, 60000.0),
    )
    cell_volume: Scalar = parameter(
        1250.0,
        "um**3/cell",
        "Mean volume of a living keratinocyte; with the published healthy "
        "density it gives an epidermis of 100 um",
        source="assumed",
        evidence="assumed",
        bounds=(500.0, 3000.0),
        prior_sd=0.15,
    )
    compaction: Scalar = parameter(
        0.30,
        "dimensionless",
        "Dry volume of a corneocyte over the volume of the living cell",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 0.6),
        prior_sd=0.2,
    )
    production_depth: Scalar = parameter(
        0.15,
        "dimensionless",
        "Fraction of the epidermis, from the base, over which division is spread",
        source="assumed",
        evidence="assumed",
        bounds=(0.03, 0.5),
        prior_sd=0.3,
    )
    mixing: Scalar = parameter(
        10.0,
        "um**2/day",
        "Random exchange of neighbouring keratinocytes, of the order of one cell "
        "diameter squared in ten days",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 50.0),
    )
    shedding_speed: Scalar = parameter(
        20.0,
        "um/day",
        "Largest desquamation speed of dry corneum without corneodesmosomes",
        source="assumed",
        evidence="assumed",
        bounds=(5.0, 80.0),
    )
    shedding_threshold: Scalar = parameter(
        0.05,
        "dimensionless",
        "Surface corneodesmosome density of half-maximal shedding",
        source="assumed",
        evidence="assumed",
        bounds=(0.005, 0.3),
    )
    shedding_power: Scalar = parameter(
        3.0,
        "dimensionless",
        "Hill exponent of shedding",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 8.0),
        prior_sd=0.2,
    )
    cohesion_rate: Scalar = parameter(
        4.0,
        "1/day",
        "Rate at which shedding follows the cohesion of the surface",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 30.0),
    )
    scratch_loss_speed: Scalar = parameter(
        0.15,
        "um/day",
        "Dry corneum lost to scratching at full itch",
        source="assumed",
        evidence="assumed",
        bounds=(0.005, 2.0),
    )
    strip_depth: Scalar = parameter(
        0.25,
        "um",
        "Dry corneum that one tape strip takes",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 1.0),
        scope="study",
    )
    growth_lag: Scalar = parameter(
        1.0,
        "day",
        "Time for a change of signalling to change division",
        source="assumed",
        evidence="assumed",
        bounds=(0.2, 5.0),
    )
    growth_basal: Scalar = parameter(
        0.745,
        "dimensionless",
        "Growth signal without cytokines, relative to healthy skin",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 1.1),
        prior_sd=0.05,
    )
    growth_NFkB: Scalar = parameter(
        12.5,
        "dimensionless",
        "Growth signal gained at full NF-kB activity; with the published "
        "cytokines it gives the published growth signal 3.07 of a psoriatic plaque",
        source="shmarov2022",
        evidence="fitted",
        bounds=(2.0, 40.0),
    )
    growth_STAT3: Scalar = parameter(
        1.6,
        "dimensionless",
        "Growth signal gained at full STAT3 activity (IL-22)",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 10.0),
    )
    growth_STAT6: Scalar = parameter(
        0.6,
        "dimensionless",
        "Growth signal gained at full STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 5.0),
    )
    growth_stress: Scalar = parameter(
        0.25,
        "dimensionless",
        "Growth signal gained at full barrier stress",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 3.0),
    )
    growth_glucocorticoid: Scalar = parameter(
        0.25,
        "dimensionless",
        "Part of the growth signal suppressed by full glucocorticoid action",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.8),
    )
    stress_rate: Scalar = parameter(
        2.0,
        "1/day",
        "Rate at which keratinocytes follow the barrier's leak",
        source="assumed",
        evidence="assumed",
        bounds=(0.3, 10.0),
    )
    healthy_tewl: Scalar = parameter(
        8.0,
        "g/m**2/hour",
        "Water loss that keratinocytes sense as an intact barrier",
        source="balistad",
        evidence="measured",
        bounds=(3.0, 15.0),
    )
    calcium_diffusivity: Scalar = parameter(
        1500.0,
        "um**2/day",
        "Effective diffusivity of extracellular calcium",
        source="assumed",
        evidence="assumed",
        bounds=(200.0, 20000.0),
    )
    calcium_release: Scalar = parameter(
        12.0,
        "mmol/L/day",
        "Release of calcium by granular cells",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 100.0),
    )
    calcium_uptake: Scalar = parameter(
        5.0,
        "1/day",
        "Uptake of extracellular calcium",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 30.0),
    )
    calcium_dermal: Scalar = parameter(
        0.5,
        "mmol/L",
        "Extracellular calcium at the basement membrane",
        source="assumed",
        evidence="assumed",
        bounds=(0.03, 1.8),
    )
    calcium_leak: Scalar = parameter(
        40.0,
        "um/day",
        "Calcium permeability of a stressed upper boundary, far below the bound "
        "of 15 nm/s that keeps the gradient",
        source="adams2015",
        evidence="assumed",
        bounds=(5.0, 1300.0),
    )
    calcium_half: Scalar = parameter(
        1.0,
        "mmol/L",
        "Calcium of half-maximal differentiation",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 3.0),
        prior_sd=0.2,
    )
    granular_depth: Scalar = parameter(
        0.25,
        "dimensionless",
        "Upper fraction of the epidermis that is granular",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 0.6),
        prior_sd=0.2,
    )
    filaggrin_rate: Scalar = parameter(
        0.165,
        "1/day",
        "Profilaggrin synthesis at full differentiation, two intact alleles",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 5.0),
    )
    filaggrin_dose: Scalar = parameter(
        1.0,
        "dimensionless",
        "Filaggrin gene dose relative to two intact alleles (one null allele "
        "about 0.6, two about 0.1)",
        source="kezic2011",
        evidence="assumed",
        bounds=(0.05, 1.5),
        prior_sd=0.3,
    )
    loricrin_rate: Scalar = parameter(
        0.165,
        "1/day",
        "Loricrin synthesis at full differentiation",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 5.0),
    )
    protein_loss: Scalar = parameter(
        0.10,
        "1/day",
        "Turnover of profilaggrin and loricrin in living cells",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 1.0),
    )
    STAT6_inhibition: Scalar = parameter(
        2.5,
        "dimensionless",
        "Inhibition of filaggrin and loricrin per unit STAT6 activity",
        source="howell2007",
        evidence="assumed",
        bounds=(0.3, 30.0),
    )
    STAT3_inhibition: Scalar = parameter(
        1.5,
        "dimensionless",
        "Inhibition of filaggrin and loricrin per unit STAT3 activity (IL-22)",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 20.0),
    )
    NFkB_inhibition: Scalar = parameter(
        2.0,
        "dimensionless",
        "Inhibition of filaggrin and loricrin per unit NF-kB activity (IL-17A)",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 20.0),
    )
