"""Values are scikit-learn's, to twelve digits, wherever both say one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics as peer

from watchkeeper.metrics.quality import QualityChoice, ScoredRows

from .draws import (
    binary_rows,
    multiclass_rows,
    multilabel_rows,
    regression_rows,
    values,
)

EXACT = 1e-12


def equal(found: float | None, expected: float) -> bool:
    return found is not None and found == pytest.approx(expected, rel=EXACT, abs=EXACT)


@settings(max_examples=200, deadline=None)
@given(binary_rows())
def test_binary_metrics_are_scikit_learns(rows: ScoredRows) -> None:
    labels, scores = rows.labels, rows.scores
    assert scores is not None
    predicted = (scores >= 0.4).astype(int)
    found = values(rows, QualityChoice(threshold=0.4, beta=2.0))
    assert equal(found["accuracy"], peer.accuracy_score(labels, predicted))
    assert equal(found["brier"], peer.brier_score_loss(labels, scores, labels=[0, 1]))
    assert equal(found["log_loss"], peer.log_loss(labels, scores, labels=[0, 1]))
    if predicted.any():
        assert equal(found["precision"], peer.precision_score(labels, predicted))
    if labels.any():
        assert equal(found["recall"], peer.recall_score(labels, predicted))
        assert equal(found["pr_auc"], peer.average_precision_score(labels, scores))
    if labels.any() or predicted.any():
        assert equal(found["f_beta"], peer.fbeta_score(labels, predicted, beta=2.0))
    if not labels.all():
        assert equal(found["specificity"], peer.recall_score(1 - labels, 1 - predicted))
    if 0 < labels.mean() < 1:
        assert equal(found["roc_auc"], peer.roc_auc_score(labels, scores))
        assert equal(found["balanced_accuracy"], peer.balanced_accuracy_score(labels, predicted))
        if 0 < predicted.mean() < 1:
            assert equal(found["mcc"], peer.matthews_corrcoef(labels, predicted))


@settings(max_examples=100, deadline=None)
@given(binary_rows())
def test_what_cannot_be_said_is_none_with_a_reason(rows: ScoredRows) -> None:
    found = values(rows)
    one_class = rows.labels.all() or not rows.labels.any()
    assert (found["roc_auc"] is None) == one_class
    assert (found["recall"] is None) == (not rows.labels.any())
    assert (found["specificity"] is None) == rows.labels.all()


@settings(max_examples=100, deadline=None)
@given(multiclass_rows())
def test_multiclass_metrics_are_scikit_learns(rows: ScoredRows) -> None:
    labels, scores = rows.labels, rows.scores
    assert scores is not None
    predicted = scores.argmax(axis=1)
    found, names = values(rows), list(range(scores.shape[1]))
    assert equal(found["accuracy"], peer.accuracy_score(labels, predicted))
    assert equal(found["log_loss"], peer.log_loss(labels, scores, labels=names))
    assert equal(found["brier"], peer.brier_score_loss(labels, scores, labels=names))
    for average in ("macro", "weighted"):
        how = {"average": average, "zero_division": 0.0}
        assert equal(found[f"{average}_precision"], peer.precision_score(labels, predicted, **how))
        assert equal(found[f"{average}_recall"], peer.recall_score(labels, predicted, **how))
        assert equal(found[f"{average}_f_beta"], peer.f1_score(labels, predicted, **how))
    if len(np.unique(labels)) > 1 and len(np.unique(predicted)) > 1:
        assert equal(found["mcc"], peer.matthews_corrcoef(labels, predicted))
    if len(np.unique(labels)) == scores.shape[1]:
        expected = peer.roc_auc_score(labels, scores, multi_class="ovr", average="macro")
        assert equal(found["roc_auc"], expected)
        if set(predicted) <= set(labels):
            expected = peer.balanced_accuracy_score(labels, predicted)
            assert equal(found["balanced_accuracy"], expected)


@settings(max_examples=100, deadline=None)
@given(multilabel_rows())
def test_multilabel_metrics_are_scikit_learns(rows: ScoredRows) -> None:
    labels, scores = rows.labels, rows.scores
    assert scores is not None
    predicted = (scores >= 0.5).astype(int)
    found = values(rows)
    assert equal(found["accuracy"], peer.accuracy_score(labels, predicted))
    assert equal(found["hamming_loss"], peer.hamming_loss(labels, predicted))
    losses = [peer.log_loss(labels[:, k], scores[:, k], labels=[0, 1]) for k in range(3)]
    assert equal(found["log_loss"], float(np.mean(losses)))
    for average in ("macro", "weighted", "micro"):
        how = {"average": average, "zero_division": 0.0}
        if average == "micro":
            if labels.any() or predicted.any():
                assert equal(found["micro_f_beta"], peer.f1_score(labels, predicted, **how))
        elif average == "macro" or labels.any():
            assert equal(
                found[f"{average}_precision"], peer.precision_score(labels, predicted, **how)
            )
            assert equal(found[f"{average}_recall"], peer.recall_score(labels, predicted, **how))
            assert equal(found[f"{average}_f_beta"], peer.f1_score(labels, predicted, **how))
    both = labels.any(axis=0) & ~labels.all(axis=0)
    if both.all():
        assert equal(found["roc_auc"], peer.roc_auc_score(labels, scores, average="macro"))
        assert equal(found["pr_auc"], peer.average_precision_score(labels, scores, average="macro"))


@settings(max_examples=100, deadline=None)
@given(regression_rows())
def test_regression_metrics_are_scikit_learns(rows: ScoredRows) -> None:
    labels, scores = rows.labels, rows.scores
    assert scores is not None
    found = values(rows, QualityChoice(quantile=0.3))
    assert equal(found["mae"], peer.mean_absolute_error(labels, scores))
    assert equal(found["rmse"], peer.root_mean_squared_error(labels, scores))
    assert equal(found["mape"], peer.mean_absolute_percentage_error(labels, scores))
    assert equal(found["pinball"], peer.mean_pinball_loss(labels, scores, alpha=0.3))
    assert equal(found["r2"], peer.r2_score(labels, scores))
    assert equal(found["bias"], float(np.mean(scores - labels)))
    sizes = (np.abs(labels) + np.abs(scores)) / 2
    assert equal(found["smape"], float(np.mean(np.abs(scores - labels) / sizes)))
