"""Concept drift of stored models: their losses watched as labels come, and what is told of it."""

from __future__ import annotations

from watchkeeper.pipeline.concept.answer import Concept, Improvement, RiskStep
from watchkeeper.pipeline.concept.asking import concept
from watchkeeper.pipeline.concept.watching import ConceptWatch

__all__ = ["Concept", "ConceptWatch", "Improvement", "RiskStep", "concept"]
