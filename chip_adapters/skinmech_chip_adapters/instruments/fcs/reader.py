"""FCS bytes to a summary of every channel."""

import io
import math
import struct
import warnings
from dataclasses import dataclass

import numpy as np

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.instruments.fcs.segments import VERSIONS, DataSet, data_sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Statistics of one channel over all finite events, after gain, decades and time step.

    Attributes:
        name, stain: `$PnN` and `$PnS`.
        num_events: Finite ones.
        num_lost: Events that are no finite number.
        num_at_limit: Integer events at the upper end of the range.
        is_median_at_limit: True if more than half of the events are.
    """

    name: str
    stain: str
    num_events: int
    num_lost: int
    median: float
    mean: float
    sd: float
    low: float
    high: float
    num_at_limit: int
    is_median_at_limit: bool

    @property
    def text(self) -> str:
        """In words, for the log."""
        if not self.num_events:
            return "no finite event"
        found = (
            f"{self.num_events} events, median {self.median:.6g}, mean {self.mean:.6g}, "
            f"s.d. {self.sd:.6g}, 5 % to 95 % {self.low:.6g} to {self.high:.6g}"
        )
        if self.num_at_limit:
            found += f", {self.num_at_limit} at the upper limit"
        if self.num_lost:
            found += f", {self.num_lost} not finite"
        return found


@dataclass(frozen=True, slots=True)
class Sample:
    """A data set with the summaries of its channels; `number` is its position from 1."""

    number: int
    data_set: DataSet
    channels: tuple[Summary, ...]


def sniff(head: bytes, name: str) -> Evidence:
    """The letters FCS and a version."""
    if head.startswith(tuple(f"FCS{version}".encode() for version in VERSIONS)):
        return Evidence(0.95, (head[:6].decode(),))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Check the segments, and summarise every channel of every data set."""
    believed = entry.extra.get("offsets", "")
    if believed not in ("", "header", "text"):
        raise ChipDataError("sidecar_value", found=f"offsets {believed!r}",
                            expected=one_of(("header", "text")))  # fmt: skip
    found = data_sets(content, believed)
    samples = tuple(
        Sample(number, one, _summaries(content, one, believed))
        for number, one in enumerate(found, 1)
    )
    messages = []
    if not any(one.num_events for one in found):
        messages.append(Message(level="warning", code="no_rows", text="the file holds no event"))
    for one in found:
        if one.is_off_by_one or one.uses_header:
            messages.append(
                Message(level="warning", code="offset_mismatch",
                        text=f"places of the data differ; offsets = {believed!r} was believed")
            )  # fmt: skip
    first = found[0]
    return Parsed(
        tables=samples,
        header="\n".join(f"{key}: {value}" for key, value in first.keywords.items()),
        messages=tuple(messages),
        encoding=f"FCS{first.version}",
        newline="none",
        delimiter=first.delimiter,
        decimal=".",
        software=first.keywords.get("$CYT", ""),
    )


def _summaries(content: bytes, one: DataSet, believed: str) -> tuple[Summary, ...]:
    raw, scaled = _events(content, one, believed)
    names = [one.of_channel(number, "N") for number in range(1, one.num_channels + 1)]
    for name in names:
        if names.count(name) > 1:
            raise ChipDataError("column_twice", locator="TEXT segment", found=f"channel {name!r}",
                                expected="each name once")  # fmt: skip
    found = []
    for index, name in enumerate(names):
        limit = math.inf
        if one.keywords["$DATATYPE"].upper() == "I":
            limit = _limit(one.of_channel(index + 1, "R"))
        stain = one.of_channel(index + 1, "S")
        found.append(_summary(name, stain, raw[:, index], scaled[:, index], limit))
    return tuple(found)


def _limit(text: str) -> float:
    """Highest value of an integer channel; its range is exclusive."""
    return float(int(text) - 1) if text.isascii() and text.isdigit() else math.inf


def _summary(
    name: str, stain: str, raw: np.ndarray, scaled: np.ndarray, limit: float
) -> Summary:  # fmt: skip
    kept = scaled[np.isfinite(scaled)]
    if not len(kept):
        low = high = median = mean = sd = math.nan
    else:
        low, high = (float(one) for one in np.percentile(kept, (5, 95)))
        median, mean, sd = float(np.median(kept)), float(np.mean(kept)), float(np.std(kept))
    at_limit = raw >= limit
    return Summary(
        name=name, stain=stain, num_events=len(kept), num_lost=len(scaled) - len(kept),
        median=median, mean=mean, sd=sd, low=low, high=high,
        num_at_limit=int(at_limit.sum()), is_median_at_limit=bool(2 * at_limit.sum() > len(raw)),
    )  # fmt: skip


def _events(content: bytes, one: DataSet, believed: str) -> tuple[np.ndarray, np.ndarray]:
    """Raw and scaled events, shape (events, channels)."""
    if not one.num_events:
        empty = np.zeros((0, one.num_channels))
        return empty, empty
    try:
        import flowio  # optional extra
    except ImportError as error:
        raise ChipDataError(
            "missing_extra", found="no flowio", expected="the package that reads FCS events",
            remedy="pip install 'skinmech[fcs]'",
        ) from error  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it warns of was checked before
            data = flowio.FlowData(
                io.BytesIO(content), ignore_offset_error=one.is_off_by_one,
                ignore_offset_discrepancy=bool(believed), use_header_offsets=one.uses_header,
                nextdata_offset=one.start,
            )  # fmt: skip
            raw, scaled = data.as_array(preprocess=False), data.as_array(preprocess=True)
    except (
        *(flowio.exceptions.FlowIOException, NotImplementedError, ValueError, KeyError),
        *(IndexError, TypeError, AttributeError, EOFError, OverflowError, MemoryError),
        *(ZeroDivisionError, struct.error),
    ) as error:
        raise ChipDataError(
            "fcs_damaged", locator=f"data set at byte {one.start}",
            found=f"{type(error).__name__} from the library that reads events",
            expected="a whole file of the standard", remedy="export the file again",
        ) from error  # fmt: skip
    if raw.shape != (one.num_events, one.num_channels):
        raise ChipDataError(
            "fcs_damaged", locator=f"data set at byte {one.start}",
            found=f"{raw.shape[0]} events of {raw.shape[1]} channels",
            expected=f"{one.num_events} of {one.num_channels}", remedy="export the file again",
        )  # fmt: skip
    return raw, scaled
