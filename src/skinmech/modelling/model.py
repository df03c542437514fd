"""SkinModel: sub-models wired together into one right-hand side."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from ..numerics.grid import Depth1D
from ..numerics.operators import remove_top
from .layout import StateLayout, arrange
from .parameters import ParameterSpec, SkinParameters, specifications, to_internal
from .ports import CORNEUM, EPIDERMIS, Named, ObservableSpec, PortSpec
from .submodel import AbstractReadout, AbstractSubmodel
from .units import UnitSystem, compatible


class WiringError(ValueError):
    """Ports of the sub-models do not fit together; the message lists every misfit."""


class SkinModel(eqx.Module):
    """Sub-models on shared grids, wired by ports.

    Attributes:
        submodels: In the order their states are laid out.
        environment: Ports given from outside (climate, perfusion, ...), constant in a segment.
        grids: `"corneum"` and `"epidermis"` to their depth grids.
        system: The internal unit system.
    """

    submodels: tuple[AbstractSubmodel, ...]
    environment: tuple[PortSpec, ...] = eqx.field(static=True)
    readouts: tuple[AbstractReadout, ...]
    grids: dict[str, Depth1D]
    system: UnitSystem = eqx.field(static=True)

    def __init__(
        self,
        submodels: Sequence[AbstractSubmodel],
        environment: Sequence[PortSpec] = (),
        readouts: Sequence[AbstractReadout] = (),
        *,
        corneum_cells: int = 12,
        epidermis_cells: int = 20,
        system: UnitSystem | None = None,
    ):
        """Wire the sub-models and check that every port fits.

        Args:
            submodels: What the skin is made of.
            environment: Ports that come from outside.
            readouts: What is measured on it.
            corneum_cells: Cells of the stratum corneum grid.
            epidermis_cells: Cells of the viable epidermis grid.
            system: Internal unit system.

        Raises:
            WiringError: two providers, a missing provider, or a unit or grid that differs.
        """
        self.submodels = tuple(submodels)
        self.environment = tuple(environment)
        self.readouts = tuple(readouts)
        self.grids = {
            CORNEUM: Depth1D.uniform(corneum_cells),
            EPIDERMIS: Depth1D.uniform(epidermis_cells),
        }
        self.system = UnitSystem() if system is None else system
        _check_wiring(self.submodels, self.environment)

    @property
    def layout(self) -> StateLayout:
        """Where each state lies in the flat vector."""
        owned = [(sub.name, spec) for sub in self.submodels for spec in sub.states]
        cells = self.grids[CORNEUM].num_cells, self.grids[EPIDERMIS].num_cells
        return arrange(owned, *cells)

    def parameters(self) -> SkinParameters:
        """The declared default of every parameter, by sub-model, in declared units."""
        return {part.name: part.Parameters() for part in (*self.submodels, *self.readouts)}

    def specifications(self) -> dict[str, ParameterSpec]:
        """What is declared about every parameter, by path."""
        specs: dict[str, ParameterSpec] = {}
        for part in (*self.submodels, *self.readouts):
            specs |= specifications(part.name, part.Parameters)
        return specs

    def observables(self) -> dict[str, ObservableSpec]:
        """Every observable by name, with unit and noise model."""
        return {spec.name: spec for readout in self.readouts for spec in readout.observables}

    def default_environment(self) -> dict[str, Any]:
        """The default of every environment port, in declared units."""
        return {spec.name: _full(spec, spec.default or 0.0) for spec in self.environment}

    def arguments(
        self, params: SkinParameters, environment: Mapping[str, Any] | None = None
    ) -> tuple[SkinParameters, dict[str, Any]]:
        """What `tendency` takes as `args`: parameters and environment in internal units."""
        given = self.default_environment() | dict(environment or {})
        factors = {spec.name: self.system.factor(spec.unit) for spec in self.environment}
        inside = {name: jnp.asarray(value) * factors[name] for name, value in given.items()}
        return to_internal(params, self.system), inside

    def scales(self) -> np.ndarray:
        """Typical size of every flat position, internal units, shape (size,); padding 1."""
        layout = self.layout
        sizes = [
            np.full(int(np.prod(shape, dtype=int)), spec.scale * self.system.factor(spec.unit))
            for _, spec, shape, _ in layout.pieces
        ]
        padded = np.append(np.concatenate(sizes), 1.0)
        return padded[layout.inverse]

    def pack(self, states: Mapping[str, Mapping[str, Any]]) -> Any:
        """Named states (internal units) to the flat scaled vector, shape (size,)."""
        layout = self.layout
        parts = [
            jnp.ravel(jnp.asarray(states[sub][spec.name])) for sub, spec, _, _ in layout.pieces
        ]
        joined = jnp.concatenate([*parts, jnp.zeros(1)])
        return joined[layout.inverse] / self.scales()

    def unpack(self, y: Any) -> dict[str, Named]:
        """The flat scaled vector to named states by sub-model, internal units."""
        layout = self.layout
        used = (y * self.scales())[layout.order]
        states: dict[str, Named] = {sub.name: Named() for sub in self.submodels}
        for sub, spec, shape, start in layout.pieces:
            count = int(np.prod(shape, dtype=int))
            states[sub][spec.name] = used[start : start + count].reshape(shape)
        return states

    def initial_state(self, params: SkinParameters) -> Any:
        """A start near healthy skin as the flat scaled vector, shape (size,)."""
        inside = to_internal(params, self.system)
        states = {
            sub.name: sub.initial_state(inside[sub.name], self.grids) for sub in self.submodels
        }
        return self.pack(states)

    def evaluate(self, t: Any, y: Any, args: Any) -> tuple[dict[str, Named], Named]:
        """All states and ports at one time, internal units."""
        params, environment = args
        states = self.unpack(y)
        outside = Named(environment)
        ports = Named(environment)
        for sub in self.submodels:
            ports.update(sub.outputs(t, states[sub.name], outside, params[sub.name]))
        self._fill_defaults(ports)
        for sub in self.submodels:
            if sub.derives:
                given = sub.derived(t, states[sub.name], ports, params[sub.name], self.grids)
                ports.update(given)
        return states, ports

    def _fill_defaults(self, ports: Named) -> None:
        derived = {spec.name for sub in self.submodels for spec in sub.derives}
        cells = {name: grid.num_cells for name, grid in self.grids.items()}
        for sub in self.submodels:
            for spec in sub.requires:
                if spec.name not in ports and spec.name not in derived:
                    value = _full(spec, spec.default or 0.0, cells)
                    ports[spec.name] = value * self.system.factor(spec.unit)

    def observe(self, t: Any, y: Any, args: Any) -> dict[str, Any]:
        """Every observable at one time, in its declared unit."""
        params, _ = args
        states, ports = self.evaluate(t, y, args)
        values: dict[str, Any] = {}
        for readout in self.readouts:
            given = readout.observe(states, ports, params[readout.name], self.grids)
            for spec in readout.observables:
                values[spec.name] = given[spec.name] / self.system.factor(spec.unit)
        return values

    def after_events(self, t: Any, y: Any, args: Any, events: Named) -> Any:
        """The flat state right after the events of a break.

        Args:
            events: `dose` (slots, 3) [nM], `fluence` [J/cm²], `strips` (number of tape strips).
        """
        params, _ = args
        states, ports = self.evaluate(t, y, args)
        grid = self.grids[CORNEUM]
        dry = ports.get("corneum_dry_thickness", jnp.asarray(1.0))
        wanted = events["strips"] * ports.get("strip_depth", jnp.asarray(0.0)) / dry
        # Strips take ever less as the corneum thins; a fifth always stays.
        removed = 0.8 * (1.0 - jnp.exp(-wanted / 0.8))
        told = Named(events) | {"removed_fraction": removed}
        after: dict[str, Any] = {}
        for sub in self.submodels:
            old = states[sub.name]
            new = dict(old)
            if sub.jumps:
                params_of = params[sub.name]
                new |= sub.jump(t, old, ports, Named(told), params_of, self.grids)
            for spec in sub.states:
                if spec.grid == CORNEUM:
                    new[spec.name] = remove_top(new[spec.name], removed, grid)
            after[sub.name] = new
        return self.pack(after)

    def tendency(self, t: Any, y: Any, args: Any) -> Any:
        """Right-hand side on the flat scaled vector, shape (size,), per internal time."""
        params, _ = args
        states, ports = self.evaluate(t, y, args)
        rates = {
            sub.name: sub.tendency(t, states[sub.name], ports, params[sub.name], self.grids)
            for sub in self.submodels
        }
        return self.pack(rates)


def _full(spec: PortSpec, value: float, cells: Mapping[str, int] | None = None) -> Any:
    shape = (len(spec.species),) if spec.species else ()
    if spec.grid and cells:
        shape = (*shape, cells[spec.grid])
    return jnp.full(shape, value)


def _check_wiring(submodels: Sequence[AbstractSubmodel], environment: Sequence[PortSpec]) -> None:
    provided: dict[str, tuple[str, PortSpec]] = {}
    problems: list[str] = []
    offers = [("environment", spec) for spec in environment]
    offers += [(sub.name, spec) for sub in submodels for spec in (*sub.provides, *sub.derives)]
    for owner, spec in offers:
        if spec.name in provided:
            problems.append(
                f"Expected exactly one provider of port '{spec.name}', "
                f"got '{provided[spec.name][0]}' and '{owner}'."
            )
        provided[spec.name] = (owner, spec)
    for sub in submodels:
        for spec in sub.requires:
            if spec.name not in provided:
                if spec.default is None:
                    near = difflib.get_close_matches(spec.name, provided, n=3, cutoff=0.4)
                    hint = f" Nearest: {', '.join(near)}." if near else ""
                    problems.append(
                        f"Unable to find a provider of port '{spec.name}' that '{sub.name}' "
                        f"requires.{hint} Add the sub-model that provides it."
                    )
                continue
            owner, given = provided[spec.name]
            if not compatible(spec.unit, given.unit):
                problems.append(
                    f"Port '{spec.name}': '{sub.name}' expects {spec.unit}, "
                    f"'{owner}' gives {given.unit}."
                )
            if (spec.grid, spec.species) != (given.grid, given.species):
                problems.append(
                    f"Port '{spec.name}': '{sub.name}' expects it on {spec.grid} with "
                    f"species {spec.species}, '{owner}' gives {given.grid}, {given.species}."
                )
    if problems:
        raise WiringError("\n".join(problems))
