"""The seam every sub-model is written against."""

import abc
from typing import Any, ClassVar

import equinox as eqx

from .parameters import AbstractParameters
from .ports import Named, ObservableSpec, PortSpec, StateSpec


class AbstractSubmodel(eqx.Module):
    """One piece of skin biology: its states, its parameters and its equations.

    Evaluation has three phases, so there is no retry and no algebraic loop:

    1. `outputs`: ports from the own state and the environment alone;
    2. `derived`: ports that follow from the own state, from phase 1 and from what sub-models
       listed earlier in the model derived (signalling before the cells that feel it);
    3. `tendency`: the time derivative of the own state, which may read every port.

    All quantities are plain numbers in the internal unit system. Depth axes run from the
    surface down: index 0 is the outermost cell. A family of species is one array with the
    species on its leading axis.

    Attributes:
        name: Name of the folder and of the sub-model in parameter paths.
        Parameters: The module of declared parameters.
        states: What the sub-model owns.
        provides: Ports given by `outputs`.
        derives: Ports given by `derived`.
        requires: Ports read in `derived` or `tendency`.
        jumps: Whether events at a break change the own state (`jump`).
    """

    name: ClassVar[str]
    Parameters: ClassVar[type[AbstractParameters]]
    states: ClassVar[tuple[StateSpec, ...]] = ()
    provides: ClassVar[tuple[PortSpec, ...]] = ()
    derives: ClassVar[tuple[PortSpec, ...]] = ()
    requires: ClassVar[tuple[PortSpec, ...]] = ()
    jumps: ClassVar[bool] = False

    def jump(
        self, t: Any, state: Named, ports: Named, events: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """The own state right after the events of a break; only called where `jumps` is True.

        Args:
            events: `dose` (slots, 3), `fluence`, `removed_fraction` of the corneum.
        """
        raise NotImplementedError(f"'{self.name}' sets jumps but defines no jump.")

    @abc.abstractmethod
    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """A start near healthy skin, one array per state, internal units."""

    @abc.abstractmethod
    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Ports of phase 1, from the own state and what is given from outside."""

    @abc.abstractmethod
    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Ports of phase 2, from the own state and the ports so far (empty: none)."""

    @abc.abstractmethod
    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Time derivative of each state, internal units per internal time."""


class AbstractReadout(eqx.Module):
    """Operators from states and ports to what is measured.

    Attributes:
        name: Name in parameter paths and of the file.
        Parameters: The module of declared parameters (units inside: as declared).
        observables: What `observe` gives, in this order.
    """

    name: ClassVar[str]
    Parameters: ClassVar[type[AbstractParameters]]
    observables: ClassVar[tuple[ObservableSpec, ...]] = ()

    @abc.abstractmethod
    def observe(self, states: Any, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        """Values by observable name, internal units."""
