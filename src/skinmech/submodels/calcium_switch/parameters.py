"""Parameters of the calcium switch."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter

SWITCHED = (
    "IVL", "FLG", "CSTA", "SLPI", "S100A7", "NOTCH3", "LOR", "KRT1", "KRT10", "TP63",
)  # fmt: skip
"""Genes whose response to calcium is followed; measured over 45 hours (Toufighi 2015)."""

Scalar = Float[Array, ""]
Genes = Float[Array, "gene"]
_TO_25 = "fitted to the hours up to 25 of the calcium switch; later hours were not"


def _published(value: float, unit: str, text: str) -> Scalar:
    return parameter(
        value,
        unit,
        f"{text}; published fit to the same experiment",
        source="toufighi2015",
        evidence="fitted",
        bounds=(value / 10.0, value * 10.0),
        prior_sd=0.3,
    )


class CalciumSwitchParameters(AbstractParameters):
    """The published switch of p63 and STAT3, and ten genes that follow calcium."""

    calcium_half: Scalar = parameter(
        0.3,
        "mmol/L",
        "Calcium of the medium at half of its action on cells in a dish",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 1.0),
    )
    resting_calcium: Scalar = parameter(
        0.05,
        "mmol/L",
        "Calcium of the medium of dividing cells, where every fold change is one",
        source="toufighi2015",
        evidence="measured",
        bounds=(0.01, 0.12),
        prior_sd=0.1,
    )
    resting_PKC: Scalar = parameter(
        0.2,
        "dimensionless",
        "Protein kinase C activity without calcium; below the published bistable window",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 0.7),
    )
    PKC: Scalar = _published(2.510846, "dimensionless", "Protein kinase C activity at full calcium")
    rate: Scalar = parameter(
        1.0,
        "1/hour",
        "Unit of time of the published switch",
        source="definition",
        evidence="measured",
        bounds=(0.999, 1.001),
        prior_sd=1e-6,
    )
    p63_production: Scalar = _published(10.0, "dimensionless", "Self-activated p63")
    p63_half: Scalar = _published(1.35, "dimensionless", "p63 of half of its own activation")
    p63_loss: Scalar = _published(6.0, "dimensionless", "Loss of p63")
    PKC_loss: Scalar = _published(0.5, "dimensionless", "Loss of p63 per protein kinase C")
    p63_on_STAT3: Scalar = _published(2.0, "dimensionless", "STAT3 made per p63")
    auxiliary_rate: Scalar = _published(477.7428, "1/hour", "Auxiliary factor made per p63")
    auxiliary_loss: Scalar = _published(451.8896, "1/hour", "Loss of the auxiliary factor")
    complex_rate: Scalar = _published(153.2607, "1/hour", "Differentiation genes per factor")
    STAT3_inhibition: Scalar = _published(500.3689, "dimensionless", "Inhibition by STAT3")
    complex_loss: Scalar = _published(0.1029705, "1/hour", "Loss of differentiation transcripts")
    STAT6_input: Scalar = parameter(
        1.0,
        "dimensionless",
        "What IL-4 adds to STAT3 at full STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 5.0),
    )
    NFkB_input: Scalar = parameter(
        0.3,
        "dimensionless",
        "Loss of p63 added at full NF-kB activity; the published range is 0 to 0.3",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 2.0),
    )
    factor_rate: Scalar = parameter(
        0.15,
        "1/hour",
        f"Rate of the factor between calcium and genes; {_TO_25}",
        source="toufighi2015",
        evidence="fitted",
        bounds=(0.02, 1.0),
    )
    gene_rate: Genes = parameter(
        (0.092, 0.100, 0.137, 0.183, 0.069, 0.096, 0.164, 0.184, 0.106, 0.195),
        "1/hour",
        f"Rate at which a transcript follows; {_TO_25}",
        source="toufighi2015",
        evidence="fitted",
        bounds=(0.01, 2.0),
        labels=SWITCHED,
        prior_sd=0.5,
    )
    gene_gain: Genes = parameter(
        (4.11, 1.74, 1.34, 5.26, 6.18, 3.15, -0.93, -1.10, -0.74, -1.12),
        "dimensionless",
        f"Change of a transcript at full calcium, log2; {_TO_25}",
        source="toufighi2015",
        evidence="fitted",
        bounds=(-12.0, 12.0),
        labels=SWITCHED,
        prior_sd=1.0,
        transform="identity",
    )
