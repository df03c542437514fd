"""Clinical scores as operators on what the tissue does."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter
from ..modelling.ports import Named, observable
from ..modelling.submodel import AbstractReadout

Scalar = Float[Array, ""]


class ClinicalParameters(AbstractParameters):
    """How signs are graded, and the extent of disease of the patient."""

    atopic_extent: Scalar = parameter(
        0.45,
        "dimensionless",
        "Area score of eczema over its maximum when untreated",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 1.0),
        prior_sd=0.5,
    )
    psoriatic_extent: Scalar = parameter(
        0.30,
        "dimensionless",
        "Severity times area of plaques when untreated, PASI over 72",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 1.0),
        prior_sd=0.6,
    )
    redness_half: Scalar = parameter(
        350.0,
        "pg/mL",
        "Type-2 signal of half-maximal redness and papules",
        source="assumed",
        evidence="assumed",
        bounds=(30.0, 10000.0),
    )
    barrier_half: Scalar = parameter(
        3.0,
        "dimensionless",
        "Excess water loss of half-maximal oozing and dryness",
        source="assumed",
        evidence="assumed",
        bounds=(0.2, 30.0),
    )
    thickness_half: Scalar = parameter(
        100.0,
        "um",
        "Excess epidermal thickness of half-maximal lichenification",
        source="assumed",
        evidence="assumed",
        bounds=(10.0, 1000.0),
    )
    healthy_density: Scalar = parameter(
        79828.0,
        "cell/mm**2",
        "Keratinocytes of healthy skin",
        source="shmarov2022",
        evidence="fitted",
        bounds=(4e4, 2e5),
        prior_sd=0.1,
    )
    psoriatic_density: Scalar = parameter(
        266012.0,
        "cell/mm**2",
        "Keratinocytes of a plaque",
        source="shmarov2022",
        evidence="fitted",
        bounds=(1e5, 6e5),
        prior_sd=0.1,
    )
    healthy_Th17: Scalar = parameter(
        1556.09,
        "cell/mm**2",
        "Th17 cells of healthy skin",
        source="shmarov2022",
        evidence="fitted",
        bounds=(300.0, 5000.0),
        prior_sd=0.1,
    )
    psoriatic_Th17: Scalar = parameter(
        4783.0,
        "cell/mm**2",
        "Th17 cells of a plaque",
        source="shmarov2022",
        evidence="fitted",
        bounds=(2000.0, 20000.0),
        prior_sd=0.1,
    )
    healthy_differentiated: Scalar = parameter(
        50529.3,
        "cell/mm**2",
        "Differentiated cells of healthy skin",
        source="shmarov2022",
        evidence="fitted",
        bounds=(2e4, 1.5e5),
        prior_sd=0.1,
    )
    psoriatic_differentiated: Scalar = parameter(
        173504.0,
        "cell/mm**2",
        "Differentiated cells of a plaque",
        source="shmarov2022",
        evidence="fitted",
        bounds=(8e4, 5e5),
        prior_sd=0.1,
    )


class ClinicalScores(AbstractReadout):
    """EASI, SCORAD, IGA, itch, PASI.

    Signs are graded 0 to 1 by saturating functions of what the model computes: redness and
    papules by type-2 cytokines, excoriation by scratching, oozing and dryness by water loss,
    lichenification by thickness. EASI = 72 · mean sign · extent; SCORAD = area/5 + 7B/2 + C.
    PASI is 72 · extent · mean of three relative excesses (Shmarov 2022). IGA is read from the
    mean sign.
    """

    name = "clinic"
    Parameters = ClinicalParameters
    observables = (
        observable(
            "easi",
            "dimensionless",
            "Eczema Area and Severity Index, 0-72",
            noise="additive",
            noise_size=2.5,
        ),
        observable(
            "scorad",
            "dimensionless",
            "Scoring Atopic Dermatitis, 0-103",
            noise="additive",
            noise_size=6.0,
        ),
        observable(
            "iga",
            "dimensionless",
            "Investigator's Global Assessment, 0-4, continuous",
            noise="additive",
            noise_size=0.5,
        ),
        observable(
            "itch_nrs",
            "dimensionless",
            "Itch, numerical rating 0-10",
            noise="additive",
            noise_size=1.0,
        ),
        observable(
            "pasi",
            "dimensionless",
            "Psoriasis Area and Severity Index, 0-72",
            noise="additive",
            noise_size=1.0,
            source="shmarov2022",
        ),
    )

    def observe(self, states: Any, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        """See `observables`."""
        redness = _hill(ports.infiltrate / params.redness_half)
        dryness = _hill(jnp.maximum(ports.barrier_stress, 0.0) / params.barrier_half)
        volume = ports.epidermal_thickness / ports.keratinocyte_density
        excess = ports.epidermal_thickness - volume * params.healthy_density
        lichenification = _hill(_positive(excess, params.thickness_half) / params.thickness_half)
        scratching = ports.scratching
        signs = (redness + redness + scratching + 0.5 * (lichenification + dryness)) / 4.0
        itch = ports.itch
        intensity = 18.0 * signs
        scorad = 20.0 * params.atopic_extent + 3.5 * intensity + 10.0 * itch + 6.0 * itch
        cells = states["keratinocytes"]
        relative = (
            _relative(ports.keratinocyte_density, params.healthy_density, params.psoriatic_density)
            + _relative(ports.t_helper_17, params.healthy_Th17, params.psoriatic_Th17)
            + _relative(
                cells.differentiated, params.healthy_differentiated, params.psoriatic_differentiated
            )
        ) / 3.0
        return {
            "easi": 72.0 * params.atopic_extent * signs,
            "scorad": scorad,
            "iga": 4.0 * _hill(3.0 * signs),
            "itch_nrs": 10.0 * itch,
            "pasi": 72.0 * params.psoriatic_extent * relative,
        }


def _hill(x: Any) -> Any:
    return x / (1.0 + x)


def _positive(x: Any, scale: Any) -> Any:
    """Smooth positive part with a corner of a hundredth of `scale`."""
    return 0.5 * (x + jnp.sqrt(x**2 + (0.02 * scale) ** 2))


def _relative(value: Any, healthy: Any, diseased: Any) -> Any:
    return _positive((value - healthy) / (diseased - healthy), 1.0)
