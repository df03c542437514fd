"""Parameters, declared once: value, unit, description, source, evidence, bounds, prior, scope.

Simulation reads the values, calibration the specifications, documentation both. Nothing in
the model says which parameters are free: the free set of a fit is a list of paths such as
`"barrier.water_diffusivity"` or `"cytokines.clearance[IL-13]"`.
"""

import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from .units import UnitSystem, check_unit

EVIDENCE = ("measured", "fitted", "assumed")
SCOPES = ("donor", "setting", "study")
_DEFAULT_PRIOR_SD = {"measured": 0.2, "fitted": 0.3, "assumed": 0.5}


@dataclasses.dataclass(frozen=True)
class Prior:
    """A prior in natural units: log-normal (`sd` of the logarithm) or normal (`sd` in the unit)."""

    kind: str
    location: float
    sd: float

    def log_density(self, value: Any) -> Any:
        """Log density at `value` (same unit as the parameter), up to no constant."""
        if self.kind == "log-normal":
            z = (jnp.log(value) - math.log(self.location)) / self.sd
            return -0.5 * z**2 - jnp.log(value * self.sd) - 0.5 * math.log(2 * math.pi)
        z = (value - self.location) / self.sd
        return -0.5 * z**2 - math.log(self.sd) - 0.5 * math.log(2 * math.pi)


@dataclasses.dataclass(frozen=True)
class ParameterSpec:
    """All that is declared about one scalar parameter.

    Attributes:
        path: `submodel.name` or `submodel.name[label]`.
        value: Default, in `unit`.
        bounds: Physiological limits, in `unit`.
        transform: `"log"` (positive) or `"identity"`: the coordinate calibration works in.
        scope: `"donor"` (shared by a donor's chip and clinic), `"setting"` or `"study"`.
        evidence: `"measured"`, `"fitted"` or `"assumed"`.
        source: Key of the literature reference, or `"assumed"`.
    """

    path: str
    value: float
    unit: str
    description: str
    source: str
    evidence: str
    bounds: tuple[float, float]
    prior: Prior
    transform: str
    scope: str


def parameter(
    value: float | tuple[float, ...],
    unit: str,
    description: str,
    *,
    source: str,
    evidence: str,
    bounds: tuple[float, float],
    prior_sd: float | None = None,
    transform: str | None = None,
    scope: str = "donor",
    labels: tuple[str, ...] | None = None,
) -> Any:
    """Declare a parameter as a field of a sub-model's `Parameters` module.

    Args:
        value: Default in `unit`; a tuple for a family, one number per label.
        unit: pint text.
        description: What it is; for an assumed value, why this one.
        source: Key into `references.bib`, or `"assumed"`.
        evidence: `"measured"`, `"fitted"` or `"assumed"`.
        bounds: Physiological limits in `unit`, shared by a family.
        prior_sd: Spread of the prior: of the logarithm (transform `"log"`) or in `unit`
            (`"identity"`). Default by evidence: 0.2, 0.3, 0.5 (times the value if identity).
        transform: `"log"` where the value is positive, else `"identity"`.
        scope: `"donor"`, `"setting"` or `"study"`.
        labels: Names of the members of a family.

    Raises:
        ValueError: evidence or scope is none of the known ones, the value lies outside its
            bounds, or a family has not one label per value.
    """
    if evidence not in EVIDENCE:
        raise ValueError(f"Unrecognized evidence: '{evidence}'. Expected one of {EVIDENCE}.")
    if scope not in SCOPES:
        raise ValueError(f"Unrecognized scope: '{scope}'. Expected one of {SCOPES}.")
    values = value if isinstance(value, tuple) else (value,)
    if isinstance(value, tuple) and (labels is None or len(labels) != len(value)):
        raise ValueError(f"Expected exactly one label per value for '{description}'.")
    for each in values:
        if not bounds[0] <= each <= bounds[1]:
            raise ValueError(f"Value {each} of '{description}' lies outside its bounds {bounds}.")
    if transform is None:
        transform = "log" if min(values) > 0 and bounds[0] > 0 else "identity"
    meta = dict(
        unit=unit,
        description=description,
        source=source,
        evidence=evidence,
        bounds=bounds,
        prior_sd=prior_sd,
        transform=transform,
        scope=scope,
        labels=labels,
    )
    return eqx.field(default=value, converter=_as_array, metadata={"skinmech": meta})


def _as_array(value: Any) -> Any:
    return jnp.asarray(value, jnp.float64)


class AbstractParameters(eqx.Module):
    """Base of every sub-model's `Parameters`: typed fields made with `parameter`."""


