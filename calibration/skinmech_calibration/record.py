"""An experiment from one chip of a chip record: setting, exposures, measurements."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from skinmech.modelling.model import SkinModel
from skinmech.modelling.species import CYTOKINES
from skinmech.modelling.units import magnitude
from skinmech.protocol import Change, Dose, Event, Protocol, Ultraviolet
from skinmech.settings import on_chip
from skinmech.therapies import UnknownDrugError, load_drug
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.record import ChipRecord
from skinmech_chip_adapters.schema import Censor, Exposure, Measurement
from skinmech_chip_adapters.units import convert

from .errors import raise_all
from .experiment import Experiment, Observation
from .names import nearest
from .sweeps import sweep_observations

DAY = 86400.0
_DIRECT = {"teer": "teer", "tewl": "tewl", "lstar": "lightness", "ita": "ita",
           "melanin_index": "melanin_index", "erythema_index": "erythema_index",
           "ph": "surface_ph"}  # fmt: skip
_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "κ": "kappa"}
_RAW = ("mfi", "net_mfi", "rlu", "absorbance", "fluorescence", "luminescence")
_IN_TISSUE = ("tissue",)
_IN_MEDIUM = ("", "basal", "medium", "effluent_basal")
_ON_SURFACE = ("", "surface", "apical")
_NEEDS_SURFACE = ("ph",)  # a quantity of the surface here that is measured in medium elsewhere


def cytokine_name(text: str) -> str | None:
    """The model's name of a cytokine from a usual spelling (`"IL4"`, `"IFN-γ"`), or None."""

    def plain(name: str) -> str:
        for greek, word in _GREEK.items():
            name = name.replace(greek, word)
        kept = "".join(ch for ch in name.lower() if ch.isalnum())
        return {"ifng": "ifngamma", "tnfalpha": "tnf", "tnfa": "tnf", "il36g": "il36gamma",
                "il17": "il17a", "tarc": "ccl17", "ip10": "cxcl10"}.get(kept, kept)  # fmt: skip

    wanted = plain(text)
    return next((name for name in CYTOKINES if plain(name) == wanted), None)


