"""Shadow models: their answers beside those of the model that serves, on the same requests."""

from __future__ import annotations

from watchkeeper.pipeline.shadowing.answer import Agreement, PairedDifference, Shadow, Shadows
from watchkeeper.pipeline.shadowing.comparing import shadow, shadows

__all__ = ["Agreement", "PairedDifference", "Shadow", "Shadows", "shadow", "shadows"]
