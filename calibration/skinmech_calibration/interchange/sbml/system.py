"""From a description to a hybrid system: which quantity is a state, and the functions of all.

Amounts and compartment sizes are what SBML conserves, concentrations follow from them. So a
species that reactions change is kept as its amount; only a concentration under a rate rule is
kept as such.
"""

from collections.abc import Callable, Mapping, Sequence

from ..emit import Emitter, Ref, Value, truths, vector
from ..expression import Expr, call, number, symbol, symbols
from ..hybrid.system import System
from .model import Description, Species

_ARGUMENTS = "t, y, d, c, p"
_UNSET = float("nan")
_NOTHING = [Value("0.0", literal=0.0)]
"""The one state of a model without any, which stands still."""


def amount_of(name: str) -> str:
    """The symbol of a species' amount; no SBML identifier has a space in it."""
    return f"amount {name}"


def concentration_of(name: str) -> str:
    """The symbol of a species' concentration."""
    return f"concentration {name}"


class Quantities:
    """Which quantity of a model is kept where, and what each name means in a formula.

    Args:
        model: The model.
        changed: Names that conditions assign during a run.
        outside: Names that mean something outside the model.
    """

    def __init__(
        self,
        model: Description,
        changed: Sequence[str] = (),
        outside: Mapping[str, Expr | Ref] | None = None,
    ):
        self.model = model
        self.changed = tuple(dict.fromkeys(changed))
        self.outside = dict(outside or {})
        reacting = {
            name
            for reaction in model.reactions.values()
            for name, _ in reaction.changes
            if not model.species[name].is_boundary
        }
        self.event_targets = tuple(
            dict.fromkeys(name for event in model.events for name, _ in event.assignments)
        )
        stored = [name for name in model.entities if name not in model.assignments]
        self.continuous = tuple(n for n in stored if n in model.rates or n in reacting)
        moving = {*self.event_targets, *self.changed}
        kept = {
            s.id for s in model.species.values() if s.compartment in self.changed and s.id in stored
        }
        rest = [n for n in stored if n not in self.continuous]
        self.discrete = tuple(n for n in rest if n in moving or n in kept)
        constant = [n for n in rest if n not in self.discrete]
        self.direct = tuple(n for n in constant if self._is_direct(n))
        self.constant = (*self.direct, *(n for n in constant if not self._is_direct(n)))
        self.refs = {
            name: Ref(f"{letter}[{i}]", is_state=letter == "y")
            for letter, names in (
                ("y", self.continuous),
                ("d", self.discrete),
                ("c", self.constant),
            )
            for i, name in enumerate(names)
        }

    def _is_direct(self, name: str) -> bool:
        """Whether what is kept is the value as given, with nothing to compute."""
        species = self.model.species.get(name)
        if name in self.model.initial:
            return False
        if species is None:
            return True
        return species.concentration is None if species.is_amount else False

    def keeps_amount(self, name: str) -> bool:
        """Whether a name is a species whose identifier is a concentration, kept as its amount."""
        species = self.model.species.get(name)
        return species is not None and not species.is_amount and name not in self.model.rates

    def meaning(self, name: str, refs: Mapping[str, Ref] | None = None) -> Expr | Ref:
        """What a name means while time runs."""
        refs = self.refs if refs is None else refs
        model = self.model
        if name in self.outside:
            return self.outside[name]
        kind, _, bare = name.partition(" ")
        if bare:
            return self._part_of(kind, bare, refs)
        if name in model.assignments:
            return model.assignments[name]
        if name in model.reactions:
            return model.reactions[name].rate
        if self.keeps_amount(name):
            size = symbol(model.species[name].compartment)
            return call("divide", symbol(amount_of(name)), size)
        return refs[name]

    def _part_of(self, kind: str, name: str, refs: Mapping[str, Ref]) -> Expr | Ref:
        """The amount or concentration of a species."""
        species = self.model.species[name]
        size = symbol(species.compartment)
        if kind == "amount":
            if self.keeps_amount(name) and name in refs:
                return refs[name]
            return symbol(name) if species.is_amount else call("multiply", symbol(name), size)
        return call("divide", symbol(name), size) if species.is_amount else symbol(name)

    def start(self, name: str, index: Mapping[str, int]) -> Expr | Ref:
        """What a name means at the start, before anything has happened."""
        model = self.model
        if name in self.outside:
            return self.outside[name]
        letter, _, bare = name.partition(" ")
        if bare and letter in ("given", "mask", "override"):
            return Ref(f"{letter[0]}[{index[bare]}]")
        if bare:
            return self._start_amount(model.species[bare])
        if name in model.assignments:
            return model.assignments[name]
        if name in model.reactions:
            return model.reactions[name].rate
        formula = model.initial.get(name)
        species = model.species.get(name)
        if formula is None and species is not None:
            size = symbol(species.compartment)
            if species.is_amount and species.concentration is not None:
                formula = call("multiply", number(species.concentration), size)
            elif not species.is_amount and species.amount is not None:
                formula = call("divide", number(species.amount), size)
        if formula is None:
            return symbol(f"given {name}")
        return _unless_overridden(name, symbol(f"override {name}"), formula)

    def _start_amount(self, species: Species) -> Expr:
        name, size = species.id, symbol(species.compartment)
        if species.is_amount:
            return symbol(name)
        product = call("multiply", symbol(name), size)
        if name in self.model.initial or species.amount is None or name in self.model.assignments:
            return product
        # Not through the concentration, which a compartment of size zero does not have.
        overridden = call("multiply", symbol(f"override {name}"), size)
        return _unless_overridden(name, overridden, number(species.amount))


