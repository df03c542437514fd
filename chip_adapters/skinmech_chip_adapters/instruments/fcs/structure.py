"""Summaries of channels to medians of the analytes that the side-car names."""

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.fcs.reader import Sample, Summary
from skinmech_chip_adapters.observables import OBSERVABLES
from skinmech_chip_adapters.placement import Placement, place_columns, well_of
from skinmech_chip_adapters.readers import Cell, read_stamps
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import NAN, Censor, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.values import value_columns

_METHOD = "flow cytometry, median of all events"


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One median for each named channel of each data set; every channel's summary is logged."""
    samples: tuple[Sample, ...] = parsed.tables
    problems = Problems()
    placement = Placement(sidecar, entry, problems)
    rows: list[Measurement] = []
    messages: list[Message] = []
    present: set[str] = set()
    unparsed: dict[str, Unparsed] = {}
    for sample in samples:
        where = f"data set {sample.number}" if len(samples) > 1 else ""
        with problems.collect(locator=where):
            columns = _columns(sample, len(samples) > 1, placement, entry, messages)
            for channel in sample.channels:
                name = next((one for one in (channel.name, channel.stain) if one in entry.analytes),
                            "")  # fmt: skip
                locator = ", ".join(one for one in (where, f"channel {channel.name}") if one)
                messages.append(
                    Message(level="info", code="channel_summary", locator=locator,
                            text=f"{channel.name} {channel.stain}: {channel.text}")
                )  # fmt: skip
                present.add(name)
                if not name:
                    unparsed[channel.name] = Unparsed(
                        "channels", channel.name, "not named under analytes; summary in the log"
                    )
                elif columns is not None and sample.data_set.num_events:
                    analyte = placement.analyte(name, locator)
                    rows.append(_row(channel, analyte or "", columns, locator))
    if any(one.data_set.num_events for one in samples):
        placement.check_analytes(present)
        placement.check_complete()
    if not entry.analytes:
        text = 'no channel is named; declare analytes = { "FL1-A" = "…" } to take its median'
        messages.append(Message(level="warning", code="no_channel_named", text=text))
    problems.raise_if_any()
    return Records(measurements=tuple(rows), messages=tuple(messages),
                   unparsed=tuple(unparsed.values()))  # fmt: skip


def _columns(
    sample: Sample, several: bool, placement: Placement, entry: FileEntry, messages: list[Message]
) -> dict[str, object] | None:
    """Place and time of a data set; None where it is no sample."""
    keywords = sample.data_set.keywords
    text = keywords.get("$WELLID", "")
    well = well_of(text, "$WELLID") if text else ""
    name = keywords.get("$SMNO", "") or keywords.get("$FIL", "")
    place = placement.of(well, name, f"data set {sample.number}")
    if place is None:
        return None
    columns = {**place_columns(place), "well": well, "plate_id": entry.plate}
    if several and not place.technical_replicate and entry.well_map is None:
        columns["technical_replicate"] = str(sample.number)
    # Before FCS 3.1 the fourth part of a time counts sixtieths of a second; seconds suffice.
    clock = ":".join(keywords.get("$BTIM", "").split(":")[:3]).split(".")[0]
    stamp = " ".join(one for one in (keywords.get("$DATE", ""), clock) if one)
    if stamp:
        try:
            ((found,), _) = read_stamps([("$DATE", stamp)], entry.date_order, entry.timezone)
        except ChipDataError as error:
            if error.code != "not_a_date":
                raise
            messages.append(
                Message(level="warning", code="not_a_date", locator="$DATE", text=str(error))
            )
        else:
            columns |= {"timestamp_text": found.text, "timestamp_utc": found.utc_text,
                        "time_quality": found.quality}  # fmt: skip
    return columns


def _row(channel: Summary, analyte: str, columns: dict[str, object], locator: str) -> Measurement:
    raw = repr(channel.median)
    if not channel.num_events:
        cell = censored("no finite event", Censor.FAILED)
    elif channel.is_median_at_limit:
        cell = censored(f"{raw} (upper limit)", Censor.RIGHT, channel.median)
    else:
        cell = Cell(channel.median, Censor.NONE, NAN, NAN, 0, raw)
    unit = OBSERVABLES["mfi"].unit
    note = f"ungated, uncompensated; channel {channel.name}"
    notes = (str(columns.get("note", "")), note, f"{channel.num_lost} events not finite" if
             channel.num_lost else "")  # fmt: skip
    values = value_columns(cell)
    return Measurement(
        **{**columns, **values, "note": "; ".join(one for one in notes if one)},  # type: ignore[arg-type]
        observable="mfi",
        analyte=analyte,
        method=_METHOD,
        kind=Measurement().kind,
        unit=unit,
        raw_unit="channel",
        n=float(channel.num_events),
        source_locator=locator,
    )
