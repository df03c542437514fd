"""`python -m benchmarks.raia_fit`: fit the IL-13 model of Raia et al. 2011 from many starts.

A PEtab problem of 205 readings, 39 parameters of which 16 are noise parameters, four doses. The
nominal parameters are the published optimum, with a negative log likelihood of 346.0898. Starts
are a Latin hypercube over all eight decades of the bounds, none of them chosen or dropped.
Prints one line a start, then the share that reached the published optimum or better.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("EQX_ON_ERROR", "nan")

import jax

jax.config.update("jax_enable_x64", True)
_CHECKOUT = Path(__file__).resolve().parent.parent
jax.config.update("jax_compilation_cache_dir", str(_CHECKOUT / ".jax_cache"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)

from skinmech_calibration.interchange import PetabStart, read_petab  # noqa: E402  # after the flags

PROBLEM = (
    _CHECKOUT.parent / "shared" / "data" / "models" / "raia2011_il13_petab"
    / "Raia_CancerResearch2011.yaml"
)  # fmt: skip
PUBLISHED = 346.0898


def main() -> None:
    """Run the fit and print how many starts got there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rtol", type=float, default=1e-6)
    parser.add_argument("--output", type=Path, default=None, help="JSON file of all starts")
    options = parser.parse_args()
    if not PROBLEM.is_file():
        raise SystemExit(f"Unable to find {PROBLEM.name} in ../shared/data/models.")
    problem = read_petab(PROBLEM)
    print(f"published optimum: {-problem.log_likelihood():.4f}, chi2 {problem.chi2():.4f}")
    wall, processor = time.perf_counter(), time.process_time()

    def tell(start: PetabStart) -> None:
        print(
            f"start {start.label:>3}: {start.objective:12.4f}  {start.num_iterations:3d} steps, "
            f"{start.num_rejected:3d} rejected, {start.num_failed} failed  {start.reason}",
            flush=True,
        )

    fit = problem.fit(starts=options.starts, seed=options.seed, rtol=options.rtol, progress=tell)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    reached = sum(start.objective <= PUBLISHED for start in fit.starts)
    near = fit.num_reaching(PUBLISHED)
    print(f"best {fit.objective:.4f}; at bounds: {', '.join(fit.at_bounds) or 'none'}")
    print(
        f"{reached} of {len(fit.starts)} starts ({100 * reached / len(fit.starts):.0f} %) at the "
        f"published optimum or below, {near} within 0.1 of it or below"
    )
    print(f"{wall:.0f} s wall clock, {processor:.0f} s of processor time, compilation included")
    if options.output is not None:
        told = {
            "published": PUBLISHED, "best": fit.objective, "reached": reached, "wall_s": wall,
            "processor_s": processor,
            "starts": [[s.label, s.objective, s.num_iterations, s.reason] for s in fit.starts],
        }  # fmt: skip
        options.output.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
