"""Pure mathematics on arrays; knows nothing of models, buckets or files."""

from watchkeeper.stats.auc import AucWorth, auc_worth
from watchkeeper.stats.autoregression import Autoregression, fit_autoregression, push
from watchkeeper.stats.boosted_trees import BoostedTrees, Boosting, Fitted, fit_boosted_trees
from watchkeeper.stats.contingency import cell_p_values, largest_cell_p_value, spread_p_value
from watchkeeper.stats.distances import (
    Distances,
    OrderedDistances,
    chi_square,
    distances,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    l_infinity,
    ordered_distances,
    psi,
    total_variation,
    wasserstein,
)
from watchkeeper.stats.domain_classifier import Separation, separate
from watchkeeper.stats.evidence import cusum, e_bh, e_value, tilt
from watchkeeper.stats.features import Features
from watchkeeper.stats.moderation import ModeratedVariance, moderate
from watchkeeper.stats.multiplicity import holm
from watchkeeper.stats.packed import packed, unpacked
from watchkeeper.stats.prediction_powered import LEAST_LABELS, PoweredMean, powered_mean
from watchkeeper.stats.ranks import ORDER, location_p_value, rank_components, shape_p_value
from watchkeeper.stats.regression import Regression, fit_regression
from watchkeeper.stats.row_encoding import (
    CategoryRows,
    NumberRows,
    RowColumn,
    VectorRows,
    encode_rows,
)
from watchkeeper.stats.score_ranks import ScoreRanks
from watchkeeper.stats.vectors import encode_vectors, separate_vectors
from watchkeeper.stats.wilson import Z_95, wilson

__all__ = [
    "LEAST_LABELS",
    "ORDER",
    "Z_95",
    "AucWorth",
    "Autoregression",
    "BoostedTrees",
    "Boosting",
    "CategoryRows",
    "Distances",
    "Features",
    "Fitted",
    "ModeratedVariance",
    "NumberRows",
    "OrderedDistances",
    "PoweredMean",
    "Regression",
    "RowColumn",
    "ScoreRanks",
    "Separation",
    "VectorRows",
    "auc_worth",
    "cell_p_values",
    "chi_square",
    "cusum",
    "distances",
    "e_bh",
    "e_value",
    "encode_rows",
    "encode_vectors",
    "fit_autoregression",
    "fit_boosted_trees",
    "fit_regression",
    "hellinger",
    "holm",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "l_infinity",
    "largest_cell_p_value",
    "location_p_value",
    "moderate",
    "ordered_distances",
    "packed",
    "powered_mean",
    "psi",
    "push",
    "rank_components",
    "separate",
    "separate_vectors",
    "shape_p_value",
    "spread_p_value",
    "tilt",
    "total_variation",
    "unpacked",
    "wasserstein",
    "wilson",
]
