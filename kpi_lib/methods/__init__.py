"""The methods of the field as functions on arrays: normalise, aggregate, impute, treat outliers.

Knows nothing of frameworks, files or cities; methods are found by name in the registry. The
library's own join first, so that none of a user's can take the name of one.
"""

from kpi_lib.methods.aggregate import AGGREGATE
from kpi_lib.methods.normalise import NORMALISE

__all__ = ["AGGREGATE", "NORMALISE"]