def _unless_overridden(name: str, override: Expr, formula: Expr) -> Expr:
    condition = call("neq", symbol(f"mask {name}"), number(0.0))
    return Expr("piecewise", (override, condition, formula))


def build_system(kept: Quantities, changes: Sequence[Expr] = ()) -> System:
    """Write the functions of a model.

    Args:
        kept: The model, and what is kept where.
        changes: Formulas of which conditions assign values during a run.

    Raises:
        InterchangeError: definitions depend on each other in a circle.
    """
    model = kept.model
    run = Emitter(kept.meaning)
    tendency = [_tendency(kept, run, name) for name in kept.continuous] or _NOTHING
    switches = [leaf.truth for leaf in run.leaves.values() if leaf.truth.of_state]
    triggers = [run.truth(event.trigger) for event in model.events]
    leaves = list(run.leaves.values())
    clocks = [leaf.gap for leaf in leaves if not leaf.truth.of_state]
    jumps = list(run.jumps.values())
    lowest = number(float("-inf"))
    priorities = [run.number(event.priority or lowest) for event in model.events]
    targets = kept.event_targets
    given = [dict(event.assignments) for event in model.events]
    values = [run.number(row.get(name, number(0.0))) for row in given for name in targets]
    report = _report(model)
    texts = [
        _initial(kept),
        run.function("tendency", _ARGUMENTS, vector(tendency)),
        run.function("switches", _ARGUMENTS, truths(switches)),
        run.function("triggers", _ARGUMENTS, truths(triggers)),
        run.function(
            "leaves", _ARGUMENTS, truths([leaf.truth for leaf in leaves]),
            vector([leaf.gap for leaf in leaves]),
        ),
        run.function("clocks", _ARGUMENTS, vector(clocks), vector(jumps)),
        run.function("priorities", _ARGUMENTS, vector(priorities)),
        run.function("event_values", _ARGUMENTS, vector(values)),
        run.function("changes", _ARGUMENTS, vector([run.number(one) for one in changes])),
        run.function("report", _ARGUMENTS, vector([run.named(name) for name in report])),
        _assign(kept, "assign_event", targets, _by_event),
        _assign(kept, "assign_condition", kept.changed, _by_condition),
    ]  # fmt: skip
    return System(
        source="\n".join(texts),
        entities=model.entities,
        defaults=tuple(_default(model, name) for name in model.entities),
        continuous=kept.continuous,
        discrete=kept.discrete,
        constant=kept.constant,
        direct=tuple(model.entities.index(name) for name in kept.direct),
        report=report,
        initial_triggers=tuple(event.initial_value for event in model.events),
        persistent=tuple(event.is_persistent for event in model.events),
        uses_trigger_values=tuple(event.uses_trigger_values for event in model.events),
        event_mask=tuple(tuple(name in row for name in targets) for row in given),
        change_targets=kept.changed,
        num_switches=len(switches),
        num_clocks=len(clocks) + len(jumps),
        num_leaves=len(leaves),
    )


def _default(model: Description, name: str) -> float:
    """The plain value in the file; what has to be computed from it is not plain."""
    if name in model.compartments:
        value = model.compartments[name].size
    elif name in model.parameters:
        value = model.parameters[name].value
    else:
        species = model.species[name]
        value = species.amount if species.is_amount else species.concentration
    return _UNSET if value is None else value


def _report(model: Description) -> tuple[str, ...]:
    sized = [s.id for s in model.species.values()
             if s.compartment in model.compartments
             and model.compartments[s.compartment].has_size]  # fmt: skip
    return (
        *model.entities,
        *model.reactions,
        *(amount_of(name) for name in model.species),
        *(concentration_of(name) for name in sized),
    )


