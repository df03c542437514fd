"""`python -m benchmarks.amici_peer --python PATH`: Raia 2011 beside AMICI with pyPESTO, in one run.

PATH is an interpreter in which `amici` and `pypesto[petab,fides]` are installed (they need a C++
compiler, CMake, SWIG and BLAS; they are no dependency of this project). Both sides get a process
of their own, one after the other, the same nominal point, the same start points and as many
optimiser steps; ours uses its own trust region, theirs Fides with the Fisher information. Wall and
processor seconds are told, for the machine may have other work.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = _CHECKOUT.parent / "shared" / "data" / "models" / "raia2011_il13_petab"
RESULTS = _CHECKOUT / "benchmarks" / "results"

_COMMON = """
import json, os, resource, sys, time
def now():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)  # a C++ compiler's time counts
    return [time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime]
CLOCK = now()
def lap():
    took = [b - a for a, b in zip(CLOCK, now())]
    CLOCK[:] = now()
    return took
def least(call, rounds):
    rows = []
    for _ in range(rounds):
        lap(); call(); rows.append(lap())
    return [min(r[0] for r in rows), min(r[1] for r in rows)]
given = json.loads(sys.stdin.read())
told = {}
"""

_OURS = """
os.environ.setdefault("EQX_ON_ERROR", "nan")
import jax
jax.config.update("jax_enable_x64", True)
import numpy as np
from skinmech_calibration import optimise
from skinmech_calibration.interchange import PetabObjective, read_petab
told["import"] = lap()
objective = PetabObjective(read_petab(given["problem"], rtol=1e-6))
z = objective.start
told["read"] = lap()
point = objective.evaluate(z)
told["first_gradient"] = lap()
objective.evaluate(z, derivatives=False)
told["first_simulation"] = lap()
told["cost"] = point.cost
told["gradient_at_nominal"] = dict(zip(objective.names, map(float, point.gradient)))
told["simulation"] = least(lambda: objective.evaluate(z, derivatives=False), 20)
told["gradient"] = least(lambda: objective.evaluate(z), 10)
starts = [np.array([s[n] for n in objective.names]) for s in given["starts"]]
lap()
found = optimise(objective, starts=0, initial=starts, max_iterations=given["steps"])
told["fit"] = lap()
told["fit_costs"] = [one.cost for one in found.starts]
"""

_THEIRS = """
import logging, warnings
warnings.simplefilter("ignore")
import numpy as np, yaml
import amici, pypesto, pypesto.optimize, pypesto.petab
import petab.v1 as petab
logging.disable(logging.CRITICAL)
told["import"] = lap()
told["versions"] = {"amici": amici.__version__, "pypesto": pypesto.__version__}
listed = yaml.safe_load(open(given["problem"]))
part, folder = listed["problems"][0], os.path.dirname(given["problem"])
at = lambda name: os.path.join(folder, name)
problem = petab.Problem.from_files(
    sbml_file=at(part["sbml_files"][0]), condition_file=at(part["condition_files"][0]),
    measurement_file=at(part["measurement_files"][0]), parameter_file=at(listed["parameter_file"]),
    observable_files=at(part["observable_files"][0]))
importer = pypesto.petab.PetabImporter(problem, output_folder=given["build"], model_name="raia")
factory = importer.create_objective_creator()
objective = factory.create_objective(force_compile=True)
mine = importer.create_problem(objective)
told["read"] = lap()  # with the model's C++ generated and compiled
call = mine.objective
x = np.array(problem.x_nominal_free_scaled)
gradient = call(x, sensi_orders=(1,))
told["first_gradient"] = lap()
told["cost"] = float(call(x))
told["first_simulation"] = lap()
told["gradient_at_nominal"] = dict(zip(problem.x_free_ids, map(float, gradient)))
told["simulation"] = least(lambda: call(x), 20)
told["gradient"] = least(lambda: call(x, sensi_orders=(1,)), 10)
solver = call._objectives[0].amici_solver if hasattr(call, "_objectives") else call.amici_solver
names = problem.x_free_ids
guesses = np.array([[s[n] for n in names] for s in given["starts"]])
mine.set_x_guesses(guesses)
lap()
found = pypesto.optimize.minimize(
    problem=mine, n_starts=len(guesses), engine=pypesto.engine.SingleCoreEngine(),
    progress_bar=False, optimizer=pypesto.optimize.FidesOptimizer(
        verbose=logging.ERROR, options={"maxiter": given["steps"]}))
