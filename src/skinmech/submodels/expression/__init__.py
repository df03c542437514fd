"""Expression: mRNA of a small family of genes, driven by pathway activity."""

from .expression import Expression as Expression
from .genes import GENES as GENES, gene as gene
from .parameters import ExpressionParameters as ExpressionParameters
