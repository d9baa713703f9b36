"""Pure mathematics on arrays; knows nothing of models, buckets or files."""

from watchkeeper.stats.autoregression import Autoregression, fit_autoregression, push
from watchkeeper.stats.contingency import cell_p_values, largest_cell_p_value, spread_p_value
from watchkeeper.stats.distances import (
    chi_square,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    l_infinity,
    psi,
    total_variation,
    wasserstein,
)
from watchkeeper.stats.evidence import cusum, e_bh, e_value, tilt
from watchkeeper.stats.moderation import ModeratedVariance, moderate
from watchkeeper.stats.multiplicity import holm
from watchkeeper.stats.ranks import ORDER, location_p_value, rank_components, shape_p_value
from watchkeeper.stats.regression import Regression, fit_regression

__all__ = [
    "ORDER",
    "Autoregression",
    "ModeratedVariance",
    "Regression",
    "cell_p_values",
    "chi_square",
    "cusum",
    "e_bh",
    "e_value",
    "fit_autoregression",
    "fit_regression",
    "hellinger",
    "holm",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "l_infinity",
    "largest_cell_p_value",
    "location_p_value",
    "moderate",
    "psi",
    "push",
    "rank_components",
    "shape_p_value",
    "spread_p_value",
    "tilt",
    "total_variation",
    "wasserstein",
]
