"""The page of credibility: what is claimed, what shows it, and what nobody has shown.

`python -m benchmarks.credibility > docs/credibility.md` writes the page. Terms are those of ASME
V&V 40-2018 and of FDA's guidance of November 2023, "Assessing the Credibility of Computational
Modeling and Simulation in Medical Device Submissions". Figures are read from `results/*.json`.
"""

import importlib
import json
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import skinmech_calibration.trial
from skinmech.parameter_table import beside_the_model
from skinmech.skin import skin_model
from skinmech.therapies import catalogue
from skinmech_calibration.trial.population import PopulationParameter

RESULTS = Path(__file__).parent / "results"
KINDS = {
    "code verification": "the equations written down are the equations solved",
    "calculation verification": "the error of grids and steps is known",
    "calibration": "parameters are recovered or fitted as stated",
    "validation": "predictions meet data that the fit did not see",
    "uncertainty quantification": "bands hold what they say they hold",
    "applicability": "what was shown is near to what is asked",
}
Figure = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim and its evidence.

    Attributes:
        kind: A key of `KINDS`.
        text: What is claimed.
        shown_by: Path of a test, or a command.
        result: Name of the result file with the figure, or empty.
        figure: The figure as text, from the content of the result file.
    """

    kind: str
    text: str
    shown_by: str
    result: str = ""
    figure: Figure | None = None

    def shown(self, results: Path = RESULTS) -> str:
        """The figure; where there is none, what to run.

        Args:
            results: Folder of the result files.
        """
        path = results / self.result
        if self.figure and path.is_file():
            return self.figure(json.loads(path.read_text("utf-8")))
        command = f"pytest {self.shown_by}" if self.shown_by.endswith(".py") else self.shown_by
        return f"run `{command}`"


def _references(content: Mapping[str, Any]) -> str:
    one = content["compare"]
    return (
        f"two solvers differ by {one['difference_of_references']:.1e}, "
        f"tendencies by {one['translation_error']:.1e} (relative)"
    )


def _default_error(content: Mapping[str, Any]) -> str:
    errors = content["compare"]["our_errors"]
    return ", ".join(f"{error:.1e} at rtol {rtol}" for rtol, error in errors.items())


def _trial_errors(content: Mapping[str, Any]) -> str:
    rows = content["left_out"].items()
    errors = ", ".join(f"{name} {row['mae']:.1f} ({row['rows']} rows)" for name, row in rows)
    return f"mean absolute error, percentage points: {errors}"


def _trial_coverage(content: Mapping[str, Any]) -> str:
    rows = content["left_out"].items()
    return "80% bands held: " + ", ".join(f"{name} {row['cover80']:.0%}" for name, row in rows)


def _patients(content: Mapping[str, Any]) -> str:
    one = content["summary"]
    errors = one["mean_absolute_error"]
    better = [k for k, v in errors.items() if k != "model" and v < errors["model"]]
    verdict = f"; {' and '.join(better)} did better" if better else ""
    listed = ", ".join(f"{name} {value:.2f}" for name, value in errors.items())
    return f"{one['num_patients']} patients, error in PASI points: {listed}{verdict}"


def _coverage(content: Mapping[str, Any]) -> str:
    one = content["summary"]
    listed = (f"{float(k):.0%} bands held {v:.0%}" for k, v in one["coverage"].items())
    return f"{', '.join(listed)} of {one['num_gradings']} gradings"


_CODE, _CALCULATION, _CALIBRATION, _VALIDATION, _UNCERTAINTY, _APPLICABILITY = KINDS
_COUPLED = "python -m benchmarks.run --part coupled"
_UVB = "python -m benchmarks.uvb_patients"
CLAIMS = (
    Claim(_CODE, "The whole model against CVODE on C code translated from it",
          _COUPLED, "coupled.json", _references),
    Claim(_CODE, "The Rosenbrock method has its order, on stiff problems too",
          "tests/numerics/test_rodas5p.py"),
    Claim(_CODE, "Mass is balanced and nothing turns negative over the prior's range",
          "tests/model/test_balances.py"),
    Claim(_CODE, "Gradients of clinical outputs agree with finite differences",
          "tests/model/test_gradients.py"),
    Claim(_CODE, "The published psoriasis model: steady states and clearance",
          "tests/published/test_shmarov.py"),
    Claim(_CODE, "The published atopic dermatitis model: reference trajectories",
          "tests/published/test_miyano.py"),
    Claim(_CODE, "Drug concentrations against closed forms and published ones",
          "tests/therapies/test_pharmacokinetics.py"),
    Claim(_CALCULATION, "Error in time of half a year under treatment, by tolerance",
          _COUPLED, "coupled.json", _default_error),
    Claim(_CALCULATION, "The scheme converges in depth", "tests/model/test_grid.py"),
    Claim(_CALCULATION, "Twice as many cells: change of every clinical output",
          "python -m benchmarks.grid"),
    Claim(_CALIBRATION, "Known parameters of the coupled model come back from made data",
          "tests/calibration/test_recovery.py"),
    Claim(_CALIBRATION, "Published resistances of recorded impedance sweeps",
          "tests/calibration/impedance/test_published_sweeps.py"),
    Claim(_CALIBRATION, "A published IL-13 model fitted from many starts",
          "python -m benchmarks.raia_fit"),
    Claim(_CALIBRATION, "Healthy, atopic and psoriatic skin are states of one model, in range",
          "tests/model/test_attractors.py"),
    Claim(_VALIDATION, "Trials of a drug that the population was not fitted to",
          "python -m benchmarks.trials", "trials.json", _trial_errors),
    Claim(_VALIDATION, "The depth-resolved model forecasts patients under UVB",
          _UVB, "uvb_patients.json", _patients),
    Claim(_VALIDATION, "Courses of patients under UVB, each left out in turn",
          "python -m benchmarks.courses"),
    Claim(_VALIDATION, "Keratinocytes of real donors, with held-back data",
          "tests/calibration/test_keratinocyte_donors.py"),
    Claim(_VALIDATION, "Permeabilities of human skin to 22 substances, within a factor of five",
          "tests/therapies/test_permeation.py"),
    Claim(_UNCERTAINTY, "Bands of the forecasts of patients under UVB",
          _UVB, "uvb_patients.json", _coverage),
    Claim(_UNCERTAINTY, "Bands of predicted trials of left-out drugs",
          "python -m benchmarks.trials", "trials.json", _trial_coverage),
    Claim(_UNCERTAINTY, "Updated posteriors against full refits and integrals on a grid",
          "tests/calibration/test_update.py"),
    Claim(_UNCERTAINTY, "Value of the next experiment against nested Monte Carlo",
          "tests/calibration/test_design.py"),
    Claim(_APPLICABILITY, "Predictions outside the range of their data say so",
          "tests/calibration/test_predict.py"),
    Claim(_APPLICABILITY, "Arms that the model cannot describe are refused by name",
          "tests/calibration/trial/test_arms.py"),
)  # fmt: skip

_USE = """\
## Question and context of use

