"""Read an SBML file with libsbml into a `Description`, or refuse it by name."""

import math
from pathlib import Path
from typing import Any

from ..errors import InterchangeError, UnsupportedError, refuse, require
from ..expression import Expr, call, number, substitute, symbol, symbols
from .math import Reader
from .model import Compartment, Description, Event, Parameter, Reaction, Species

_UNDERSTOOD = ("l3v2extendedmath",)
"""Required packages that only add formulas which are read anyway."""


def read_description(path: str | Path) -> Description:
    """Read a file.

    Args:
        path: SBML of any level and version, core only.

    Raises:
        InterchangeError: it cannot be read, or its formulas name what is not there.
        UnsupportedError: it uses what is not supported; every feature is named.
        ImportError: libsbml is not installed; the message names the extra.
    """
    libsbml = require("libsbml")
    name = Path(path).name
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InterchangeError(f"Unable to read {name}: {error}.") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InterchangeError(f"{name} declares a document type or entities; remove them.")
    document = libsbml.readSBMLFromString(text)
    log = document.getErrorLog()
    failed = [log.getError(i) for i in range(log.getNumErrors())]
    refuse(
        [
            f"line {one.getLine()}: {' '.join(one.getMessage().split())}"
            for one in failed
            if one.getSeverity() >= libsbml.LIBSBML_SEV_ERROR
        ],
        f"{name} is not valid SBML:",
    )
    model = document.getModel()
    if model is None:
        raise InterchangeError(f"{name} contains no SBML model.")
    return _Reading(libsbml, document, model, name).description()


class _Reading:
    """One pass over one model."""

    def __init__(self, libsbml: Any, document: Any, model: Any, name: str):
        self.lib, self.document, self.model, self.name = libsbml, document, model, name
        self.formulas = Reader(libsbml)
        self.parameters: dict[str, Parameter] = {}

    def description(self) -> Description:
        model = self.model
        refused = list(self._packages())
        for function in model.getListOfFunctionDefinitions():
            if function.isSetMath():
                self.formulas.define(function.getId(), function.getMath())
        compartments = {c.getId(): self._compartment(c) for c in model.getListOfCompartments()}
        species = {s.getId(): self._species(s, compartments) for s in model.getListOfSpecies()}
        for p in model.getListOfParameters():
            value = p.getValue() if p.isSetValue() else None
            self.parameters[p.getId()] = Parameter(p.getId(), value)
        reactions = {}
        for reaction in model.getListOfReactions():
            if reaction.isSetFast() and reaction.getFast():
                refused.append(f"reaction '{reaction.getId()}': fast reactions")
            if not reaction.isSetKineticLaw() or not reaction.getKineticLaw().isSetMath():
                refused.append(f"reaction '{reaction.getId()}': a reaction without kinetic law")
            else:
                reactions[reaction.getId()] = self._reaction(reaction)
        assignments, rates = {}, {}
        for rule in model.getListOfRules():
            if rule.isAlgebraic():
                refused.append("algebraic rules (the model has at least one)")
            elif rule.isSetMath():
                target = rates if rule.isRate() else assignments
                place = f"rule of '{rule.getVariable()}'"
                target[rule.getVariable()] = self.formulas.read(rule.getMath(), place)
        initial = {
            one.getSymbol(): self.formulas.read(
                one.getMath(), f"initial assignment of '{one.getSymbol()}'"
            )
            for one in model.getListOfInitialAssignments()
            if one.isSetMath()
        }
        events = [self._event(i, e) for i, e in enumerate(model.getListOfEvents())]
        refused += [
            f"event '{e.getId() or i + 1}': delayed events"
            for i, e in enumerate(model.getListOfEvents())
            if self._is_delayed(e)
        ]
        found = Description(
            model.getId(), compartments, species, self.parameters, reactions, assignments, rates,
            initial, tuple(e for e in events if e is not None),
            self._names(),
        )  # fmt: skip
        refuse(refused + self.formulas.refused,
               f"{self.name} uses what is not supported:", UnsupportedError)  # fmt: skip
        refuse(_inconsistent(found), f"{self.name} contradicts itself:")
        return found

    def _names(self) -> dict[str, str]:
        model = self.model
        lists = (
            model.getListOfCompartments(),
            model.getListOfSpecies(),
            model.getListOfParameters(),
            model.getListOfReactions(),
        )
        return {one.getId(): one.getName() for some in lists for one in some if one.isSetName()}

    def _packages(self) -> list[str]:
        document = self.document
        if document.getLevel() < 3:
            return []
        names = [document.getPlugin(i).getPackageName() for i in range(document.getNumPlugins())]
        return [
            f"the package '{name}', which changes what the model means"
            for name in names
            if document.getPackageRequired(name) and name not in _UNDERSTOOD
        ]

    def _compartment(self, one: Any) -> Compartment:
        has_size = one.getSpatialDimensionsAsDouble() != 0
        is_set = one.isSetSize() or self.document.getLevel() == 1
        return Compartment(one.getId(), one.getSize() if is_set else None, has_size)

    def _species(self, one: Any, compartments: dict[str, Compartment]) -> Species:
        where = compartments.get(one.getCompartment())
        is_amount = one.getHasOnlySubstanceUnits() or where is None or not where.has_size
        conversion = self.model.getConversionFactor() or None
        if one.isSetConversionFactor():
            conversion = one.getConversionFactor()
        return Species(
            id=one.getId(),
            compartment=one.getCompartment(),
            amount=one.getInitialAmount() if one.isSetInitialAmount() else None,
            concentration=one.getInitialConcentration()
            if one.isSetInitialConcentration()
            else None,
            is_amount=is_amount,
            is_boundary=one.getBoundaryCondition() or one.getConstant(),
            conversion=conversion,
        )

    def _reaction(self, one: Any) -> Reaction:
        law = one.getKineticLaw()
        local: dict[str, Expr] = {}
        for p in [*law.getListOfParameters(), *law.getListOfLocalParameters()]:
            name = f"{one.getId()}.{p.getId()}"
            local[p.getId()] = symbol(name)
            self.parameters[name] = Parameter(name, p.getValue() if p.isSetValue() else None)
        rate = self.formulas.read(law.getMath(), f"reaction '{one.getId()}'")
        changes = []
        for references, sign in ((one.getListOfReactants(), -1.0), (one.getListOfProducts(), 1.0)):
            for reference in references:
                count = self._stoichiometry(reference, one.getId())
                changes.append((reference.getSpecies(), call("multiply", number(sign), count)))
        return Reaction(one.getId(), substitute(rate, local), tuple(changes))

    def _stoichiometry(self, reference: Any, reaction: str) -> Expr:
        if reference.isSetStoichiometryMath():
            return self.formulas.read(
                reference.getStoichiometryMath().getMath(), f"stoichiometry in '{reaction}'"
            )
        value = reference.getStoichiometry()
        if self.document.getLevel() < 3:
            value = value / reference.getDenominator()
        if reference.isSetId() and self.document.getLevel() > 2:
            is_set = reference.isSetStoichiometry() and not math.isnan(value)
            self.parameters[reference.getId()] = Parameter(
                reference.getId(), value if is_set else None
            )
            return symbol(reference.getId())
        if math.isnan(value):
            self.formulas.refused.append(
                f"reaction '{reaction}': no stoichiometry of '{reference.getSpecies()}'"
            )
        return number(value)

    def _is_delayed(self, event: Any) -> bool:
        if not event.isSetDelay() or not event.getDelay().isSetMath():
            return False
        node = event.getDelay().getMath()
        return not (node.isNumber() and node.getValue() == 0)

    def _event(self, index: int, one: Any) -> Event | None:
        """None where nothing can ever make it fire."""
        name = one.getId() or str(index + 1)
        place = f"event '{name}'"
        if not one.isSetTrigger() or not one.getTrigger().isSetMath():
            return None
        trigger, is_old = one.getTrigger(), self.document.getLevel() < 3
        priority = None
        if one.isSetPriority() and one.getPriority().isSetMath():
            priority = self.formulas.read(one.getPriority().getMath(), place)
        return Event(
            id=name,
            trigger=self.formulas.read(trigger.getMath(), place),
            initial_value=True if is_old else trigger.getInitialValue(),
            is_persistent=True if is_old else trigger.getPersistent(),
            priority=priority,
            uses_trigger_values=one.getUseValuesFromTriggerTime(),
            assignments=tuple(
                (a.getVariable(), self.formulas.read(a.getMath(), place))
                for a in one.getListOfEventAssignments()
                if a.isSetMath()
            ),
        )


