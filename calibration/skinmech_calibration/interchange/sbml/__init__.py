"""Models in SBML."""

from .model import Description as Description
from .simulate import SBMLModel as SBMLModel, read_sbml as read_sbml
from .trajectory import SBMLTrajectory as SBMLTrajectory
