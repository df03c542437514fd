"""Parameters of a laser pulse's action on skin."""

from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter, specifications

Scalar = Float[Array, ""]


class LaserParameters(AbstractParameters):
    """Heat, thresholds and the spot; what the formulas of `laser` use, at these values."""

    heat_diffusivity: Scalar = parameter(
        1.3e5,
        "um**2/s",
        "Diffusivity of heat in tissue",
        source="anderson1983",
        evidence="measured",
        bounds=(0.8e5, 2e5),
        prior_sd=0.1,
    )
    melanosome_diameter: Scalar = parameter(
        0.8,
        "um",
        "Diameter of a melanosome; 0.5 to 1 is seen",
        source="assumed",
        evidence="assumed",
        bounds=(0.3, 1.5),
    )
    heat_capacity: Scalar = parameter(
        3.7,
        "J/cm**3/K",
        "Heat capacity of tissue, close to that of water",
        source="assumed",
        evidence="assumed",
        bounds=(3.0, 4.2),
        prior_sd=0.05,
    )
    threshold: Scalar = parameter(
        0.159,
        "J/cm**2",
        "Fluence that breaks half of the melanosomes by nanosecond pulses of 800 nm; bovine",
        source="melanosome_cavitation",
        evidence="measured",
        bounds=(0.05, 0.5),
    )
    short_power: Scalar = parameter(
        3.33,
        "dimensionless",
        "Power of the threshold over wavelength below 800 nm, that of melanin's absorption",
        source="jacques_optics",
        evidence="measured",
        bounds=(2.0, 5.0),
        prior_sd=0.1,
    )
    long_power: Scalar = parameter(
        5.1,
        "dimensionless",
        "The same above 800 nm, through 4.5 J/cm2 at 1540 nm",
        source="melanosome_cavitation",
        evidence="fitted",
        bounds=(3.0, 7.0),
        prior_sd=0.1,
    )
    threshold_spread: Scalar = parameter(
        0.5,
        "dimensionless",
        "Spread of the logarithm of thresholds, sizes and loads together",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 1.5),
    )
    backscatter: Scalar = parameter(
        6.9,
        "dimensionless",
        "Fluence gained at the surface per diffuse reflectance, a wide beam",
        source="gardner1996",
        evidence="fitted",
        bounds=(4.0, 9.0),
        prior_sd=0.1,
    )
    spot_half: Scalar = parameter(
        2.0,
        "mm",
        "Spot at which half of the backscattered light is gained",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 8.0),
    )
    skin_temperature: Scalar = parameter(
        306.0,
        "K",
        "Temperature of the skin before the pulse",
        source="assumed",
        evidence="assumed",
        bounds=(300.0, 310.0),
        prior_sd=0.005,
    )
    burn_log_rate: Scalar = parameter(
        226.78474122490758,
        "dimensionless",
        "Logarithm of the rate of damage, 3.1e98 per second",
        source="henriques1947",
        evidence="fitted",
        bounds=(200.0, 250.0),
        prior_sd=0.01,
    )
    burn_energy: Scalar = parameter(
        6.28e5,
        "J/mol",
        "Activation energy of damage",
        source="henriques1947",
        evidence="fitted",
        bounds=(5e5, 7e5),
        prior_sd=0.01,
    )


def declared() -> dict[str, float]:
    """The declared values by name."""
    specs = specifications("laser", LaserParameters)
    return {path.partition(".")[2]: spec.value for path, spec in specs.items()}
