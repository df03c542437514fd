"""The cohort file that benchmarks of the coupled model share: atopic patients who differ in three
parameters and in weight."""

_TEXT = """
[cohort]
id = "B-{seed}"
patients = {count}
seed = {seed}
weeks = "26 weeks"
observe = ["easi", "tewl", "itch_nrs", "epidermal_thickness"]
vary = ["immunity.Th2_rate", "immunity.antigen_load", "barrier.water_diffusivity"]
[donor]
disease = "atopic"
[priors]
"immunity.Th2_rate" = {{ centre = 100, spread = 0.15 }}
"""
_UNTREATED = '[[protocol]]\nname = "no treatment"\n'
_DUPILUMAB = """[[protocol]]
name = "dupilumab"
treatment = ["dupilumab: 600 mg, then 300 mg q2w"]
"""


def cohort_text(count: int, *, seed: int = 1, has_untreated: bool = False) -> str:
    """Text of a cohort file: `count` patients by 26 weeks of dupilumab, and untreated if asked."""
    untreated = _UNTREATED if has_untreated else ""
    return _TEXT.format(count=count, seed=seed) + untreated + _DUPILUMAB