*Question of interest.* Which of several therapies, or which next experiment, is worth trying for a
donor, a cohort or the arms of a trial that is being planned?

*Context of use.* Research: to rank hypotheses, plan experiments and chips, and state how sure one
may be. Inputs are chip records, clinical scores and descriptions of therapies; outputs are courses
with bands. Experiments and clinical judgement stand beside it; it never decides alone. Treatment
of a patient, diagnosis and regulatory evidence on its own are outside.

*Model risk.* Influence: small to medium, as an experiment follows. Consequence of a wrong answer:
an experiment or an arm spent in vain, hence low. Low to medium together. Used for the care of a
patient the risk would be high, and the evidence below would not carry it.
"""

_UNKNOWN = """\
## What the model does not know

- Absolute cytokine concentrations in skin: responses count relative to each other.
- How far a drug's affinity in an assay is its affinity in tissue; drugs on one target differ by
  little else.
- How graders see: signs follow the tissue by assumed curves.
- Flares by chance, adherence, antibodies against a drug, and most kinds of season and stress.
- What a donor's data leave open: there the prior speaks, and the report says where.
- Skin that is soaked, and currents of single ions through the barrier.
- People whom trials seldom enrol; no claim above was shown for them.

Longer, with numerical limits: [limits](limits.md). No outside party has reviewed this page.

