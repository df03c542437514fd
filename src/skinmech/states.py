"""Attractors of the one model: healthy, atopic and psoriatic skin, and who is prone to which."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from .modelling.model import SkinModel
from .modelling.parameters import SkinParameters, to_internal
from .modelling.ports import Named
from .modelling.species import cytokine
from .numerics import kept_array
from .settings import Setting, in_vivo
from .simulate import Simulator, resolve, simulator

DONORS: dict[str, dict[str, float]] = {
    "healthy": {},
    "atopic": {
        "keratinocytes.filaggrin_dose": 0.6,
        "immunity.antigen_load": 3.0,
        "immunity.Th2_rate": 100.0,
        "immunity.alarmin_half": 90.0,
    },
    "psoriatic": {},
}
"""Donor parameters by disease, paths to values. The atopic donor carries one filaggrin null allele
and a type-2 endotype; psoriasis is the second attractor of the healthy parameters. Assumed."""


def attractor(
    model: SkinModel | Simulator,
    disease: str,
    parameters: SkinParameters | Mapping[str, float] | None = None,
    setting: Setting | None = None,
) -> Float[Array, "state"]:
    """The steady state of a disease, as the flat scaled state.

    The search starts from a state with the marks of the disease; where the parameters do not
    sustain it, the search ends in healthy skin, which is then the answer.

    Args:
        model: The coupled model or its simulator.
        disease: `"healthy"`, `"atopic"` or `"psoriatic"`.
        parameters: Paths to values or full parameters; default those of `DONORS`.
        setting: Surroundings; default in vivo.

    Raises:
        ValueError: an unknown disease.
        SimulationError: the search did not converge.
    """
    engine = model if isinstance(model, Simulator) else simulator(model)
    if parameters is None and setting is None and disease in DONORS:
        return jnp.asarray(_usual(engine, disease))
    return _searched(engine, disease, parameters, setting)


def _usual(engine: Simulator, disease: str) -> Any:
    """The attractor of the disease's own donor in vivo, as an earlier process found it."""
    told = f"{engine.code} {engine.arithmetic} {disease}"
    return kept_array("attractor", told, lambda: _searched(engine, disease, None, None))


def _searched(
    engine: Simulator,
    disease: str,
    parameters: SkinParameters | Mapping[str, float] | None,
    setting: Setting | None,
) -> Any:
    given = DONORS.get(disease) if parameters is None else parameters
    params = resolve(engine.model, given)
    guess = marked(engine.model, params, disease)
    return engine.steady(parameters=params, setting=setting or in_vivo(), guess=guess)


def marked(model: SkinModel, params: SkinParameters, disease: str) -> Any:
    """A state with the marks of a disease, to start a search for its attractor.

    Psoriatic marks are the published cell densities of a plaque (Shmarov 2022); atopic ones are
    a Th2 infiltrate and a leaking barrier.

    Raises:
        ValueError: an unknown disease.
    """
    if disease not in DONORS:
        raise ValueError(f"Unrecognized disease: '{disease}'. Expected one of {', '.join(DONORS)}.")
    inside = to_internal(params, model.system)
    states = {
        part.name: Named(part.initial_state(inside[part.name], model.grids))
        for part in model.submodels
    }
    if disease == "psoriatic":
        cells, immune = states["keratinocytes"], states["immunity"]
        cells["stem"] = 3.178 * cells["stem"]
        cells["transit"] = 3.165 * cells["transit"]
        cells["differentiated"] = 3.434 * cells["differentiated"]
        cells["growth"] = 3.0 * cells["growth"]
        cells["corneum_thickness"] = 3.0 * cells["corneum_thickness"]
        for name in ("th17", "dendritic", "il23"):
            immune[name] = 3.073 * immune[name]
        per_day = 0.5 * inside["cytokines"].clearance[0]
        secreted = inside["immunity"].IL17_secretion * immune["th17"] / per_day
        both = jnp.asarray([cytokine("IL-17A"), cytokine("TNF")])
        cytokines = states["cytokines"]
        cytokines["compartment"] = cytokines["compartment"].at[both].set(secreted)
        cytokines["epidermis"] = cytokines["epidermis"].at[both].set(0.9 * secreted)
    elif disease == "atopic":
        immune = states["immunity"]
        immune["th2"] = jnp.asarray(12.0)
        immune["th22"] = jnp.asarray(15.0)
        immune["th1"] = jnp.asarray(2.0)
        immune["pathogens"] = jnp.asarray(0.3)
        states["keratinocytes"]["stress"] = jnp.asarray(4.0)
    return model.pack(states)
