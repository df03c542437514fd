"""A record that uses every table, and the oddest values each can hold."""

from types import MappingProxyType

import numpy as np

from skinmech_chip_adapters import ChipRecord, Table, derivation
from skinmech_chip_adapters.schema import (
    Cells,
    Censor,
    Chip,
    Device,
    Exposure,
    External,
    LogEntry,
    Measurement,
    Series,
    Setting,
    Source,
    Spectrum,
    Study,
)

# Written out: the last bit of a computed power differs between processors.
FREQUENCIES = (1.0, 17.78279410038923, 316.2277660168379, 5623.413251903491, 100000.0)


def odd_record() -> ChipRecord:
    """A record that uses every table, with NaN, infinity, signed zero, Ω and empty text."""
    generator = np.random.default_rng(1)
    odd = np.array([0.0, -0.0, np.nan, np.inf, 5e-324, 1.7e308, 0.1 + 0.2])
    spectra = tuple(
        Spectrum(
            frequency_Hz=np.array(FREQUENCIES[:: 4 // max(n - 1, 1)][:n]),
            z_ohm=generator.normal(size=n) * (1 - 2j),
            point_time_s=np.full(n, np.nan),
            spectrum_id=f"s{n}",
            chip_id="C/1",
            time_s=float(n),
        )  # fmt: skip
        for n in (3, 1, 5)
    )
    status = np.array(["OK", "", "Ω not OK"], dtype=object)
    series = Series(
        time_s=np.arange(3.0), value=np.array([1.0, np.nan, 3.0]), status_text=status,
        channel="flow 1", chip_id="C/1", observable="flow", unit="uL/min",
    )  # fmt: skip
    recipe = derivation("fit", "1", {"area": 0.33}, ["s3"], result={"R": 1.5}, residual=0.01)
    rows = [
        Measurement(measurement_id=f"m{i}", chip_id="C/1", observable="teer", unit="ohm*cm**2",
                    value=value, raw_text="Ω·cm²", flags=2**32 - 1, excluded=i == 2)
        for i, value in enumerate(odd)
    ]  # fmt: skip
    rows += [
        Measurement(measurement_id=state.value, chip_id="C/1", observable="concentration",
                    unit="pg/mL", censor=state, derivation_id=recipe.derivation_id)
        for state in Censor
    ]  # fmt: skip
    source = Source(source_id="ab" * 32, content=bytes(range(256)), filename="a.txt", size=256,
                    header_text="h" * 100_000)  # fmt: skip
    return ChipRecord(
        study=Study(study_id="S", title="Größe ☃"),
        devices=MappingProxyType({"D.1/x": Device(device_id="D.1/x", membrane_area_cm2=0.33)}),
        chips=Table.of(Chip, [Chip(chip_id="C/1", device_id="D.1/x", donor_id="D2")]),
        cells=Table.of(Cells, [Cells(chip_id="C/1", density=1e5, density_unit="cell/cm**2")]),
        exposures=Table.of(Exposure, [Exposure(chip_id="C/1", compound="IL-13", value=10.0)]),
        settings=Table.of(Setting, [Setting(chip_id="C/1", setting="flow", value=1.0)]),
        measurements=Table.of(Measurement, rows),
        spectra=spectra,
        series=(series,),
        derivations=Table.of(type(recipe), [recipe]),
        sources=MappingProxyType({source.source_id: source}),
        external=Table.of(External, [External(path="a.czi", size=2**40)]),
        log=Table.of(LogEntry, [LogEntry(level="info", code="x", text="line\nbreak")]),
    )
