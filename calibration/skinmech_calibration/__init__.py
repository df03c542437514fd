"""Calibration: experiments, likelihoods, fits, posteriors, predictions."""

from .compare import Comparison as Comparison, Pair as Pair, compare as compare
from .design import (
    Candidate as Candidate,
    Design as Design,
    Question as Question,
    design as design,
)
from .errors import CalibrationError as CalibrationError
from .experiment import Experiment as Experiment, Observation as Observation
from .fit import (
    FitError as FitError,
    FitResult as FitResult,
    Progress as Progress,
    StartResult as StartResult,
    fit as fit,
)
from .flares import FlareOutlook as FlareOutlook, flare_outlook as flare_outlook
from .hierarchical import Population as Population, hierarchical as hierarchical
from .identifiability import Undetermined as Undetermined
from .laplace import Laplace as Laplace, laplace_at as laplace_at
from .objective import (
    AbstractObjective as AbstractObjective,
    FunctionObjective as FunctionObjective,
)
from .optimise import Optima as Optima, Optimum as Optimum, optimise as optimise
from .posterior import Posterior as Posterior, laplace as laplace
from .predict import (
    Prediction as Prediction,
    PredictionError as PredictionError,
    predict as predict,
)
from .problem import CalibrationProblem as CalibrationProblem, Evaluation as Evaluation
from .profiles import Profile as Profile, profile as profile
from .record import exposure_events as exposure_events, from_record as from_record
from .samples import Samples as Samples
from .sampling import SamplingProgress as SamplingProgress, sample as sample
from .sensitivity import (
    Sensitivity as Sensitivity,
    petab_outputs as petab_outputs,
    sensitivity as sensitivity,
    skin_outputs as skin_outputs,
)
from .skin_objective import SkinObjective as SkinObjective
from .stochastic import Descent as Descent, stochastic as stochastic
from .surprise import Surprise as Surprise
from .tables import from_table as from_table
from .update import Taken as Taken, Twin as Twin
from .uvb import (
    PSORIASIS_FREE as PSORIASIS_FREE,
    grading_sd as grading_sd,
    remaining_weeks as remaining_weeks,
    uvb_patient as uvb_patient,
    uvb_patients as uvb_patients,
    uvb_priors as uvb_priors,
    uvb_problem as uvb_problem,
)
from .uvb_forecast import UvbForecast as UvbForecast, uvb_forecast as uvb_forecast
