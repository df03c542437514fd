"""Parameters of ultraviolet damage, melanogenesis and melanin transport."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter

Scalar = Float[Array, ""]


class PigmentationParameters(AbstractParameters):
    """Structure as proposed in the literature; sizes to be fitted."""

    fluence_unit: Scalar = parameter(
        1.0,
        "J/cm**2",
        "Unit of the fluence of exposures",
        source="definition",
        evidence="measured",
        bounds=(0.999, 1.001),
        prior_sd=1e-6,
        scope="study",
    )
    capacity: Scalar = parameter(
        1.0,
        "dimensionless",
        "Melanogenic capacity over the default skin, which lies between phototypes III and IV",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 30.0),
        prior_sd=0.6,
    )
    pheomelanin_share: Scalar = parameter(
        0.25,
        "dimensionless",
        "Share of pheomelanin in new melanin",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.9),
        prior_sd=0.1,
        transform="identity",
    )
    corneum_attenuation: Scalar = parameter(
        0.02,
        "1/um",
        "Attenuation of UVB by dry stratum corneum",
        source="assumed",
        evidence="assumed",
        bounds=(0.005, 0.3),
    )
    epidermis_attenuation: Scalar = parameter(
        0.004,
        "1/um",
        "Attenuation of UVB by living epidermis without melanin",
        source="assumed",
        evidence="assumed",
        bounds=(0.002, 0.06),
    )
    melanin_attenuation: Scalar = parameter(
        0.35,
        "1/um",
        "Attenuation of UVB per melanosome volume fraction",
        source="jacques_optics",
        evidence="assumed",
        bounds=(0.03, 3.0),
    )
    repair_rate: Scalar = parameter(
        0.7,
        "1/day",
        "Repair of cyclobutane pyrimidine dimers (half-life about a day)",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 3.0),
    )
    kill_efficacy: Scalar = parameter(
        1.3,
        "cm**2/J",
        "Kill of dividing cells per basal UVB fluence, integrated over repair; from "
        "the published 0.235 per incident J/cm2 and a basal transmission of about a fifth",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.1, 10.0),
    )
    dermal_kill_share: Scalar = parameter(
        1.0,
        "dimensionless",
        "Kill of dermal immune cells relative to basal keratinocytes",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.05, 3.0),
    )
    MSH_rate: Scalar = parameter(
        20.0,
        "cm**2/J/day",
        "alpha-MSH induced per basal photoproduct",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 500.0),
    )
    MSH_loss: Scalar = parameter(
        2.0,
        "1/day",
        "Loss of alpha-MSH",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.1, 10.0),
    )
    MITF_basal: Scalar = parameter(
        0.45,
        "1/day",
        "MITF and tyrosinase made without alpha-MSH; equals the loss, so that rest is 1",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.01, 0.5),
    )
    MITF_induction: Scalar = parameter(
        2.2,
        "1/day",
        "MITF and tyrosinase induced by alpha-MSH at most",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.02, 3.0),
    )
    MITF_half: Scalar = parameter(
        2.5,
        "dimensionless",
        "alpha-MSH of half-maximal induction",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.1, 30.0),
    )
    MSH_power: Scalar = parameter(
        4.2,
        "dimensionless",
        "Steepness of induction over alpha-MSH; p53, which makes it, acts as a tetramer",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(1.0, 5.0),
        prior_sd=0.2,
    )
    MITF_loss: Scalar = parameter(
        0.45,
        "1/day",
        "Loss of MITF and tyrosinase activity",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.01, 0.5),
    )
    melanin_rate: Scalar = parameter(
        0.11,
        "um/day",
        "Melanosome volume made per skin area at rest, default skin",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 2.0),
    )
    transfer_rate: Scalar = parameter(
        0.8,
        "1/day",
        "Transfer of melanosomes to keratinocytes",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.03, 3.0),
    )
    transfer_depth: Scalar = parameter(
        0.2,
        "dimensionless",
        "Reach of dendrites as a fraction of the epidermis, from the base",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 0.8),
        prior_sd=0.3,
    )
    degradation_rate: Scalar = parameter(
        0.03,
        "1/day",
        "Degradation of melanosomes in keratinocytes",
        source="assumed",
        evidence="assumed",
        bounds=(0.003, 0.3),
    )
    melanocyte_rate: Scalar = parameter(
        0.02,
        "1/day",
        "Renewal of melanocytes; their slow return is the months of a fading tan",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.001, 0.1),
    )
    melanocyte_recruitment: Scalar = parameter(
        0.15,
        "1/day",
        "Melanocytes gained at full induction",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.002, 0.5),
    )
    melanocyte_density: Scalar = parameter(
        1100.0,
        "cell/mm**2",
        "Melanocytes of the abdomen to the back",
        source="nielsen2006",
        evidence="measured",
        bounds=(500.0, 3000.0),
    )
    melanocyte_kill: Scalar = parameter(
        0.10,
        "1/day",
        "Loss of melanocytes at full STAT1 activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.005, 2.0),
    )
    melanocyte_NFkB: Scalar = parameter(
        0.8,
        "dimensionless",
        "Melanocytes gained at full NF-kB activity",
        source="wang2013",
        evidence="assumed",
        bounds=(0.02, 5.0),
    )
    STAT6_inhibition: Scalar = parameter(
        2.0,
        "dimensionless",
        "Inhibition of MITF per unit STAT6 activity",
        source="choi2013",
        evidence="assumed",
        bounds=(0.1, 20.0),
    )
    NFkB_inhibition: Scalar = parameter(
        12.0,
        "dimensionless",
        "Inhibition of MITF per unit NF-kB activity (IL-17A and TNF leave "
        "less than a quarter of pigment genes)",
        source="wang2013",
        evidence="assumed",
        bounds=(1.0, 100.0),
    )
    STAT1_inhibition: Scalar = parameter(
        2.0,
        "dimensionless",
        "Inhibition of MITF per unit STAT1 activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 20.0),
    )
    erythema_rate: Scalar = parameter(
        1.5,
        "1/day",
        "Rate at which redness follows damage",
        source="assumed",
        evidence="assumed",
        bounds=(0.2, 6.0),
    )
