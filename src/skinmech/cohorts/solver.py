"""The one narrow way from a patient and a therapy to observables: `PatientSolver`.

Everything above (chunks, files, workers, clusters) goes through these methods, so that another way
of computing, such as a compiled kernel, replaces `ModelSolver` and nothing else.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol as Interface

import jax
import jax.numpy as jnp
import numpy as np

from ..modelling.model import SkinModel
from ..modelling.parameters import ParameterError, SkinParameters, check, get
from ..numerics import Status
from ..numerics.programs import own_source
from ..protocol import Protocol, ProtocolError
from ..schedule import schedule
from ..settings import Setting, in_vivo
from ..simulate import Simulator
from .patients import Patient
from .plans import USUAL_WEIGHT, Plans, Therapy, for_weight


class PatientOutcome(NamedTuple):
    """What became of one patient under one therapy.

    Attributes:
        values: Observables in declared units, shape (time, observable); NaN unless OK.
        status: How the solve ended.
        num_steps: Steps tried.
    """

    values: np.ndarray
    status: Status
    num_steps: int = 0


class PatientSolver(Interface):
    """Simulates one patient. Calls may come from several threads at once."""

    @property
    def identity(self) -> str:
        """All that results depend on besides the arguments."""
        ...

    @property
    def units(self) -> Mapping[str, str]:
        """Observables in the order of the last axis of values, with their units."""
        ...

    def prepare(self, therapies: Sequence[Therapy], patient: Patient) -> None:
        """Compile, trying on a patient, and refuse therapies that cannot be carried out."""
        ...

    def begin(self, patient: Patient) -> Any:
        """The patient before treatment, shared by all therapies.

        Raises:
            ValueError: the patient's values do not make sense.
            RuntimeError: the patient cannot be simulated.
        """
        ...

    def solve(self, patient: Patient, therapy: Therapy, start: Any) -> PatientOutcome:
        """One therapy, from what `begin` gave; numerical failure is a status."""
        ...


class ModelSolver:
    """Patients of the coupled model, each from its own steady state.

    Args:
        engine: The simulator.
        observe: Observables to report; None: all.
        guess: Flat scaled state near which steady states are searched; None: healthy skin.
        setting: Where the skin lives; default in vivo.
    """

    def __init__(
        self,
        engine: Simulator,
        observe: Sequence[str] | None = None,
        guess: Any = None,
        setting: Setting | None = None,
    ):
        known = engine.model.observables()
        names = list(known) if observe is None else list(observe)
        self.engine = engine
        self.units = {name: known[name].unit for name in names}
        self._specs = engine.model.specifications()
        self._parameters = _Parameters(engine.model)
        self._plans: dict[str, Plans] = {}
        self._setting = setting or in_vivo()
        self._guess = None if guess is None else jnp.asarray(guess)
        self._quiet = schedule(engine.model, Protocol(1.0), self._setting)
        near = b"" if guess is None else np.asarray(guess, float).tobytes()
        place = repr(sorted(self._setting.environment.items()))
        told = (
            f"{engine.identity} {own_source()} {engine.arithmetic} {names} {place}".encode() + near
        )
        self.identity = hashlib.sha256(told).hexdigest()

    def prepare(self, therapies: Sequence[Therapy], patient: Patient) -> None:
        """Check every therapy and compile one program for each shape among them.

        Raises:
            ProtocolError: therapies that cannot be carried out; all are listed.
        """
        shapes: dict[tuple[int, int], Therapy] = {}
        problems = []
        for one in therapies:
            try:
                plan = schedule(
                    self.engine.model,
                    for_weight(one.protocol, USUAL_WEIGHT),
                    self._setting,
                    weight=USUAL_WEIGHT,
                )
            except ProtocolError as error:
                problems.append(f"{one.name}: {error}")
                continue
            shapes.setdefault((plan.fluence.shape[0], len(one.times)), one)
        if problems:
            raise ProtocolError("\n".join(problems))
        try:
            start = self.begin(patient)
        except ParameterError:  # told with this patient's results
            patient = Patient(0, {}, USUAL_WEIGHT)
            start = self.begin(patient)
        for one in shapes.values():
            self.solve(patient, one, start)

    def begin(self, patient: Patient) -> tuple[Any, Any, Status]:
        """Full parameters, and the patient's steady state with its status.

        Raises:
            ParameterError: unknown paths or values outside their bounds.
        """
        check(self._specs, patient.parameters)
        params = self._parameters.changed(patient.parameters)
        guess = self._guess
        if guess is None:
            guess = self.engine.model.initial_state(params)
        state, status = self.engine.settle(params, self._quiet, guess)
        return params, state, Status(int(status))

    def solve(self, patient: Patient, therapy: Therapy, start: Any) -> PatientOutcome:
        """See `PatientSolver`."""
        params, state, at_rest = start
        if at_rest != Status.OK:
            return PatientOutcome(np.full((len(therapy.times), len(self.units)), np.nan), at_rest)
        if therapy.name not in self._plans or self._plans[therapy.name].therapy is not therapy:
            self._plans[therapy.name] = Plans(self.engine.model, therapy, self._setting)
        plans = self._plans[therapy.name]
        found = self.engine._run(params, plans.of(patient.weight), state, plans.times)
        status, count = Status(int(found["status"])), len(therapy.times)
        values = np.stack(
            [np.asarray(found["observables"][n])[:count] for n in self.units], axis=-1
        )
        if status != Status.OK:
            values = np.full_like(values, np.nan)
        return PatientOutcome(values, status, int(found["num_steps"]))


class _Parameters:
    """Changes many of a model's parameters at once, where `replace` would take one by one."""

    def __init__(self, model: SkinModel):
        leaves, self._tree = jax.tree.flatten(model.parameters())
        self._shapes = [np.shape(leaf) for leaf in leaves]
        sizes = [int(np.prod(shape)) for shape in self._shapes]
        self._edges = np.cumsum([0, *sizes])
        self._default = np.concatenate([np.ravel(np.asarray(leaf, float)) for leaf in leaves])
        numbered = self._whole(np.arange(len(self._default), dtype=float))
        self._places = {path: int(get(numbered, path)) for path in model.specifications()}

    def _whole(self, values: np.ndarray) -> SkinParameters:
        parts = zip(self._edges, self._edges[1:], self._shapes, strict=False)
        leaves = [values[start:stop].reshape(shape) for start, stop, shape in parts]
        return jax.tree.unflatten(self._tree, leaves)

    def changed(self, changes: Mapping[str, float]) -> SkinParameters:
        """All parameters in declared units, with changes by path."""
        values = self._default.copy()
        for path, value in changes.items():
            values[self._places[path]] = value
        return self._whole(values)
