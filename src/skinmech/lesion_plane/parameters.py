"""Parameters of the lesion plane."""

from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter

Scalar = Float[Array, ""]


def _assumed(value: float, unit: str, words: str, low: float, high: float) -> Scalar:
    return parameter(value, unit, words, source="assumed", evidence="assumed", bounds=(low, high))


class LesionParameters(AbstractParameters):
    """Structure as proposed in the literature of fronts; sizes mostly assumed, with wide priors.

    The speed of a front, 2 √(r D g), is what clinics see: under phototherapy pigment spreads
    by about a millimetre a month from a follicle or margin, in the dark hardly at all.
    """

    mobility: Scalar = _assumed(
        0.0003, "mm**2/day", "Spread of melanocytes along the basal layer", 1e-5, 0.1
    )
    renewal: Scalar = parameter(
        0.02,
        "1/day",
        "Renewal of melanocytes, as in the column",
        source="ravnbak2008",
        evidence="fitted",
        bounds=(0.001, 0.1),
    )
    migration_gain: Scalar = _assumed(
        75.0, "dimensionless", "Mobility gained at full light", 1.0, 500.0
    )
    reservoir_release: Scalar = _assumed(
        0.0008, "1/day", "Melanocytes a full follicle gives to its mouth", 1e-4, 0.1
    )
    light_release: Scalar = _assumed(
        80.0, "dimensionless", "Release gained at full light", 0.1, 200.0
    )
    light_half: Scalar = _assumed(
        0.4, "J/cm**2", "Daily mean UVB of half of the light's effect", 0.01, 5.0
    )
    interferon_source: Scalar = _assumed(
        1.0, "1/day", "Interferon made by full infiltrate", 0.05, 20.0
    )
    interferon_spread: Scalar = _assumed(
        0.05, "mm**2/day", "Spread of interferon and CXCL10", 1e-3, 2.0
    )
    interferon_loss: Scalar = _assumed(1.0, "1/day", "Loss of interferon", 0.05, 20.0)
    interferon_half: Scalar = _assumed(
        0.3, "dimensionless", "Interferon of half-maximal CXCL10", 0.02, 10.0
    )
    infiltrate_rate: Scalar = _assumed(
        0.25, "1/day", "Recruitment of T cells by CXCL10 where melanocytes are", 0.01, 5.0
    )
    infiltrate_loss: Scalar = _assumed(
        0.1, "1/day", "Loss of T cells without recruitment", 0.01, 1.0
    )
    light_kill: Scalar = _assumed(
        6.0, "dimensionless", "Loss of T cells gained at full light", 0.05, 20.0
    )
    killing: Scalar = parameter(
        0.10,
        "1/day",
        "Loss of melanocytes at full interferon, as in the column",
        source="assumed",
        evidence="assumed",
        bounds=(0.005, 2.0),
    )
    melanin_turnover: Scalar = _assumed(
        0.055, "1/day", "Loss of epidermal melanin, shed and degraded, as in the column", 0.01, 0.3
    )
    induction: Scalar = _assumed(
        1.0, "dimensionless", "Melanin made more at full light", 0.05, 10.0
    )
    inflammatory_induction: Scalar = _assumed(
        1.5, "dimensionless", "Melanin made more in inflamed skin after a flare", 0.05, 10.0
    )
    inflammation_loss: Scalar = _assumed(
        0.07, "1/day", "Fading of inflammation, about two weeks", 0.005, 1.0
    )
    spill: Scalar = _assumed(
        0.02, "1/day", "Melanin dropped through a damaged basal layer, inflamed", 1e-4, 0.5
    )
    phagocytosis: Scalar = _assumed(
        0.004, "1/day", "Clearance of dermal melanin by phages, half in six months", 2e-4, 0.1
    )
