"""Parameters of receptor occupancy and of the four pathways."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter
from ...modelling.species import PATHWAYS

Scalar = Float[Array, ""]
Pathways = Float[Array, "pathway"]


class SignallingParameters(AbstractParameters):
    """Shared by the dynamic and the quasi-steady form."""

    IL4_half: Scalar = parameter(
        190.0,
        "pg/mL",
        "IL-4 of half-maximal receptor occupancy (pSTAT6 EC50 170-214 pg/mL)",
        source="gonnord2018",
        evidence="measured",
        bounds=(20.0, 2000.0),
        prior_sd=0.3,
    )
    IL13_half: Scalar = parameter(
        400.0,
        "pg/mL",
        "IL-13 of half-maximal receptor occupancy on keratinocytes",
        source="assumed",
        evidence="assumed",
        bounds=(30.0, 5000.0),
    )
    IL31_half: Scalar = parameter(
        300.0,
        "pg/mL",
        "IL-31 of half-maximal receptor occupancy",
        source="assumed",
        evidence="assumed",
        bounds=(20.0, 5000.0),
    )
    IL22_half: Scalar = parameter(
        400.0,
        "pg/mL",
        "IL-22 of half-maximal receptor occupancy",
        source="assumed",
        evidence="assumed",
        bounds=(20.0, 10000.0),
    )
    IFNg_half: Scalar = parameter(
        800.0,
        "pg/mL",
        "IFN-gamma of half-maximal receptor occupancy; geometric mean of ten "
        "donors of keratinocytes, 50 pg taken for a unit",
        source="zimenko2026",
        evidence="fitted",
        bounds=(20.0, 20000.0),
        prior_sd=0.5,
    )
    IL31_weight: Scalar = parameter(
        0.15,
        "dimensionless",
        "STAT3 activation by IL-31 receptors relative to IL-22 receptors",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 1.0),
    )
    NFkB_half: Scalar = parameter(
        800.0,
        "pg/mL",
        "Effective IL-17A and TNF of half-maximal NF-kB activation; places the "
        "published growth signals of healthy and psoriatic skin",
        source="shmarov2022",
        evidence="fitted",
        bounds=(100.0, 10000.0),
        prior_sd=0.2,
    )
    NFkB_power: Scalar = parameter(
        3.0,
        "dimensionless",
        "Cooperativity of NF-kB activation",
        source="shmarov2022",
        evidence="fitted",
        bounds=(1.0, 6.0),
        prior_sd=0.15,
    )
    IL17_weight: Scalar = parameter(
        0.6,
        "dimensionless",
        "Weight of IL-17A in NF-kB activation",
        source="wang2013",
        evidence="assumed",
        bounds=(0.05, 2.0),
        prior_sd=0.25,
    )
    IL17F_share: Scalar = parameter(
        0.2,
        "dimensionless",
        "Share of IL-17F in what the IL-17 receptor receives where IL-17A is made",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.8),
        prior_sd=0.1,
        transform="identity",
    )
    TNF_weight: Scalar = parameter(
        0.4,
        "dimensionless",
        "Weight of TNF in NF-kB activation",
        source="wang2013",
        evidence="assumed",
        bounds=(0.05, 2.0),
        prior_sd=0.25,
    )
    IL36_weight: Scalar = parameter(
        0.08,
        "dimensionless",
        "Weight of IL-36 gamma in NF-kB activation",
        source="assumed",
        evidence="assumed",
        bounds=(0.005, 1.0),
    )
    IL33_weight: Scalar = parameter(
        0.05,
        "dimensionless",
        "Weight of IL-33 in NF-kB activation",
        source="assumed",
        evidence="assumed",
        bounds=(0.005, 1.0),
    )
    sensitivity: Pathways = parameter(
        (1.5, 1.5, 1.5, 1.0),
        "dimensionless",
        "Phosphorylation over dephosphorylation at full receptor activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 20.0),
        labels=PATHWAYS,
    )
    feedback: Pathways = parameter(
        (0.5, 1.0, 0.5, 0.5),
        "dimensionless",
        "Feedback on phosphorylation (SOCS; IkB for NF-kB) per unit activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 20.0),
        labels=PATHWAYS,
    )
    inactivation_rate: Pathways = parameter(
        (60.0, 60.0, 48.0, 40.0),
        "1/day",
        "Dephosphorylation, or loss of nuclear activity",
        source="biomd585",
        evidence="assumed",
        bounds=(5.0, 500.0),
        labels=PATHWAYS,
    )
    feedback_rate: Pathways = parameter(
        (12.0, 12.0, 12.0, 12.0),
        "1/day",
        "Turnover of the feedback protein",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 100.0),
        labels=PATHWAYS,
    )
    glucocorticoid_inhibition: Scalar = parameter(
        0.7,
        "dimensionless",
        "NF-kB activity suppressed by full glucocorticoid action",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.99),
        prior_sd=0.1,
        transform="identity",
    )
