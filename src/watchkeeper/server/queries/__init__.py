"""What can be asked and decided over HTTP, one file per subject.

Each file has a table of endpoints, ``ENDPOINTS``, and the functions behind them, which are thin:
what is known of a model is found in ``pipeline``. Sending records is not here but in ``app``.
"""

from __future__ import annotations

from typing import Any, Final

from watchkeeper.server.endpoint import Endpoint
from watchkeeper.server.queries import (
    alerts,
    audit,
    business,
    concept,
    erasures,
    estimates,
    explanations,
    history,
    incidents,
    models,
    outliers,
    performance,
    predictions,
    pulse,
    service,
    settings,
    shadows,
)

__all__ = ["ENDPOINTS"]

ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = (
    *models.ENDPOINTS,
    *history.ENDPOINTS,
    *incidents.ENDPOINTS,
    *service.ENDPOINTS,
    *business.ENDPOINTS,
    *performance.ENDPOINTS,
    *estimates.ENDPOINTS,
    *concept.ENDPOINTS,
    *outliers.ENDPOINTS,
    *explanations.ENDPOINTS,
    *shadows.ENDPOINTS,
    *predictions.ENDPOINTS,
    *audit.ENDPOINTS,
    *alerts.ENDPOINTS,
    *settings.ENDPOINTS,
    *erasures.ENDPOINTS,
    *pulse.ENDPOINTS,
)