def _inconsistent(found: Description) -> list[str]:
    known = {*found.entities, *found.reactions}
    targets = {**found.assignments, **found.rates, **found.initial}
    assigned = [(name, f"event '{e.id}'") for e in found.events for name, _ in e.assignments]
    problems = [
        f"{where} changes '{name}', which is not there or not a quantity"
        for name, where in [*((name, "a rule") for name in targets), *assigned]
        if name not in found.entities
    ]
    problems += [
        f"{where} changes '{name}', which an assignment rule already determines"
        for name, where in [
            *((name, "an initial assignment") for name in found.initial),
            *((name, "a rate rule") for name in found.rates),
            *assigned,
        ]
        if name in found.assignments
    ]
    for one in found.species.values():
        if one.compartment not in found.compartments:
            problems.append(f"species '{one.id}' is in '{one.compartment}', which is not there")
        if one.conversion and one.conversion not in found.parameters:
            problems.append(f"species '{one.id}' is converted by '{one.conversion}', not there")
    formulas = [*((f"the rule or initial assignment of '{n}'", e) for n, e in targets.items())]
    for reaction in found.reactions.values():
        formulas += [(f"reaction '{reaction.id}'", reaction.rate)]
        formulas += [
            (f"a stoichiometry of '{reaction.id}'", count) for _, count in reaction.changes
        ]
        problems += [
            f"reaction '{reaction.id}' changes '{name}', which is no species"
            for name, _ in reaction.changes
            if name not in found.species
        ]
    for event in found.events:
        formulas += [(f"event '{event.id}'", event.trigger)]
        formulas += [(f"event '{event.id}'", value) for _, value in event.assignments]
        formulas += [(f"event '{event.id}'", event.priority)] if event.priority else []
    for where, formula in formulas:
        problems += [f"{where} uses '{n}', which is not there" for n in symbols(formula) - known]
    return problems
