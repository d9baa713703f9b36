"""What each input contributed to a prediction: SHAP values of linear models and of trees.

Pure: a fitted model and rows in, contributions out. They are sent beside the prediction, stored and
watched elsewhere; contributions that another tool worked out need nothing of this room.
"""

from __future__ import annotations

from watchkeeper.explanations.explained import Explanations
from watchkeeper.explanations.explainer import Explainer

__all__ = ["Explainer", "Explanations"]