told["fit"] = lap()
told["fit_costs"] = sorted(float(v) for v in found.optimize_result.fval)
"""


def run_side(python: str, script: str, given: dict[str, Any], environment: Any) -> dict[str, Any]:
    """One side in a process of its own."""
    text = f"{_COMMON}{script}\nprint('TOLD' + json.dumps(told))"
    done = subprocess.run(
        [python, "-c", text], input=json.dumps(given), capture_output=True, text=True,
        env=environment,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{Path(python).name} failed:\n{done.stderr[-2000:]}")
    line = next(one for one in done.stdout.splitlines() if one.startswith("TOLD"))
    return json.loads(line[4:])


def markdown(told: dict[str, Any]) -> str:
    """The table."""
    ours, theirs = told["ours"], told["amici"]
    names = {
        "import": "import", "read": "read the problem (AMICI: compile it)",
        "first_gradient": "first gradient after that", "simulation": "simulation, warm",
        "gradient": "gradient, warm", "fit": f"{told['starts']} starts of {told['steps']} steps",
    }  # fmt: skip
    versions = ", ".join(f"{k} {v}" for k, v in theirs["versions"].items())
    lines = [
        "# Raia 2011 beside AMICI", "",
        f"{versions}; both in one run, one after the other, on a machine with "
        f"{told['load']:.1f} other processes in its queue. Wall seconds (processor seconds).", "",
        "| | here | AMICI with pyPESTO | AMICI over here, processor |", "|---|---|---|---|",
    ]  # fmt: skip
    rows = {key: (ours[key], theirs[key]) for key in names}
    total = [[sum(side[k][i] for k in ("import", "read", "first_gradient")) for i in (0, 1)]
             for side in (ours, theirs)]  # fmt: skip
    rows["total"] = (total[0], total[1])
    names["total"] = "to the first gradient, all of it"
    for key, (mine, other) in rows.items():
        lines.append(
            f"| {names[key]} | {mine[0]:.3g} ({mine[1]:.3g}) | {other[0]:.3g} ({other[1]:.3g}) | "
            f"{other[1] / max(mine[1], 1e-9):.2g} × |"
        )
    best = [", ".join(f"{c:.2f}" for c in side["fit_costs"]) for side in (ours, theirs)]
    lines += [
        f"| objectives reached | {best[0]} | {best[1]} | |", "",
        f"Objective at the nominal point: {ours['cost']:.6f} here, {theirs['cost']:.6f} there; "
        f"largest difference of a gradient's component {told['gradient_error']:.1e} of the "
        "largest component. Start points are the same; so few steps say nothing of which search "
        "ends lower. Goals: gradient 2 ×, fit 2 ×, time to the first gradient 3 ×.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Run both, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="interpreter with amici and pypesto")
    parser.add_argument("--starts", type=int, default=2)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of amici.md, .json")
    options = parser.parse_args()
    problem = FOLDER / "Raia_CancerResearch2011.yaml"
    if not problem.is_file():
        raise SystemExit(f"Unable to find {problem.name} in ../shared/data/models.")
    if shutil.which(options.python) is None:
        raise SystemExit(f"Unable to run '{options.python}'. Name a Python that has amici.")
    import numpy as np

    from skinmech_calibration.interchange import PetabObjective, read_petab

    objective = PetabObjective(read_petab(problem))
    starts = [dict(zip(objective.names, map(float, z), strict=True))
              for z in objective.draw(options.starts, 0)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        given = {"problem": str(problem), "starts": starts, "steps": options.steps,
                 "build": str(Path(folder) / "raia")}  # fmt: skip
        cold = os.environ | {"JAX_COMPILATION_CACHE_DIR": str(Path(folder) / "cache")}
        load = os.getloadavg()[0]
        ours = run_side(sys.executable, _OURS, given, cold)
        binaries = str(Path(options.python).resolve().parent)
        path = os.pathsep.join([str(Path(options.python).parent), binaries, os.environ["PATH"]])
        plain = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PATH": path}
        theirs = run_side(options.python, _THEIRS, given, plain)
    names = list(ours["gradient_at_nominal"])
    mine, other = (np.array([side["gradient_at_nominal"][n] for n in names])
                   for side in (ours, theirs))  # fmt: skip
    told = {
        "ours": ours, "amici": theirs, "load": load, "starts": options.starts,
        "steps": options.steps,
        "gradient_error": float(np.max(np.abs(mine - other)) / np.max(np.abs(other))),
    }  # fmt: skip
    text = markdown(told)
    print(text)
    (options.output / "amici.json").write_text(json.dumps(told, indent=1) + "\n")
    (options.output / "amici.md").write_text(text)


if __name__ == "__main__":
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    main()
