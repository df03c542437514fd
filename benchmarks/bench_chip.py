"""The chip bridge: how long reading, storing and loading take, and what importing it costs.

`python -m benchmarks.run --part chip` writes the tables; under pytest-benchmark the same work is
timed as `pytest benchmarks/bench_chip.py`. The files are made by the adapters' own writers.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from skinmech_chip_adapters import ChipRecord, adapters, load, read, save, summary
from skinmech_chip_adapters.instruments.bmg_mars import writer as mars
from skinmech_chip_adapters.instruments.cellzscope_raw import writer as cellzscope

WELLS = [f"{letter}{column:02d}" for letter in "ABCDEFGH" for column in range(1, 13)]
NUM_SPECTRA, NUM_PLATES = 312, 1000
TARGETS_S = {"312 spectra": 2.0, "1,000 plates": 60.0, "import": 1.0}


def write_spectra(folder: Path, wells: int = 8, runs: int = 39, points: int = 46) -> Path:
    """A cellZscope export of 312 sweeps and its side-car; returns the side-car."""
    frequency = np.geomspace(1.0, 1e5, points)
    sweeps = []
    for well in WELLS[:wells]:
        for run in range(runs):
            r = 300.0 + 10.0 * run
            z = 100.0 + r / (1 + 2j * np.pi * frequency * r * 1e-6)
            when = datetime(2026, 7, 23, 9) + timedelta(hours=run)
            phase = np.degrees(np.angle(z))
            sweeps.append(
                cellzscope.Sweep(well, "cells", f"Run.{run}", when, frequency, np.abs(z), phase)
            )
    (folder / "spectra.txt").write_bytes(cellzscope.write(sweeps))
    chips = "".join(f"[chip.{well}]\n" for well in WELLS[:wells])
    places = "".join(f'{well} = {{ chip = "{well}" }}\n' for well in WELLS[:wells])
    return _sidecar(
        folder, f'{chips}[[file]]\npath = "spectra.txt"\ntime = "0 h"\n[file.well_map]\n{places}'
    )


def write_plates(folder: Path, number: int = NUM_PLATES) -> Path:
    """BMG MARS plates of 96 wells and their side-car; returns the side-car."""
    values = np.random.default_rng(0).uniform(0.05, 3.0, (number, len(WELLS)))
    entries = ["[chip.C]\n"]
    for plate in range(number):
        name = f"plate{plate:04d}.csv"
        cells = dict(zip(WELLS, values[plate].tolist(), strict=True))
        (folder / name).write_bytes(mars.write({"Raw Data (450)": cells}, digits=3))
        entries.append(
            f'[[file]]\npath = "{name}"\nchip = "C"\ntime = "{plate} h"\nplate = "P{plate}"\n'
        )
    return _sidecar(folder, "".join(entries))


def _sidecar(folder: Path, text: str) -> Path:
    path = folder / "chip.toml"
    path.write_text(f'[study]\nid = "benchmark"\n{text}', encoding="utf-8")
    return path


def read_and_store(sidecar: Path) -> ChipRecord:
    """What `skinmech read` does, without TEER."""
    record = read(None, sidecar)
    save(record, sidecar.with_name("study.h5"))
    return record


def import_seconds() -> dict[str, Any]:
    """Importing the package in a new process: clock, processor, and whether JAX came along."""
    code = (
        "import json, sys, time; wall, cpu = time.perf_counter(), time.process_time();"
        "import skinmech_chip_adapters;"
        "print(json.dumps({'wall_s': time.perf_counter() - wall,"
        " 'cpu_s': time.process_time() - cpu, 'imports_jax': 'jax' in sys.modules}))"
    )
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True,
                                  text=True).stdout)
        for _ in range(5)
    ]  # fmt: skip
    return {
        "wall_s": min(one["wall_s"] for one in runs),
        "cpu_s": min(one["cpu_s"] for one in runs),
        "imports_jax": any(one["imports_jax"] for one in runs),
    }


def _timed(call: Callable[[], Any], rounds: int) -> tuple[dict[str, float], Any]:
    samples, result = [], None
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        result = call()
        samples.append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        "median_s": statistics.median(wall for wall, _ in samples),
        "min_s": min(wall for wall, _ in samples),
        "min_cpu_s": min(cpu for _, cpu in samples),
        "rounds": rounds,
    }, result


def measure(rounds: int = 5) -> dict[str, Any]:
    """All figures; a thousand plates are read once."""
    adapters()
    results: dict[str, Any] = {"import": import_seconds()}
    for name, prepare, times in (
        ("312 spectra", write_spectra, rounds),
        ("1,000 plates", write_plates, 1),
    ):
        with tempfile.TemporaryDirectory() as folder:
            sidecar = prepare(Path(folder))
            files = [one for one in Path(folder).iterdir() if one != sidecar]
            given = sum(one.stat().st_size for one in files)
            stored, record = _timed(lambda car=sidecar: read_and_store(car), times)
            path = Path(folder) / "study.h5"
            loaded, again = _timed(lambda p=path: load(p), times)
            told, _ = _timed(lambda r=again: summary(r), times)
            if again != record:
                raise RuntimeError(f"{name}: the record read back differs from what was written")
            results[name] = {
                "files": len(files), "bytes": given, "record_bytes": path.stat().st_size,
                "spectra": len(record.spectra), "values": len(record.measurements),
                "read_and_store": stored, "load": loaded, "summary": told,
            }  # fmt: skip
    results["cores"] = os.cpu_count()
    return results


def markdown(results: dict[str, Any]) -> str:
    """The figures as a table with the targets they are held against."""
    lines = ["# Chip bridge benchmarks", ""]
    lines += [f"{k}: {v}  " for k, v in results["machine"].items()]
    lines += [
        "",
        "One process on one core; the reader uses no more.",
        "",
        "| task | seconds (least) | CPU s | target s | MB in | MB record | load s | summary s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in ("312 spectra", "1,000 plates"):
        one = results[name]
        took = one["read_and_store"]
        lines.append(
            f"| {name} read and stored | {took['min_s']:.2f} | {took['min_cpu_s']:.2f} | "
            f"{TARGETS_S[name]:g} | {one['bytes'] / 1e6:.2f} | {one['record_bytes'] / 1e6:.2f} | "
            f"{one['load']['min_s']:.2f} | {one['summary']['min_s']:.2f} |"
        )
    one = results["import"]
    lines.append(
        f"| `import skinmech_chip_adapters` | {one['wall_s']:.2f} | {one['cpu_s']:.2f} | "
        f"{TARGETS_S['import']:g} | | | | |"
    )
    lines += ["", f"JAX imported: {'yes' if one['imports_jax'] else 'no'}.", ""]
    return "\n".join(lines)


def test_312_spectra_are_read_and_stored(benchmark, tmp_path):
    """The cellZscope recording's size: 8 wells, 39 runs, 46 points."""
    sidecar = write_spectra(tmp_path)
    record = benchmark(read_and_store, sidecar)
    assert len(record.spectra) == NUM_SPECTRA


def test_plates_are_read_and_stored(benchmark, tmp_path):
    """A hundred of the thousand."""
    sidecar = write_plates(tmp_path, 100)
    record = benchmark(read_and_store, sidecar)
    assert len(record.measurements) == 100 * len(WELLS)


def test_312_spectra_are_loaded(benchmark, tmp_path):
    """Back from the record."""
    read_and_store(write_spectra(tmp_path))
    benchmark(load, tmp_path / "study.h5")