Research use only; not a medical device.
"""


def population_parameters() -> dict[str, PopulationParameter]:
    """Every declared parameter of the virtual population, by `module.name`, each once."""
    found: dict[int, tuple[str, PopulationParameter]] = {}
    package = skinmech_calibration.trial
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for group in vars(module).values():
            for one in group if isinstance(group, tuple) else ():
                if isinstance(one, PopulationParameter):
                    found.setdefault(id(one), (f"{info.name}.{one.name}", one))
    return dict(found.values())


def _counts(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], int, int]:
    """Rows of a table by scope, the number assumed, and the number in all."""
    count = Counter(pairs)
    rows = []
    for scope in sorted({scope for scope, _ in count}):
        parts = [count[scope, kind] for kind in ("measured", "fitted", "assumed")]
        total = sum(n for (one, _), n in count.items() if one == scope)
        rows.append(f"| {scope} | {' | '.join(map(str, (*parts, total - sum(parts), total)))} |")
    assumed = sum(n for (_, kind), n in count.items() if kind == "assumed")
    return rows, assumed, sum(count.values())


def _parameters() -> list[str]:
    model = skin_model().specifications().values()
    drugs = [one for drug in catalogue().values() for one in drug.quantities().values()]
    groups = (
        ("model", [(f"model, by {one.scope}", one.evidence) for one in model]),
        (
            "beside the model",
            [
                (f"{path.partition('.')[0].replace('_', ' ')}, beside the model", spec.evidence)
                for path, spec in beside_the_model().items()
            ],
        ),
        ("drugs", [("drug catalogue", one.evidence) for one in drugs]),
        (
            "population",
            [
                ("population, centre of prior", "assumed" if p.source == "assumed" else "sourced")
                for p in population_parameters().values()
            ],
        ),
    )
    lines = [
        "| Scope | measured | fitted | assumed | label, other | all |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    said = []
    for name, pairs in groups:
        rows, assumed, total = _counts(pairs)
        lines += rows
        said.append(f"{name}: {assumed} of {total} ({assumed / total:.0%})")
    return ["**Assumed** – " + "; ".join(said) + ".", "", *lines]


def _pigment_parameters() -> list[str]:
    """Value, unit, evidence and source of each parameter of the lesion plane and the laser."""
    lines = [
        "| Parameter | value | unit | evidence | source |",
        "|---|--:|---|---|---|",
    ]
    for path, spec in beside_the_model().items():
        if path.startswith(("lesion_plane.", "laser.")):
            lines.append(
                f"| `{path}` | {spec.value:.4g} | {spec.unit} | {spec.evidence} | {spec.source} |"
            )
    return lines


def markdown(results: Path = RESULTS) -> str:
    """The page `docs/credibility.md`.

    Args:
        results: Folder of the result files.
    """
    lines = [
        *("# Credibility", ""),
        "Written by `python -m benchmarks.credibility`; a test keeps it current. Terms are those",
        "of ASME V&V 40 (2018) and FDA's guidance on computational modelling (2023). Nothing here",
        "was submitted to anyone: it says what was tried, so that you can judge for your own use.",
        *("", _USE),
        *("## Claims and evidence", ""),
        *(f"- *{name}*: {meaning}." for name, meaning in KINDS.items()),
        *("", "| Kind | Claim | Shown by | Figure |", "|---|---|---|---|"),
        *(f"| {c.kind} | {c.text} | `{c.shown_by}` | {c.shown(results)} |" for c in CLAIMS),
        "",
        "A test passes or fails by the limits written in it. Figures of benchmarks are those of",
        "the last recorded run, in `benchmarks/results/`, whether they please or not.",
        *("", "## Parameters by evidence", ""),
        *_parameters(),
        "",
        "Assumed values were chosen so that the whole behaves, with a wide prior: no findings.",
        "Population parameters start from these centres and are then fitted to the open trials.",
        "Each with value, unit, prior and source: `python -m skinmech.parameter_table`; drugs in",
        "`src/skinmech/therapies/catalogue/`, the population in",
        "`calibration/skinmech_calibration/trial/`.",
        *("", "## Parameters of the lesion plane and the laser", ""),
        *_pigment_parameters(),
        *("", _UNKNOWN),
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(markdown().encode("utf-8"))
