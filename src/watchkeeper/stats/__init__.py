"""Pure mathematics on arrays; knows nothing of models, buckets or files."""

from watchkeeper.stats.autoregression import Autoregression, fit_autoregression, push
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
from watchkeeper.stats.regression import Regression, fit_regression

__all__ = [
    "Autoregression",
    "ModeratedVariance",
    "Regression",
    "chi_square",
    "cusum",
    "e_bh",
    "e_value",
    "fit_autoregression",
    "fit_regression",
    "hellinger",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "l_infinity",
    "moderate",
    "psi",
    "push",
    "tilt",
    "total_variation",
    "wasserstein",
]
