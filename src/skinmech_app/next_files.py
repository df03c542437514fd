"""What `skinmech design` hands out: the chip lab's side-car, and the study for model and clinic."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skinmech_calibration import Design

    from .question import Asked, Plan

TABLE_HEAD = "week,observable,value,unit,sd,n,source,note\n"


def sidecar_text(plans: "Sequence[Plan]", study: str, donor: str, remark: str = "") -> str:
    """A side-car of planned chips, in the vocabulary of `skinmech read`.

    Args:
        plans: Chips.
        study: Its identifier.
        donor: Code of the donor.
        remark: Lines to begin with.
    """
    from .question import AREA, FLOW, VOLUME

    lines = [*(f"# {line}" for line in remark.splitlines()), "[study]", f'id = "{study}"', ""]
    lines += ["[device.insert]", f"membrane_area_cm2 = {AREA}",
              'area_source = "planned; replace by the maker\'s"',
              f"basal_volume_uL = {VOLUME}", ""]  # fmt: skip
    for plan in plans:
        lines += [f'[chip."{plan.name}"]', 'device = "insert"', 't0_event = "air lift"']
        lines += [f'donor = "{donor}"'] if donor else []
        lines += [
            f"# read {', '.join(plan.readouts)}",
            f"# on day {', '.join(f'{day:g}' for day in plan.days)} after air lift",
            "",
        ]
    for plan in plans:
        lines += ["[[setting]]", f'chip = "{plan.name}"', 'setting = "flow"', f"value = {FLOW}",
                  'unit = "uL/min"', 'time = "0 d"', ""]  # fmt: skip
        for one in plan.exposures:
            lines += ["[[exposure]]", f'chip = "{plan.name}"', f'compound = "{one.compound}"',
                      f"value = {one.value!r}", f'unit = "{one.unit}"',
                      f'time = "{24 * one.day!r} h"', ""]  # fmt: skip
    return "\n".join(lines)


def study_text(
    content: dict[str, Any], asked: "Asked", found: "Design", record: str, tables: dict[str, str]
) -> str:
    """A study file that the model simulates now, and that is fitted once the readings are in.

    Args:
        content: The fit that was asked.
        asked: The question.
        found: The recommendation.
        record: Name of the chip record to come.
        tables: Name of the clinical table to come, by candidate.
    """
    donor = content["donor"]
    plans = {one.name: one for one in asked.plans}
    chosen = list(dict.fromkeys(one.name for one in found.chosen))
    lines = [
        f"# Recommended for the question: {asked.words}.",
        "# Simulate it: skinmech simulate THIS FILE. Fit it once the readings are there:",
        "# uncomment the data below. Parameters are the centre of what is known, priors what is",
        "# known of each without the others; what one tells of another stays in the fit file.",
        "[study]", f'id = "{content["study"]["id"]}-next"', "", "[donor]",
    ]  # fmt: skip
    lines += [f'code = "{donor["code"]}"'] if donor["code"] else []
    lines += [f'disease = "{donor["disease"]}"']
    if donor["filaggrin_null_alleles"] is not None:
        lines += [f"filaggrin_null_alleles = {donor['filaggrin_null_alleles']}"]
    lines += [f'phototype = "{donor["phototype"]}"'] if donor["phototype"] else []
    for key in ("th1_score", "th2_score", "th17_score", "th22_score"):
        lines += [f"{key} = {donor[key]!r}"] if donor.get(key) else []
    if donor.get("age_group", "adult") != "adult":
        lines += [f'age_group = "{donor["age_group"]}"']
    if donor.get("s_aureus", 1.0) != 1.0:
        lines += [f"s_aureus = {donor['s_aureus']!r}"]
    lines += [f'weight = "{donor["weight"]!r} kg"'] if donor["weight"] else []
    treated = next((plans[n].treatments for n in chosen if plans[n].treatments), ())
    shared = [row for row in content["parameters"] if ":" not in row["name"]]
    lines += ["", "[parameters]"] + [f'"{row["name"]}" = {row["value"]!r}' for row in shared]
    for line in treated:
        lines += ["", "[[treatment]]", f'drug = "{line.drug}"']
        lines += [f'regimen = "{line.regimen}"'] if line.regimen else []
    lines += ["", "[fit]", "free = ["] + [f'  "{row["name"]}",' for row in shared] + ["]", ""]
    for name in chosen:
        plan = plans[name]
        if plan.kind == "chip":
            lines += ["# [[chip]]", f'# record = "{record}"', f'# chip = "{name}"', ""]
            continue
        words = ", ".join(f'"{one.drug}: {one.regimen}"' if one.regimen else f'"{one.drug}"'
                          for one in plan.treatments)  # fmt: skip
        lines += ["# [[clinic]]", f'# name = "{name}"', f'# file = "{tables[name]}"',
                  f"# treatment = [{words}]",
                  f"# read {', '.join(plan.readouts)} in week "
                  f"{', '.join(f'{day / 7:g}' for day in plan.days)}", ""]  # fmt: skip
    return "\n".join(lines)


def table_text(plan: "Plan") -> str:
    """A clinical table with its readings still open, each a remark to be filled in."""
    rows = [f"# {day / 7!r},{name},,,,,," for day in plan.days for name in plan.readouts]
    return TABLE_HEAD + "\n".join(rows) + "\n"


def as_rows(found: "Design") -> dict[str, Any]:
    """The recommendation as plain values."""
    return {
        "question": found.question.name, "before": found.before, "after": found.after,
        "difference": found.difference, "regret": found.regret, "cost": found.cost,
        "chosen": [dataclasses.asdict(one) for one in found.chosen],
        "alone": [dataclasses.asdict(one) for one in found.alone],
        "failed": found.failed,
    }  # fmt: skip
