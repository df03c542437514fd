"""TEER from the impedance sweeps of a record, kept with the recipe that made it."""

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skinmech_chip_adapters import ChipRecord, Spectrum

METHOD = "eis_circuit_fit"


def with_teer(record: "ChipRecord") -> "tuple[ChipRecord, list[dict[str, Any]]]":
    """Add a TEER row for every sweep whose device has an area and whose fit is good.

    Sweeps that the record already has a TEER of are left alone; so are excluded ones. Refused
    sweeps leave a recipe that says why, and a row marked as failed.

    Returns:
        The record, and for each sweep fitted: chip, hours, teer, sd, accepted, reason.
    """
    done = set(record.derivations["inputs_json"])
    groups: dict[tuple[int, float, float], list[tuple[Any, Any]]] = defaultdict(list)
    told: list[dict[str, Any]] = []
    for sweep in record.spectra:
        device = record.device_of(sweep.chip_id)
        if sweep.excluded or f'["{sweep.spectrum_id}"]' in done:
            continue
        if device is None or math.isnan(device.membrane_area_cm2):
            told.append(_said(sweep, reason="no membrane area in the side-car"))
            continue
        electrodes = device.electrode_count if device.electrode_count in (2, 4) else 4
        key = (electrodes, device.geometry_factor, device.membrane_area_cm2)
        groups[key].append((sweep, device))
    if not groups:
        return record, told
    from .runtime import set_up
    from .terminal import working

    set_up()
    from skinmech_calibration.impedance import teer_batch

    rows = []
    for (electrodes, factor, area), members in groups.items():
        with working(f"fitting a circuit to {len(members)} impedance sweeps"):
            results = teer_batch(
                [(sweep.frequency_Hz, sweep.z_ohm) for sweep, _ in members],
                area, electrodes=electrodes, geometry_factor=factor,
            )  # fmt: skip
        for (sweep, device), result in zip(members, results, strict=True):
            record, row = _add(record, sweep, device, result)
            rows.append(row)
            reason = "; ".join(result.reasons)
            told.append(_said(sweep, result.teer, result.teer_sd, result.accepted, reason))
    return record.add_measurements(rows), told


def _said(
    sweep: "Spectrum", teer: float = math.nan, sd: float = math.nan, accepted: bool = False,
    reason: str = "",
) -> dict[str, Any]:  # fmt: skip
    return {"chip": sweep.chip_id, "hours": sweep.time_s / 3600, "teer": teer, "sd": sd,
            "accepted": accepted, "reason": reason}  # fmt: skip


def _add(record: "ChipRecord", sweep: "Spectrum", device: Any, result: Any) -> tuple[Any, Any]:
    from importlib.metadata import version

    from skinmech_chip_adapters import Censor, Kind, Measurement, derivation

    recipe = derivation(
        METHOD,
        version("skinmech"),
        {
            "circuit": result.circuit,
            "summed_elements": list(result.summed_elements),
            "area_cm2": result.area,
            "area_source": device.area_source,
            "electrodes": result.electrodes,
            "geometry_factor": result.geometry_factor,
        },
        [sweep.spectrum_id],
        result={
            "parameters": _finite(result.parameters),
            "parameter_sd": _finite(result.parameter_sd),
            "units": result.units,
            "parameters_at_bound": list(result.parameters_at_bound),
            "capacitance_F_per_cm2": result.capacitance,
            "frequency_window_Hz": list(result.frequency_window),
            "num_points": result.num_points,
            "num_dropped": result.num_dropped,
            "flags": list(result.flags),
        },
        residual=result.residual_sum,
        accepted=result.accepted,
        reason="; ".join((*result.reasons, *result.flags)),
    )
    row = Measurement(
        chip_id=sweep.chip_id, location=sweep.location, observable="teer", method=METHOD,
        instrument_id=sweep.instrument_id, kind=Kind.DERIVED, time_s=sweep.time_s,
        t0_event=sweep.t0_event, timestamp_text=sweep.timestamp_text,
        timestamp_utc=sweep.timestamp_utc, time_quality=sweep.time_quality,
        value=result.teer, unit="ohm*cm**2", sd=result.teer_sd,
        sd_origin="circuit fit" if result.accepted else "", n=1.0,
        censor=Censor.NONE if result.accepted else Censor.FAILED,
        technical_replicate=sweep.technical_replicate, donor_id=sweep.donor_id,
        well=sweep.well, source_id=sweep.source_id, source_locator=sweep.source_locator,
        note="; ".join(result.flags), derivation_id=recipe.derivation_id,
    )  # fmt: skip
    return record.add_derivation(recipe), row


def _finite(values: dict[str, float]) -> dict[str, float | None]:
    return {name: float(v) if math.isfinite(v) else None for name, v in values.items()}
