"""Parameters of the optics of skin."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter

Scalar = Float[Array, ""]


class OpticsParameters(AbstractParameters):
    """What the layers scatter and absorb, apart from what the model itself makes."""

    eumelanin_scale: Scalar = parameter(
        6.6e11,
        "1/cm",
        "Absorption of a eumelanosome, times (wavelength/nm)^-3.33; tenfold natural variation",
        source="jacques_optics",
        evidence="measured",
        bounds=(6.6e10, 6.6e12),
        prior_sd=0.6,
    )
    pheomelanin_scale: Scalar = parameter(
        2.9e15,
        "1/cm",
        "Absorption of a pheomelanosome, times (wavelength/nm)^-4.75",
        source="donner2006",
        evidence="measured",
        bounds=(2.9e14, 2.9e16),
        prior_sd=0.6,
    )
    epidermis_scattering: Scalar = parameter(
        66.7,
        "1/cm",
        "Reduced scattering of epidermis and corneum at 500 nm",
        source="jacques_optics",
        evidence="measured",
        bounds=(20.0, 200.0),
    )
    dermis_scattering: Scalar = parameter(
        43.6,
        "1/cm",
        "Reduced scattering of dermis at 500 nm",
        source="jacques_optics",
        evidence="measured",
        bounds=(15.0, 120.0),
    )
    papillary_thickness: Scalar = parameter(
        180.0,
        "um",
        "Papillary dermis",
        source="yamileva",
        evidence="measured",
        bounds=(50.0, 400.0),
    )
    papillary_blood: Scalar = parameter(
        0.02,
        "dimensionless",
        "Blood per volume of papillary dermis at rest, from a* of the European inner arm alone",
        source="alaluf2002",
        evidence="fitted",
        bounds=(0.001, 0.06),
    )
    reticular_blood: Scalar = parameter(
        0.004,
        "dimensionless",
        "Blood per volume of reticular dermis at rest",
        source="assumed",
        evidence="assumed",
        bounds=(0.0005, 0.04),
    )
    haemoglobin: Scalar = parameter(
        150.0,
        "g/L",
        "Haemoglobin of whole blood",
        source="jacques_optics",
        evidence="measured",
        bounds=(90.0, 180.0),
        prior_sd=0.1,
    )
    saturation: Scalar = parameter(
        0.7,
        "dimensionless",
        "Oxygen saturation of blood in skin, arteries and veins together",
        source="assumed",
        evidence="assumed",
        bounds=(0.4, 0.99),
        prior_sd=0.1,
        transform="identity",
    )
    vessel_radius: Scalar = parameter(
        10.0,
        "um",
        "Mean radius of the vessels",
        source="assumed",
        evidence="assumed",
        bounds=(3.0, 60.0),
    )
    refractive_index: Scalar = parameter(
        1.4,
        "dimensionless",
        "Of tissue against air",
        source="jacques_optics",
        evidence="measured",
        bounds=(1.33, 1.55),
        prior_sd=0.02,
    )
    erythema_gain: Scalar = parameter(
        8.0,
        "cm**2/J",
        "Blood added over blood at rest, per redness as basal damage",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 1000.0),
    )