def specifications(name: str, parameters: type[AbstractParameters]) -> dict[str, ParameterSpec]:
    """The specifications of one sub-model's parameters, by path, in order of declaration."""
    specs: dict[str, ParameterSpec] = {}
    for field in dataclasses.fields(parameters):
        meta = field.metadata.get("skinmech")
        if meta is None:
            continue
        check_unit(meta["unit"])
        labels = meta["labels"]
        values: Any = field.default if labels else (field.default,)
        for label, value in zip(labels or (None,), values, strict=True):
            path = f"{name}.{field.name}" + (f"[{label}]" if label else "")
            specs[path] = ParameterSpec(
                path=path,
                value=float(value),
                unit=meta["unit"],
                description=meta["description"] + (f" ({label})" if label else ""),
                source=meta["source"],
                evidence=meta["evidence"],
                bounds=meta["bounds"],
                prior=_prior(float(value), meta),
                transform=meta["transform"],
                scope=meta["scope"],
            )
    return specs


def _prior(value: float, meta: Mapping[str, Any]) -> Prior:
    sd = meta["prior_sd"]
    if meta["transform"] == "log":
        return Prior("log-normal", value, sd or _DEFAULT_PRIOR_SD[meta["evidence"]])
    low, high = meta["bounds"]
    default = _DEFAULT_PRIOR_SD[meta["evidence"]] * (abs(value) or (high - low) / 4)
    return Prior("normal", value, sd or default)


class ParameterError(ValueError):
    """One or more parameters are unknown, not numbers, or outside their bounds."""


SkinParameters = dict[str, Any]
"""Values by sub-model: `{"barrier": BarrierParameters(...), ...}`, in declared units."""


def _split(path: str) -> tuple[str, str, str | None]:
    submodel, _, rest = path.partition(".")
    name, _, label = rest.partition("[")
    return submodel, name, label.rstrip("]") or None


def get(params: SkinParameters, path: str) -> Any:
    """The value at `path`, in its declared unit."""
    submodel, name, label = _split(path)
    value = getattr(params[submodel], name)
    return value if label is None else value[_label_index(params, path)]


def _label_index(params: SkinParameters, path: str) -> int:
    submodel, name, label = _split(path)
    for field in dataclasses.fields(params[submodel]):
        if field.name == name:
            return field.metadata["skinmech"]["labels"].index(label)
    raise KeyError(path)


def replace(params: SkinParameters, changes: Mapping[str, Any]) -> SkinParameters:
    """New parameters with `changes` (path to value in the declared unit); differentiable.

    Bounds are not checked here (values may be traced): see `check`.
    """
    new = dict(params)
    for path, value in changes.items():
        submodel, name, label = _split(path)
        value = jnp.asarray(value, jnp.float64)
        if label is not None:
            value = getattr(new[submodel], name).at[_label_index(params, path)].set(value)
        new[submodel] = eqx.tree_at(lambda m, n=name: getattr(m, n), new[submodel], value)
    return new


def check(specs: Mapping[str, ParameterSpec], changes: Mapping[str, float]) -> None:
    """Refuse unknown paths, non-numbers and values outside bounds, all at once.

    Raises:
        ParameterError: with one line per problem: path, found, expected, and the nearest names.
    """
    problems = []
    for path, value in changes.items():
        if path not in specs:
            near = difflib.get_close_matches(path, specs, n=3, cutoff=0.4)
            hint = f" Nearest: {', '.join(near)}." if near else ""
            problems.append(f"Unrecognized parameter: '{path}'.{hint}")
            continue
        low, high = specs[path].bounds
        if not (isinstance(value, (int, float)) and math.isfinite(value)):
            problems.append(f"{path}: expected a finite number in {specs[path].unit}.")
        elif not low <= value <= high:
            problems.append(
                f"{path} = {value:g} {specs[path].unit} lies outside its bounds "
                f"[{low:g}, {high:g}]; use a value inside, or check the unit."
            )
    if problems:
        raise ParameterError("\n".join(problems))


def to_internal(params: SkinParameters, system: UnitSystem) -> SkinParameters:
    """The same parameters as numbers in the internal unit system; differentiable."""
    return {name: _module_to_internal(module, system) for name, module in params.items()}


def _module_to_internal(module: Any, system: UnitSystem) -> Any:
    names: list[str] = []
    values: list[Any] = []
    for field in dataclasses.fields(module):
        meta = field.metadata.get("skinmech")
        if meta is not None:
            names.append(field.name)
            values.append(getattr(module, field.name) * system.factor(meta["unit"]))
    if not names:
        return module
    return eqx.tree_at(lambda m: [getattr(m, n) for n in names], module, values)


def vector(params: SkinParameters, paths: Sequence[str]) -> Any:
    """The values at `paths` as one array, shape (len(paths),), each in its declared unit."""
    return jnp.stack([jnp.asarray(get(params, path)) for path in paths])
