"""The shap library's values for the models of ``explanations_models.py``, and its times.

    PYTHON_OF_THE_PEER benchmarks/explanations_peer.py OUT_FILE

``explanations.py`` starts it, in an environment of its own.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

import numpy as np
import shap

from explanations_models import drawn, fitted, seconds


def explainer(model: Any, rows: np.ndarray) -> Any:
    """Return what the library explains a model by."""
    if hasattr(model, "coef_"):
        return shap.LinearExplainer(model, shap.maskers.Independent(rows, max_samples=len(rows)))
    return shap.TreeExplainer(model)


def values(explained: Any, rows: np.ndarray) -> np.ndarray:
    """Return the contributions to the margin, or to the second class's probability."""
    found = explained.shap_values(rows)
    return found[..., 1] if found.ndim == 3 else found


def main() -> None:
    """Write the values and print the seconds that they took, as JSON."""
    rows, _ = drawn()
    found, taken = {}, {}
    for name, model, count in fitted():
        explain = partial(values, explainer(model, rows))
        found[name] = explain(rows[:count])
        taken[name] = [
            seconds(partial(explain, rows[:count]), 3),
            seconds(partial(explain, rows[7:8]), 200),
        ]
    np.savez(sys.argv[1], **found)
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
