"""How good the predictions of both sides of a comparison are: labelled rows in, findings out."""

from __future__ import annotations

from watchkeeper.pipeline.labelled_sides.named import NamedColumns
from watchkeeper.pipeline.labelled_sides.performance import performance_of_sides

__all__ = ["NamedColumns", "performance_of_sides"]