def _tendency(kept: Quantities, run: Emitter, name: str) -> Value:
    model = kept.model
    if name in model.rates:
        return run.number(model.rates[name])
    terms = [
        call("multiply", count, symbol(reaction.id))
        for reaction in model.reactions.values()
        for species, count in reaction.changes
        if species == name
    ]
    total = call("add", *terms)
    conversion = model.species[name].conversion
    return run.number(call("multiply", symbol(conversion), total) if conversion else total)


def _initial(kept: Quantities) -> str:
    model = kept.model
    index = {name: i for i, name in enumerate(model.entities)}
    start = Emitter(lambda name: kept.start(name, index))

    def first(names: Sequence[str]) -> str:
        return vector([start.named(amount_of(n) if kept.keeps_amount(n) else n) for n in names])

    return start.function(
        "initial", "t, m, o, g, p",
        first(kept.continuous) if kept.continuous else vector(_NOTHING), first(kept.discrete),
        first(kept.constant[len(kept.direct) :]),
    )  # fmt: skip


_Rule = Callable[[Quantities, Emitter, Emitter, str, Value, Value | None, bool], Value]


def _assign(kept: Quantities, name: str, targets: Sequence[str], rule: _Rule) -> str:
    """A function that gives targets new values where a mask says so."""
    model = kept.model
    before = Emitter(kept.meaning)
    index = {target: i for i, target in enumerate(targets)}
    stored = [*kept.continuous, *kept.discrete]
    old = {n: before.raw(kept.refs[n].source) for n in stored}

    def picked(n: str, otherwise: Value) -> Value:
        if n not in index:
            return otherwise
        return before.raw(f"f_where(m[{index[n]}], w[{index[n]}], {otherwise.source})", otherwise)

    sizes = {n: picked(n, old[n]) for n in stored if n not in model.species}
    refs = dict(kept.refs) | {n: Ref(value.source) for n, value in sizes.items()}
    after = before.scope(lambda n: kept.meaning(n, refs))
    new = dict(sizes)
    for n in stored:
        if n in new:
            continue
        species = model.species[n]
        is_moved = bool(_roots(kept, species.compartment) & set(index))
        mask = before.raw(f"m[{index[n]}]", is_bool=True) if n in index else None
        if species.is_amount:
            new[n] = picked(n, old[n])
        elif mask is None and not is_moved:
            new[n] = old[n]
        else:
            new[n] = rule(kept, before, after, n, old[n], mask, is_moved)
            if mask is not None:
                assigned = before.raw(f"w[{index[n]}]")
                target = _assigned(kept, before, after, n, assigned, name == "assign_event")
                new[n] = before.raw(
                    f"f_where({mask.source}, {target.source}, {new[n].source})",
                    mask, target, new[n],
                )  # fmt: skip
    return before.function(
        name, f"{_ARGUMENTS}, m, w", vector([new[n] for n in kept.continuous] or _NOTHING),
        vector([new[n] for n in kept.discrete]),
    )  # fmt: skip


def _assigned(
    kept: Quantities, before: Emitter, after: Emitter, name: str, value: Value, is_event: bool
) -> Value:
    """What is kept of a species whose concentration is assigned.

    An event turns it into an amount at the size before the event (SBML semantic test 01779); a
    PEtab condition means the concentration after it.
    """
    size = kept.model.species[name].compartment
    old_size, new_size = before.named(size), after.named(size)
    if kept.keeps_amount(name):
        factor = old_size if is_event else new_size
        return before.raw(f"{value.source} * {factor.source}", value, factor)
    if is_event:
        return before.raw(
            f"{value.source} * {old_size.source} / {new_size.source}", value, old_size, new_size
        )
    return value


def _by_event(kept, before, after, name, old, mask, is_moved) -> Value:
    """An event that changes a compartment leaves the amounts in it."""
    if kept.keeps_amount(name) or not is_moved:
        return old
    size = kept.model.species[name].compartment
    a, b = before.named(size), after.named(size)
    return before.raw(f"{old.source} * {a.source} / {b.source}", old, a, b)


def _by_condition(kept, before, after, name, old, mask, is_moved) -> Value:
    """A PEtab condition that changes a compartment leaves the concentrations in it."""
    if not kept.keeps_amount(name) or not is_moved:
        return old
    size = kept.model.species[name].compartment
    a, b = before.named(size), after.named(size)
    return before.raw(
        f"f_where({a.source} == {b.source}, {old.source}, {old.source} / {a.source} * {b.source})",
        old, a, b,
    )  # fmt: skip


def _roots(kept: Quantities, name: str) -> set[str]:
    """Kept quantities that a name depends on."""
    found, waiting, seen = set(), [name], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in kept.model.assignments:
            waiting += symbols(kept.model.assignments[one])
        else:
            found.add(one)
    return found
