"""Parameters of the stratum corneum barrier."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter

Scalar = Float[Array, ""]


class BarrierParameters(AbstractParameters):
    """Water transport, sorption, lipids, desquamation enzymes and tight junctions."""

    water_diffusivity: Scalar = parameter(
        2.85e3,
        "um**2/day",
        "Diffusivity of water in dry, healthy stratum corneum (3.3e-10 cm2/s)",
        source="tga_porcine_sc",
        evidence="measured",
        bounds=(300.0, 3e4),
        prior_sd=0.3,
    )
    fujita_alpha: Scalar = parameter(
        0.90,
        "dimensionless",
        "Concentration dependence of Fujita's law D = D0/(1 - alpha w/w_sat)",
        source="argatov2022",
        evidence="assumed",
        bounds=(0.1, 0.98),
        prior_sd=0.05,
        transform="identity",
    )
    sorption_capacity: Scalar = parameter(
        0.13,
        "dimensionless",
        "Water uptake scale C of the isotherm w = C a/(1 - k a), healthy "
        "natural moisturising factor",
        source="kasting2003",
        evidence="assumed",
        bounds=(0.03, 0.5),
        prior_sd=0.2,
    )
    sorption_steepness: Scalar = parameter(
        0.90,
        "dimensionless",
        "Steepness k of the isotherm",
        source="kasting2003",
        evidence="assumed",
        bounds=(0.5, 0.97),
        prior_sd=0.03,
        transform="identity",
    )
    nmf_sorption: Scalar = parameter(
        0.5,
        "dimensionless",
        "Part of the water uptake owed to natural moisturising factor",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.9),
        prior_sd=0.15,
        transform="identity",
    )
    dry_density: Scalar = parameter(
        1.3,
        "g/cm**3",
        "Density of dry stratum corneum",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 1.5),
        prior_sd=0.05,
    )
    swelling: Scalar = parameter(
        1.3,
        "dimensionless",
        "Swelling per water content, density of dry substance over water",
        source="assumed",
        evidence="assumed",
        bounds=(0.8, 1.6),
        prior_sd=0.05,
    )
    inner_activity: Scalar = parameter(
        0.99,
        "dimensionless",
        "Water activity at the viable epidermis",
        source="assumed",
        evidence="assumed",
        bounds=(0.95, 0.999),
        prior_sd=0.003,
        transform="identity",
    )
    lipid_tightness: Scalar = parameter(
        3.0,
        "dimensionless",
        "Logarithmic rise of water diffusivity per lost fraction of lipid",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 8.0),
        prior_sd=0.3,
    )
    healthy_path: Scalar = parameter(
        12.6,
        "um",
        "Dry corneum weighted by the tightness of its lipid, in this model's healthy skin: what "
        "published permeabilities of drugs hold for",
        source="definition",
        evidence="assumed",
        bounds=(8.0, 20.0),
        prior_sd=0.05,
    )
    lipid_rate: Scalar = parameter(
        0.168,
        "1/day",
        "Synthesis of barrier lipid at full differentiation",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 5.0),
    )
    lipid_loss: Scalar = parameter(
        0.10,
        "1/day",
        "Turnover of barrier lipid in living cells",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 1.0),
    )
    lipid_STAT6_inhibition: Scalar = parameter(
        2.0,
        "dimensionless",
        "Inhibition of lipid synthesis per unit STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 20.0),
    )
    lipid_NFkB_inhibition: Scalar = parameter(
        1.0,
        "dimensionless",
        "Inhibition of lipid synthesis per unit NF-kB activity (TNF)",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 20.0),
    )
    lipid_glucocorticoid_inhibition: Scalar = parameter(
        0.2,
        "dimensionless",
        "Inhibition of lipid synthesis by full glucocorticoid action",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 3.0),
    )
    lipid_stress_gain: Scalar = parameter(
        0.15,
        "dimensionless",
        "Lipid synthesis gained at full barrier stress",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 5.0),
    )
    lipid_secretion: Scalar = parameter(
        0.4,
        "um/day",
        "Lipid secreted into the lowest corneum at full barrier stress, as healthy "
        "dry thickness per day",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 10.0),
    )
    healthy_lipid: Scalar = parameter(
        0.90,
        "dimensionless",
        "Lipid of cornifying cells that counts as healthy",
        source="assumed",
        evidence="assumed",
        bounds=(0.2, 3.0),
        prior_sd=0.1,
    )
    healthy_filaggrin: Scalar = parameter(
        0.90,
        "dimensionless",
        "Profilaggrin of cornifying cells that gives healthy natural moisturising factor",
        source="assumed",
        evidence="assumed",
        bounds=(0.2, 3.0),
        prior_sd=0.1,
    )
    nmf_loss: Scalar = parameter(
        0.01,
        "1/day",
        "Leaching of natural moisturising factor",
        source="assumed",
        evidence="assumed",
        bounds=(0.001, 0.3),
    )
    corneodesmosome_decay: Scalar = parameter(
        0.33,
        "1/day",
        "Degradation of corneodesmosomes at full activity of healthy kallikrein",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 5.0),
    )
    kallikrein_STAT6: Scalar = parameter(
        6.0,
        "dimensionless",
        "Kallikrein expression gained per unit STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 10.0),
    )
    kallikrein_NFkB: Scalar = parameter(
        20.0,
        "dimensionless",
        "Kallikrein expression gained per unit NF-kB activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 60.0),
    )
    kallikrein_loss: Scalar = parameter(
        0.02,
        "1/day",
        "Loss of kallikrein in the corneum",
        source="assumed",
        evidence="assumed",
        bounds=(0.001, 0.5),
    )
    kallikrein_ph_slope: Scalar = parameter(
        1.15,
        "dimensionless",
        "Steepness of kallikrein 5 activity with pH (logistic)",
        source="tanaka_ph_gradient",
        evidence="fitted",
        bounds=(0.3, 4.0),
        prior_sd=0.2,
    )
    kallikrein_ph_half: Scalar = parameter(
        6.2,
        "dimensionless",
        "pH of half-maximal kallikrein 5 activity",
        source="tanaka_ph_gradient",
        evidence="fitted",
        bounds=(5.0, 8.0),
        prior_sd=0.2,
        transform="identity",
    )
    inner_ph: Scalar = parameter(
        7.0,
        "dimensionless",
        "pH at the bottom of the stratum corneum",
        source="tanaka_ph_gradient",
        evidence="measured",
        bounds=(6.5, 7.6),
        prior_sd=0.1,
        transform="identity",
    )
    surface_ph: Scalar = parameter(
        5.4,
        "dimensionless",
        "pH at the surface of healthy skin",
        source="tanaka_ph_gradient",
        evidence="measured",
        bounds=(4.2, 6.5),
        prior_sd=0.2,
        transform="identity",
    )
    tight_junction_rate: Scalar = parameter(
        1.5,
        "1/day",
        "Renewal of tight junctions",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 10.0),
    )
    tight_junction_STAT6: Scalar = parameter(
        1.5,
        "dimensionless",
        "Inhibition of tight junctions per unit STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 20.0),
    )
    tight_junction_NFkB: Scalar = parameter(
        1.0,
        "dimensionless",
        "Inhibition of tight junctions per unit NF-kB activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 20.0),
    )
    tight_junction_resistance: Scalar = parameter(
        700.0,
        "dimensionless",
        "Electrical resistance of intact tight junctions [ohm cm2]",
        source="assumed",
        evidence="assumed",
        bounds=(50.0, 5000.0),
    )
    corneum_resistance: Scalar = parameter(
        900.0,
        "dimensionless",
        "Electrical resistance of an intact stratum corneum in culture [ohm cm2]",
        source="assumed",
        evidence="assumed",
        bounds=(50.0, 1e5),
    )
    cohesive_thickness: Scalar = parameter(
        2.0,
        "um",
        "Dry thickness at which the corneum has half of its electrical resistance",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 20.0),
    )
    emollient_lipid: Scalar = parameter(
        0.25,
        "dimensionless",
        "Lipid that a regularly used emollient supplies",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 1.0),
        prior_sd=0.15,
        transform="identity",
    )
