"""The main job on a worked example: chip files to forecast and report, into ./demo_output/.

    python -m skinmech_app.demo [folder]

The chip recordings are simulated and say so; the clinical values are published group means.
"""

import sys
import time
from importlib.resources import files
from pathlib import Path

from .files import write_whole
from .terminal import RESEARCH_USE, note

STEPS = (
    ("read", ["read", "--sidecar", "chips/chip.toml", "-o", "study.h5"]),
    ("show", ["show", "study.h5", "--picture", "study.svg"]),
    (
        "fit",
        ["fit", "study.toml", "-o", "fit.json", "--restart", "--iterations", "12", "--draws", "8"],
    ),
    ("report", ["report", "fit.json", "-o", "report.html", "--draws", "10"]),
)
_PATHS = ("chips/chip.toml", "study.h5", "study.svg", "study.toml", "fit.json", "report.html")


def main(folder: str | Path = "demo_output") -> int:
    """Run the worked example.

    Args:
        folder: Where everything is written.

    Returns:
        Exit code of the process: that of the first step that failed.
    """
    from .cli import run

    folder = Path(folder)
    (folder / "chips").mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}
    print("skinmech worked example: from chip files to forecasts for one donor")
    print("The chip is SIMULATED from a stated donor; the clinic is published group means.")
    print(RESEARCH_USE, "\n")
    began = time.monotonic()
    paths = prepare(folder)
    seconds["recordings"] = time.monotonic() - began
    print(f"wrote {len(paths)} simulated instrument files and their side-car to {folder}/chips")
    failed = 0
    for name, words in STEPS:
        placed = [str(folder / word) if word in _PATHS else word for word in words]
        print(f"\n$ skinmech {' '.join(placed)}", flush=True)
        start = time.monotonic()
        code = run(placed)
        seconds[name] = time.monotonic() - start
        if code == 5:  # not converged: the fit is there, and the report says so
            failed = code
            continue
        if code:
            return code
    _finish(folder, seconds, time.monotonic() - began)
    return failed


def prepare(folder: Path) -> list[Path]:
    """Write the simulated recordings, the clinical table and the study file.

    Args:
        folder: With a folder `chips` in it.
    """
    from .demo_recordings import write_recordings
    from .runtime import set_up

    data = files("skinmech_app") / "demo_data"
    set_up()
    note("simulating the chip recordings …")
    paths = write_recordings(folder / "chips", (data / "chip.toml").read_text("utf-8"))
    for name in ("study.toml", "clinic.csv"):
        write_whole(folder / name, (data / name).read_text("utf-8"))
    return paths


def _finish(folder: Path, seconds: dict[str, float], total: float) -> None:
    from .demo_recordings import TRUTH
    from .fit_file import load

    content = load(folder / "fit.json")
    found = {row["name"]: row for row in content["parameters"]}
    print("\nKnown truth of the simulated chip, and what the fit to chip and clinic says:")
    for path, value in TRUTH.items():
        row = found.get(path)
        if row is not None:
            low, high = row["interval"]
            print(f"  {path:<36} true {value:<9.4g} fit {row['value']:.4g} "
                  f"(95 % {low:.4g} to {high:.4g}) {row['unit']}")  # fmt: skip
    print("The clinic belongs to other people than the simulated chip, so the two may pull apart.")
    print("\nTime: " + ", ".join(f"{name} {one:.0f} s" for name, one in seconds.items())
          + f"; {total:.0f} s in all")  # fmt: skip
    print(f"Open {folder / 'report.html'} in a browser.")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
