"""The detector in the place of river's own, in classes of river that take one."""

import itertools

from river import drift, ensemble, forest, linear_model, naive_bayes, preprocessing, tree
from river.datasets import synth

from watchkeeper import ConceptDriftDetector


def _stream(rows: int) -> itertools.chain:
    before = synth.SEA(variant=0, noise=0.05, seed=1).take(rows)
    return itertools.chain(before, synth.SEA(variant=3, noise=0.05, seed=2).take(rows))


def test_a_retraining_classifier_of_river_forgets_the_old_concept_at_the_drift() -> None:
    detector = ConceptDriftDetector()
    model = drift.DriftRetrainingClassifier(
        model=naive_bayes.GaussianNB(), drift_detector=detector, train_in_background=False
    )
    first, changes = model.model, 0
    for x, y in itertools.chain(
        synth.Agrawal(classification_function=0, seed=1).take(3_000),
        synth.Agrawal(classification_function=1, seed=2).take(2_000),
    ):
        model.learn_one(x, y)
        changes += detector.drift_detected
    assert changes == detector.n_detections == 1
    assert model.model is not first


def test_it_trains_a_model_in_the_background_from_its_warning_on() -> None:
    detector = ConceptDriftDetector()
    model = drift.DriftRetrainingClassifier(
        model=preprocessing.StandardScaler() | linear_model.LogisticRegression(),
        drift_detector=detector,
    )
    warnings = 0
    for x, y in _stream(4_000):
        model.predict_one(x)
        model.learn_one(x, y)
        warnings += detector.warning_detected
    assert warnings > 0


def test_forests_and_ensembles_of_river_take_it_and_clone_it() -> None:
    rows = list(_stream(600))
    arf = forest.ARFClassifier(
        n_models=3,
        seed=1,
        drift_detector=ConceptDriftDetector(mean_rows=10_000),
        warning_detector=ConceptDriftDetector(mean_rows=1_000),
    )
    patches = ensemble.SRPClassifier(
        model=tree.HoeffdingTreeClassifier(),
        n_models=2,
        seed=1,
        drift_detector=ConceptDriftDetector(mean_rows=10_000),
        warning_detector=ConceptDriftDetector(mean_rows=1_000),
    )
    for model in (arf, patches):
        right = 0
        for x, y in rows:
            right += model.predict_one(x) == y
            model.learn_one(x, y)
        assert right > 0.7 * len(rows)


def test_a_clone_has_the_settings_and_no_rows() -> None:
    detector = ConceptDriftDetector(mean_rows=5_000, tolerance=0.1, largest_loss=2.0)
    detector.update_many([0.5] * 1_000)
    clone = detector.clone({"tolerance": 0.2})
    assert (clone.mean_rows, clone.tolerance, clone.largest_loss) == (5_000, 0.2, 2.0)
    assert clone.estimation != detector.estimation
