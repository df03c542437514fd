"""Where and with what figures were taken; how the parts write them down."""

import json
import os
import platform
import subprocess
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
_USUAL = ("jax", "diffrax", "equinox", "numpy")


def one_thread() -> None:
    """One thread on every side; to be called before any numerical library is loaded."""
    os.environ.setdefault("EQX_ON_ERROR", "nan")
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_multi_thread_eigen" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"


def machine(*packages: str) -> dict[str, Any]:
    """Processor, load, versions and commit.

    Args:
        packages: Distributions whose versions matter besides the usual ones.
    """
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        check=False,
    ).stdout.strip()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = {
        "cpu": cpu,
        "cores": cores,
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }
    for name in (*_USUAL, *packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return {**found, "commit": commit}


def head(title: str, results: dict[str, Any]) -> list[str]:
    """First lines of a part's table: title and machine."""
    return [f"# {title}", "", *(f"{k}: {v}  " for k, v in results["machine"].items()), ""]


def write(name: str, results: dict[str, Any], table: Callable[[dict[str, Any]], str]) -> None:
    """results/NAME.json and NAME.md; the table is shown too."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1, default=str) + "\n")
    text = table(results)
    (RESULTS / f"{name}.md").write_text(text)
    print(text)


def read(name: str) -> dict[str, Any]:
    """What a part has written before; empty where it has not run."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else {}
