"""The ODE part of a skin model as SBML Level 3 Version 2, for any other simulator.

A model without transport over depth (`culture_model`, or any model on one cell a layer) is a
system of ordinary differential equations, dx/dt = f(t, x, parameters, environment). Its states
become parameters with rate rules, in internal units (times in days where the unit system counts
days); parameters and environment keep their declared units; changes of the environment become
events; every observable is an assignment rule of its own name.

Doses of drugs, light and tape strips act on the state at once and are not supported: give free
drug in the medium. Drugs of the protocol enter with their numbers. Models with several cells a
layer are written too, as what they are to the solver, with one state a cell.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from skinmech.modelling.model import SkinModel
from skinmech.modelling.parameters import get
from skinmech.protocol import Protocol
from skinmech.schedule import Schedule, schedule
from skinmech.settings import Setting
from skinmech.simulate import simulator

from .errors import InterchangeError, UnsupportedError, require
from .expression import TIME, Expr, symbol
from .symbolic import Walker

_INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "^"}
_RELATION = {"lt": "<", "leq": "<=", "gt": ">", "geq": ">=", "eq": "==", "neq": "!="}
_LOGIC = {"and": "&&", "or": "||"}


@dataclasses.dataclass(frozen=True)
class Written:
    """An SBML document and what its names mean.

    Attributes:
        text: The document.
        parameters: Identifier of every parameter, by path in the model.
        environment: Identifier of every environment value, by name or `name[member]`.
        states: Identifiers in the order of the flat state.
        day: Length of a day in the document's time.
    """

    text: str
    parameters: dict[str, str]
    environment: dict[str, str]
    states: tuple[str, ...]
    day: float

    def save(self, path: str | Path) -> Path:
        """Write the document."""
        path = Path(path)
        path.write_text(self.text, encoding="utf-8")
        return path


def export_sbml(
    model: SkinModel,
    protocol: Protocol,
    setting: Setting,
    *,
    parameters: Mapping[str, float] | None = None,
    start: Any = None,
    events: bool = True,
    varies: frozenset[str] = frozenset(),
) -> Written:
    """Write a model under a protocol as SBML.

    Args:
        model: The model.
        protocol: What is done; changes of the environment only.
        setting: Where the tissue lives.
        parameters: Paths to values other than the defaults.
        start: Flat state at the start; None: the steady state in the first surroundings.
        events: Whether to write the protocol's changes; without, the first surroundings stay,
            and every value of the environment may be changed from outside.
        varies: Paths of parameters that may be changed from outside.

    Raises:
        UnsupportedError: doses, light or strips; or a model with operations that have no formula.
        SimulationError: there is no steady state to start from.
        ImportError: python-libsbml is not installed; the message names the extra.
    """
    library = require("libsbml")
    plan = schedule(model, protocol, setting)
    refuse_jumps(plan)
    machine = simulator(model)
    values = dict(parameters or {})
    if start is None:
        start = machine.steady(parameters=values, setting=setting)
    names = _Names(model, values, plan)
    walker, rates, seen = _formulas(model, names, plan)
    document = library.SBMLDocument(3, 2)
    sbml = document.createModel()
    sbml.setId("skinmech")
    scales = model.scales()
    for i, name in enumerate(names.states):
        _parameter(sbml, name, float(start[i]) * scales[i], constant=False)
    for path, (name, value) in names.parameters.items():
        _parameter(sbml, name, value, label=path, constant=path not in varies)
    changing = names.changing if events else set(names.environment)
    for key, (name, value) in names.environment.items():
        _parameter(sbml, name, value, label=key, constant=key not in changing)
    for name, expr in walker.definitions.items():
        _parameter(sbml, name, None, constant=False)
        _rule(library, sbml.createAssignmentRule(), name, expr)
    for name, expr in seen.items():
        _parameter(sbml, name, None, constant=False)
        _rule(library, sbml.createAssignmentRule(), name, expr)
    for name, expr in zip(names.states, rates, strict=True):
        _rule(library, sbml.createRateRule(), name, expr)
    if events:
        _events(library, sbml, names, plan)
    errors = [
        document.getError(i).getMessage().strip()
        for i in range(document.getNumErrors())
        if document.getError(i).getSeverity() >= library.LIBSBML_SEV_ERROR
    ]
    if errors:
        raise InterchangeError("\n".join(["The model written is no valid SBML:", *errors]))
    return Written(
        library.writeSBMLToString(document),
        {path: name for path, (name, _) in names.parameters.items()},
        {key: name for key, (name, _) in names.environment.items()},
        tuple(names.states), model.system.factor("day"),
    )  # fmt: skip


def identifier(text: str) -> str:
    """A text as an SBML identifier."""
    plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return plain if not plain[:1].isdigit() else f"_{plain}"


class _Names:
    """Identifiers and values of everything that has one."""

    def __init__(self, model: SkinModel, values: Mapping[str, float], plan: Schedule):
        layout = model.layout
        taken: set[str] = set(map(identifier, model.observables()))

        def new(text: str) -> str:
            name = base = identifier(text)
            while name in taken:
                base += "_"
                name = base
            taken.add(name)
            return name

        size = len(model.scales())
        self.states = [""] * size
        position = 0
        for owner, spec, shape, _ in layout.pieces:
            for at in np.ndindex(*shape):
                labels = [spec.species[at[0]]] if spec.species else []
                labels += [str(k) for k in at[len(labels) :] if np.prod(shape[len(labels) :]) > 1]
                self.states[int(layout.order[position])] = new(
                    "_".join([owner, spec.name, *labels])
                )
                position += 1
        for i, name in enumerate(self.states):
            self.states[i] = name or new(f"padding_{i}")
        specs = model.specifications()
        self.flat, self.unravel = ravel_pytree(model.parameters())
        places = self.unravel(jnp.arange(len(self.flat), dtype=self.flat.dtype))
        self.places = {path: int(get(places, path)) for path in specs}
        self.parameters = {
            path: (new(path), float(values.get(path, specs[path].value))) for path in specs
        }
        self.environment: dict[str, tuple[str, float]] = {}
        self.changing: set[str] = set()
        self.courses: dict[str, np.ndarray] = {}
        self.ports = {spec.name: spec for spec in model.environment}
        for name, rows in plan.environment.items():
            spec = self.ports[name]
            inside = np.asarray(rows) / model.system.factor(spec.unit)
            columns = inside.reshape(len(inside), -1)
            members = [f"{name}[{m}]" for m in spec.species] if spec.species else [name]
            for key, column in zip(members, columns.T, strict=True):
                self.environment[key] = (new(f"environment_{key}"), float(column[0]))
                self.courses[key] = column
                if np.any(column != column[0]):
                    self.changing.add(key)


def _formulas(
    model: SkinModel, names: _Names, plan: Schedule
) -> tuple[Walker, list[Expr], dict[str, Expr]]:
    """Definitions, rates of the states, and observables."""
    machine = simulator(model)
    scales = jnp.asarray(model.scales())
    observables = list(model.observables())

    def whole(t: Any, x: Any, flat: Any, environment: Any) -> Any:
        inside = machine.arguments(names.unravel(flat), plan.drugs)
        given, position = {}, 0
        for name, rows in plan.environment.items():
            count = int(np.prod(rows.shape[1:], dtype=int))
            part = environment[position : position + count].reshape(rows.shape[1:])
            given[name] = part * model.system.factor(names.ports[name].unit)
            position += count
        args = (inside, given)
        seen = model.observe(t, x / scales, args)
        return model.tendency(t, x / scales, args) * scales, jnp.stack(
            [jnp.asarray(seen[name], float) for name in observables]
        )

    flat = np.empty(len(names.flat), object)
    flat[:] = [Expr("number", value=float(v)) for v in names.flat]
    for path, (name, _) in names.parameters.items():
        flat[names.places[path]] = symbol(name)
    inputs = {
        "t": np.array(TIME, object), "x": _array(names.states), "flat": flat,
        "environment": _array([name for name, _ in names.environment.values()]),
    }  # fmt: skip
    like = {
        "t": 0.0, "x": jnp.ones(len(names.states)), "flat": names.flat,
        "environment": jnp.ones(len(names.environment)),
    }  # fmt: skip
    walker = Walker("shared_")
    rates, seen = walker.trace(whole, inputs, like)
    found = dict(zip(map(identifier, observables), seen, strict=True))
    return walker, list(rates), found


def _array(names: list[str]) -> np.ndarray:
    out = np.empty(len(names), object)
    out[:] = [symbol(name) for name in names]
    return out


def refuse_jumps(plan: Schedule) -> None:
    """Refuse what changes the state at once.

    Raises:
        UnsupportedError: doses, light or strips, by name.
    """
    found = [
        text
        for text, leaf in (("doses of drugs", plan.dose), ("light", plan.fluence),
                           ("tape strips", plan.strips))
        if np.any(np.asarray(leaf) != 0)
    ]  # fmt: skip
    if found:
        raise UnsupportedError(
            f"SBML export does not support {', '.join(found)}: they change the state at once. "
            "Leave them out of the protocol; give free drug by the environment's medium_drug."
        )


def _parameter(
    sbml: Any, name: str, value: float | None, *, label: str = "", constant: bool = True
) -> None:
    one = sbml.createParameter()
    one.setId(name)
    one.setConstant(constant)
    if value is not None:
        one.setValue(value)
    if label:
        one.setName(label)


def _rule(library: Any, rule: Any, name: str, expr: Expr) -> None:
    rule.setVariable(name)
    rule.setMath(_math(library, formula(expr)))


def _math(library: Any, text: str) -> Any:
    tree = library.parseL3Formula(text)
    if tree is None:
        raise InterchangeError(f"Unable to write a formula: {library.getLastParseL3Error()}")
    return tree


def _events(library: Any, sbml: Any, names: _Names, plan: Schedule) -> None:
    boundaries = np.asarray(plan.boundaries)
    for k in range(1, len(boundaries) - 1):
        changed = [key for key in sorted(names.changing)
                   if names.courses[key][k] != names.courses[key][k - 1]]  # fmt: skip
        if not changed:
            continue
        event = sbml.createEvent()
        event.setId(f"change_{k}")
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setInitialValue(True)
        trigger.setPersistent(True)
        trigger.setMath(_math(library, f"time >= {float(boundaries[k])!r}"))
        for key in changed:
            assignment = event.createEventAssignment()
            assignment.setVariable(names.environment[key][0])
            assignment.setMath(_math(library, repr(float(names.courses[key][k]))))


def formula(expr: Expr) -> str:
    """An expression in the infix notation of SBML Level 3."""
    if expr.op == "number":
        value = float(expr.value)  # pyright: ignore[reportArgumentType]
        if not np.isfinite(value):
            return {np.inf: "infinity", -np.inf: "(-infinity)"}.get(value, "notanumber")
        return repr(value) if value >= 0 else f"(-{-value!r})"
    if expr.op == "bool":
        return "true" if expr.value else "false"
    if expr.op == "symbol":
        return str(expr.value)
    if expr.op == "time":
        return "time"
    args = [formula(arg) for arg in expr.args]
    if expr.op in _INFIX:
        return "(" + f" {_INFIX[expr.op]} ".join(args) + ")"
    if expr.op in _RELATION or expr.op in _LOGIC:
        return "(" + f" {(_RELATION | _LOGIC)[expr.op]} ".join(args) + ")"
    if expr.op == "negate":
        return f"(-{args[0]})"
    if expr.op == "not":
        return f"(!{args[0]})"
    return f"{expr.op}({', '.join(args)})"
