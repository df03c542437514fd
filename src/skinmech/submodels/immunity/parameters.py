"""Parameters of T-helper subsets, dendritic cells, microbes and itch."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter

Scalar = Float[Array, ""]
_U = 10.0  # pg/mL of one relative cytokine unit of the published models


class ImmunityParameters(AbstractParameters):
    """Psoriatic loop after Shmarov 2022, T-helper and microbe laws after Miyano 2022."""

    cytokine_unit: Scalar = parameter(
        _U,
        "pg/mL",
        "Concentration of one relative unit of the published models; absolute tissue "
        "levels were not found",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 100.0),
    )
    t_cell_activation_rate: Scalar = parameter(
        55.0,
        "1/day",
        "Th17 cells activated per IL-23 (t2)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(10.0, 200.0),
    )
    immune_clearance_rate: Scalar = parameter(
        1.51,
        "1/day",
        "Loss of Th17 and dendritic cells (t20)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.3, 6.0),
    )
    apoptosis_rate: Scalar = parameter(
        0.0036,
        "1/day",
        "Apoptosis of Th17 and dendritic cells",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.0005, 0.02),
    )
    dendritic_activation: Scalar = parameter(
        6000.0,
        "cell/mm**2/day",
        "Largest activation by growth factors (vm)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(500.0, 20000.0),
        prior_sd=0.2,
    )
    dendritic_half: Scalar = parameter(
        3e12**0.25,
        "cell/mm**2",
        "Growth factors of half-maximal activation (kp^(1/4))",
        source="shmarov2022",
        evidence="fitted",
        bounds=(500.0, 4000.0),
        prior_sd=0.1,
    )
    dendritic_basal: Scalar = parameter(
        1880.0,
        "cell/mm**2/day",
        "Activation without growth factors (act)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(300.0, 6000.0),
        prior_sd=0.1,
    )
    growth_factor_clearance: Scalar = parameter(
        36.5,
        "1/day",
        "Clearance of epidermal growth factors and of IL-23",
        source="shmarov2022",
        evidence="fitted",
        bounds=(10.0, 150.0),
        prior_sd=0.1,
    )
    signal_production: Scalar = parameter(
        1.0,
        "1/day",
        "Growth factors per dividing keratinocyte and IL-23 per dendritic cell (sc2gf, "
        "ta2gf, il232)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.2, 5.0),
        prior_sd=0.1,
    )
    t_cell_survivors: Scalar = parameter(
        1556.09,
        "cell/mm**2",
        "Th17 density below which ultraviolet light kills none",
        source="shmarov2022",
        evidence="fitted",
        bounds=(300.0, 5000.0),
    )
    dendritic_survivors: Scalar = parameter(
        1563.06,
        "cell/mm**2",
        "Dendritic density below which ultraviolet light kills none",
        source="shmarov2022",
        evidence="fitted",
        bounds=(300.0, 5000.0),
    )
    Th2_suppression: Scalar = parameter(
        1.0,
        "dimensionless",
        "Th2 cells that halve dendritic activation towards IL-23",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 50.0),
    )
    Th1_rate: Scalar = parameter(
        19.1,
        "1/week",
        "Differentiation to Th1 per antigen (k5)",
        source="miyano2022",
        evidence="fitted",
        bounds=(1.0, 200.0),
    )
    Th2_rate: Scalar = parameter(
        48.9,
        "1/week",
        "Differentiation to Th2 per antigen (k6); the donor's Th2 endotype",
        source="miyano2022",
        evidence="fitted",
        bounds=(2.0, 600.0),
    )
    Th22_rate: Scalar = parameter(
        125.0,
        "1/week",
        "Differentiation to Th22 per antigen (k8)",
        source="miyano2022",
        evidence="fitted",
        bounds=(5.0, 1000.0),
    )
    IFNg_bias: Scalar = parameter(
        0.0362,
        "dimensionless",
        "Bias to Th1 per unit of IFN-gamma (k9)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.003, 0.5),
    )
    IL4_bias: Scalar = parameter(
        0.00297,
        "dimensionless",
        "Bias to Th2 per unit of IL-4 (k10)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.0003, 0.1),
    )
    T_helper_loss: Scalar = parameter(
        0.578,
        "1/week",
        "Loss of T-helper cells without OX40L (d9)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.05, 5.0),
        prior_sd=0.2,
    )
    OX40L_survival: Scalar = parameter(
        0.0699,
        "dimensionless",
        "Survival of T-helper cells per unit of OX40L (b9)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.005, 1.0),
    )
    OX40L_TSLP: Scalar = parameter(
        1.52,
        "1/week",
        "OX40L made per unit of TSLP (k25)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.1, 20.0),
    )
    OX40L_basal: Scalar = parameter(
        5.37,
        "1/week",
        "Basal OX40L (k26)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.3, 60.0),
    )
    OX40L_loss: Scalar = parameter(
        1.62,
        "1/week",
        "Loss of OX40L (d17)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.2, 20.0),
    )
    alarmin_half: Scalar = parameter(
        170.0,
        "pg/mL",
        "TSLP and IL-33 of half-maximal type-2 priming",
        source="assumed",
        evidence="assumed",
        bounds=(5.0, 1000.0),
        prior_sd=0.3,
    )
    alarmin_power: Scalar = parameter(
        4.0,
        "dimensionless",
        "Cooperativity of type-2 priming by alarmins",
        source="assumed",
        evidence="assumed",
        bounds=(1.0, 6.0),
        prior_sd=0.2,
    )
    IL33_share: Scalar = parameter(
        0.3,
        "dimensionless",
        "Weight of IL-33 beside TSLP in type-2 priming",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 1.0),
    )
    IL4_secretion: Scalar = parameter(
        150.0,
        "pg/mL/day",
        "IL-4 secreted per unit of Th2 cells; IL-13 dominates in atopic skin",
        source="tsoi2019",
        evidence="assumed",
        bounds=(5.0, 3e4),
    )
    IL13_secretion: Scalar = parameter(
        2500.0,
        "pg/mL/day",
        "IL-13 secreted per unit of Th2 cells",
        source="assumed",
        evidence="assumed",
        bounds=(100.0, 5e4),
    )
    IL31_secretion: Scalar = parameter(
        900.0,
        "pg/mL/day",
        "IL-31 secreted per unit of Th2 cells",
        source="assumed",
        evidence="assumed",
        bounds=(30.0, 3e4),
    )
    IL22_secretion: Scalar = parameter(
        900.0,
        "pg/mL/day",
        "IL-22 secreted per unit of Th22 cells",
        source="assumed",
        evidence="assumed",
        bounds=(30.0, 3e4),
    )
    IFNg_secretion: Scalar = parameter(
        400.0,
        "pg/mL/day",
        "IFN-gamma secreted per unit of Th1 cells",
        source="assumed",
        evidence="assumed",
        bounds=(20.0, 3e4),
    )
    IL17_secretion: Scalar = parameter(
        0.5 * _U,
        "pg/mL/day*mm**2/cell",
        "IL-17A secreted per Th17 cell (il172 times the cytokine unit)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.5, 50.0),
    )
    TNF_secretion: Scalar = parameter(
        0.5 * _U,
        "pg/mL/day*mm**2/cell",
        "TNF secreted per Th17 cell (tnf2 times the cytokine unit)",
        source="shmarov2022",
        evidence="fitted",
        bounds=(0.5, 50.0),
    )
    IL22_Th17_secretion: Scalar = parameter(
        0.3,
        "pg/mL/day*mm**2/cell",
        "IL-22 secreted per Th17 cell",
        source="assumed",
        evidence="assumed",
        bounds=(0.02, 20.0),
    )
    antigen_load: Scalar = parameter(
        1.0,
        "dimensionless",
        "Allergens and microbes on the skin relative to an average climate",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 10.0),
        prior_sd=0.4,
    )
    antigen_saturation: Scalar = parameter(
        0.3,
        "dimensionless",
        "Antigens in the skin that half saturate their presentation",
        source="assumed",
        evidence="assumed",
        bounds=(0.03, 5.0),
        prior_sd=0.4,
    )
    infiltration_rate: Scalar = parameter(
        0.202,
        "1/week",
        "Entry of antigens without barrier, and their basal clearance (k4 = d8)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.02, 2.0),
    )
    clearance_rate: Scalar = parameter(
        1.0,
        "1/week",
        "Rate constant implied by the published clearance of antigens",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.2, 5.0),
        prior_sd=0.1,
    )
    barrier_protection: Scalar = parameter(
        6.0,
        "dimensionless",
        "Reduction of entry by an intact barrier; the source has 1.48 for its own integrity score",
        source="assumed",
        evidence="assumed",
        bounds=(0.3, 40.0),
    )
    pathogen_clearance: Scalar = parameter(
        0.368,
        "dimensionless",
        "Clearance induced by antigens themselves (d4)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.02, 5.0),
    )
    IL17_clearance: Scalar = parameter(
        0.0061,
        "dimensionless",
        "Clearance per unit of IL-17A (d5)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.0005, 0.2),
    )
    IL22_clearance: Scalar = parameter(
        0.00667,
        "dimensionless",
        "Clearance per unit of IL-22 (d6)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.0005, 0.2),
    )
    IFNg_clearance: Scalar = parameter(
        1.67e-4,
        "dimensionless",
        "Clearance per unit of IFN-gamma (d7)",
        source="miyano2022",
        evidence="fitted",
        bounds=(1e-5, 0.02),
    )
    IL4_suppression: Scalar = parameter(
        3.38e-4,
        "dimensionless",
        "Suppression of clearance per unit of IL-4 (b7)",
        source="miyano2022",
        evidence="fitted",
        bounds=(1e-5, 0.02),
    )
    IL13_suppression: Scalar = parameter(
        0.0302,
        "dimensionless",
        "Suppression of clearance per unit of IL-13 (b8)",
        source="miyano2022",
        evidence="fitted",
        bounds=(0.001, 1.0),
    )
    glucocorticoid_inhibition: Scalar = parameter(
        0.85,
        "dimensionless",
        "Immune secretion suppressed by full glucocorticoid action",
        source="simonsen2021",
        evidence="assumed",
        bounds=(0.0, 0.99),
        prior_sd=0.1,
        transform="identity",
    )
    PDE4_share: Scalar = parameter(
        0.4,
        "dimensionless",
        "Immune secretion suppressed by full inhibition of PDE4",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.95),
        prior_sd=0.15,
        transform="identity",
    )
    calcineurin_share: Scalar = parameter(
        0.7,
        "dimensionless",
        "Immune secretion suppressed by full inhibition of calcineurin",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.99),
        prior_sd=0.15,
        transform="identity",
    )
    folate_share: Scalar = parameter(
        0.6,
        "dimensionless",
        "T cell expansion suppressed by full inhibition of the folate cycle",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 0.99),
        prior_sd=0.15,
        transform="identity",
    )
    infiltrate_rate: Scalar = parameter(
        0.06,
        "1/day",
        "Rate at which the infiltrate behind redness and papules follows type-2 signalling",
        source="assumed",
        evidence="assumed",
        bounds=(0.01, 0.5),
    )
    itch_rate: Scalar = parameter(
        0.7,
        "1/day",
        "Rate at which itch follows its mediators",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 5.0),
    )
    itch_IL31: Scalar = parameter(
        400.0,
        "pg/mL",
        "IL-31 of half-maximal itch",
        source="assumed",
        evidence="assumed",
        bounds=(20.0, 5000.0),
    )
    itch_type2: Scalar = parameter(
        700.0,
        "pg/mL",
        "IL-4 and IL-13 of half-maximal itch",
        source="assumed",
        evidence="assumed",
        bounds=(50.0, 10000.0),
    )
    scratch_half: Scalar = parameter(
        0.6,
        "dimensionless",
        "Itch of half-maximal scratching",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 1.0),
        prior_sd=0.2,
    )