def from_record(
    record: ChipRecord,
    chip_id: str,
    model: SkinModel,
    *,
    name: str | None = None,
    volume: str | float | None = None,
    flow: str | float | None = None,
    area: str | float | None = None,
    collection: float | None = None,
    use_sd: bool = False,
    immune_cells: float = 0.0,
    melanocytes: float = 0.0,
    start: Any = "healthy",
    parameters: Mapping[str, float] | None = None,
    environment: Mapping[str, Any] | None = None,
    spectra: str = "teer",
) -> Experiment:
    """An experiment from one chip.

    Geometry comes from the record's device, flow from its settings; what the record does not
    state must be given here. Exposures to cytokines become inlet concentrations, exposures to
    catalogued drugs free drug in the medium, `uv_dose` ultraviolet light. Censored and missing
    values keep their state; excluded ones, and quantities the model has no observable for, are
    left out and named in `notes`.

    Args:
        record: The study.
        chip_id: Which chip.
        model: Says which observables there are.
        name: Of the experiment; default the chip's identifier.
        volume: Channel volume, if the record has none (numbers in uL).
        flow: Flow, if the record has none (numbers in uL/min).
        area: Tissue area, if the record has none (numbers in cm2).
        collection: Days over which each effluent sample was collected; None: spot samples.
        use_sd: Use the record's standard deviations (often of technical replicates only) instead
            of the observable's noise model.
        immune_cells: As in `on_chip`.
        melanocytes: As in `on_chip`.
        start: As in `Experiment`.
        parameters: As in `Experiment`.
        environment: Further values of the setting, as in `on_chip`.
        spectra: What impedance sweeps are compared as: `"teer"`, the resistance that a circuit
            gave (a measurement of the record), or `"impedance"`, the sweeps themselves against
            the model's own impedance (`sweeps.SWEEP_FREE` are then to be free).

    Raises:
        CalibrationError: what is missing or does not fit, every problem listed.
        ChipDataError: the record has no such chip.
    """
    record.chip(chip_id)
    problems: list[str] = []
    notes: list[str] = []
    device = record.device_of(chip_id)
    stated_area = device.membrane_area_cm2 if device else math.nan
    stated_volume = device.basal_volume_uL if device else math.nan
    flows = _settings(record, chip_id, "flow")
    area = _stated("area", area, stated_area, "the device's membrane_area_cm2", problems)
    volume = _stated("volume", volume, stated_volume, "the device's basal_volume_uL", problems)
    first_flow = flows[0][1] if flows else math.nan
    flow = _stated("flow", flow, first_flow, "a setting 'flow'", problems)
    raise_all(problems, f"Chip '{chip_id}':")
    assert area is not None and volume is not None and flow is not None

    humidity = _settings(record, chip_id, "relative_humidity")
    surroundings = dict(environment or {})
    if humidity and "relative_humidity" not in surroundings:
        surroundings["relative_humidity"] = humidity[0][1]
    setting = on_chip(volume=volume, flow=flow, area=area, immune_cells=immune_cells,
                      melanocytes=melanocytes, **surroundings)  # fmt: skip
    events = _flow_changes(flows[1:], volume)
    events += [Change(day, {"relative_humidity": v}) for day, v in humidity[1:]]
    events += [Ultraviolet(v * 1e-4, day) for day, v in _settings(record, chip_id, "uv_dose")]
    exposures = [one for one in record.exposures if one.chip_id == chip_id]
    events += _exposure_events(exposures, problems)
    observations = [
        found
        for row in record.measurements
        if row.chip_id == chip_id
        and (found := _observation(row, model, collection, use_sd, notes, problems)) is not None
    ]
    if spectra == "impedance":
        observations = [one for one in observations if one.observable != "teer"]
        sweeps = [one for one in record.spectra if one.chip_id == chip_id]
        size = magnitude(area, "cm**2", what="area")
        observations += sweep_observations(sweeps, size, notes, problems)
    elif spectra != "teer":
        problems.append(f"Unrecognized use of spectra: '{spectra}'. Expected teer or impedance.")
    last = max([o.time for o in observations], default=0.0)
    late = [e for e in events if float(getattr(e, "at", 0.0)) >= last]
    kept = [e for e in events if e not in late]
    notes += [f"An event on day {float(getattr(e, 'at', 0.0)):g} comes after the last value."
              for e in late]  # fmt: skip
    experiment = Experiment(
        name or chip_id, setting, Protocol(max(last, 1e-3), tuple(kept)), tuple(observations),
        start, dict(parameters or {}), None, tuple(dict.fromkeys(notes)),
    )  # fmt: skip
    raise_all([*problems, *experiment.problems(model)], f"Chip '{chip_id}':")
    return experiment


def _stated(
    what: str, given: Any, recorded: float, where: str, problems: list[str]
) -> str | float | None:
    if given is not None:
        return given
    if math.isfinite(recorded):
        return recorded
    problems.append(f"The record states no {what} ({where} is empty). Pass {what}=...")
    return None


def _settings(record: ChipRecord, chip_id: str, name: str) -> list[tuple[float, float]]:
    """Values of one setting by day, ascending; before t0 counts as day 0."""
    rows = [
        one
        for one in record.settings
        if (one.chip_id, one.setting) == (chip_id, name)
        and (name != "flow" or one.location in _IN_MEDIUM)  # the model's flow is below the tissue
    ]
    found = [(max(r.time_s, 0.0) / DAY if math.isfinite(r.time_s) else 0.0, r.value) for r in rows]
    return sorted(found)


def _flow_changes(flows: list[tuple[float, float]], volume: str | float) -> list[Event]:
    size = magnitude(volume, "uL", what="volume")
    return [Change(day, {"medium_exchange": value / size * 1440.0}) for day, value in flows]


def exposure_events(exposures: Sequence[Exposure]) -> tuple[Event, ...]:
    """Exposures of one chip as events of a protocol.

    Raises:
        CalibrationError: a compound, unit or concentration that does not fit; all are listed.
    """
    problems: list[str] = []
    found = _exposure_events(list(exposures), problems)
    raise_all(problems)
    return tuple(found)


def _exposure_events(exposures: list[Exposure], problems: list[str]) -> list[Event]:
    events: list[Event] = []
    slots: dict[str, str] = {}
    for one in exposures:
        begin = max(one.time_s, 0.0) / DAY if math.isfinite(one.time_s) else 0.0
        end = begin + one.duration_s / DAY if math.isfinite(one.duration_s) else None
        where = f"Exposure to {one.compound} on day {begin:g}"
        if one.location not in _IN_MEDIUM:
            problems.append(
                f"{where} at '{one.location}': the chip's medium flows below the tissue, so that "
                "an exposure reaches it from 'basal' or 'medium' only. Correct the location, or "
                "state what is applied on top as a treatment."
            )
            continue
        target = cytokine_name(one.compound)
        if target is not None:
            port, unit = f"inlet_cytokines[{target}]", "pg/mL"
        else:
            try:
                drug = load_drug(one.compound)
            except (UnknownDrugError, OSError):
                problems.append(f"{where}: neither a cytokine nor a drug of the catalogue."
                                f"{nearest(one.compound, CYTOKINES)}")  # fmt: skip
                continue
            if drug.name not in slots:
                if len(slots) == 2:
                    problems.append(f"{where}: more than two drugs on one chip are unsupported.")
                    continue
                slots[drug.name] = f"drug {len(slots) + 1}"
                events.append(Dose(drug.name, 0.0, begin))
            port, unit = f"medium_drug[{slots[drug.name]}]", "nmol/L"
        try:
            value = convert(one.value, one.unit, unit)
        except ChipDataError as error:
            problems.append(f"{where}: {error}")
            continue
        if not math.isfinite(value):
            problems.append(f"{where}: no concentration is stated.")
            continue
        events.append(Change(begin, {port: value}))
        if end is not None:
            events.append(Change(end, {port: 0.0}))
    return sorted(events, key=lambda e: float(getattr(e, "at", 0.0)))


def _observation(
    row: Measurement,
    model: SkinModel,
    collection: float | None,
    use_sd: bool,
    notes: list[str],
    problems: list[str],
) -> Observation | None:
    where = f"{row.observable} {row.analyte}".strip()
    if row.excluded:
        notes.append(f"{where}: a value excluded by a person is left out.")
        return None
    known = model.observables()
    target = _DIRECT.get(row.observable)
    if row.observable == "concentration":
        if row.location not in (*_IN_MEDIUM, *_IN_TISSUE):
            notes.append(f"{where} at '{row.location}': the model has no fluid there; left out.")
            return None
        member = cytokine_name(row.analyte)
        place = "tissue" if row.location in _IN_TISSUE else "compartment"
        target = f"{place}_{member}" if member else None
    elif row.observable == "thickness":
        target = {"epidermis": "epidermal_thickness", "stratum corneum": "corneum_thickness"}.get(
            row.analyte.lower()
        )
    elif row.observable in _NEEDS_SURFACE and row.location not in _ON_SURFACE:
        notes.append(f"{where} at '{row.location}': the model's is that of the surface; left out.")
        return None
    if row.observable in _RAW:
        notes.append("Raw signals stay in the record; the concentrations made of them are fitted.")
        return None
    if target not in known:
        notes.append(f"{where}: the model has no such observable; left out.")
        return None
    assert target is not None
    if not math.isfinite(row.time_s):
        problems.append(f"{where}: a value has no time since the chip's t0.")
        return None
    day = row.time_s / DAY
    if day < 0:
        notes.append(f"{where}: a value before the chip's t0 (day {day:.3g}) is left out.")
        return None
    window = None
    if collection and target.startswith("compartment_") and day > 0:
        window = (max(day - collection, 0.0), day)
    has_sd = use_sd and math.isfinite(row.sd) and row.sd > 0
    return Observation(
        observable=target,
        time=day,
        value=row.value if row.censor == Censor.NONE else math.nan,
        sd=row.sd if has_sd else None,
        censor=str(row.censor),
        limit_low=row.limit_low,
        limit_high=row.limit_high,
        window=window,
        label=row.measurement_id,
    )
