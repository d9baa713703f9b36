"""Where events and decisions are kept: journal, sealed Parquet files, state database, audit log.

Events come in as records or tables and are acknowledged when durable. What they mean is decided
in ``watch``; how data is read from files, in ``pipeline``.
"""

from watchkeeper.store.access import SCOPES, AccessKey, AccessKeys, Scope
from watchkeeper.store.arrivals import Arrival
from watchkeeper.store.arrived import AT_ONCE, Arrived, tables_of
from watchkeeper.store.audit import AuditEntry, AuditLog, AuditReport
from watchkeeper.store.backup import CopyReport, back_up, restore
from watchkeeper.store.bulk import canonical
from watchkeeper.store.business_log import BusinessDay, BusinessLog
from watchkeeper.store.checkpoints import SPACING, Checkpoint, Checkpoints
from watchkeeper.store.columns import Kind, misfit_column
from watchkeeper.store.concept_log import KeptConcept
from watchkeeper.store.decisions import Decision, DecisionKind, DecisionLog
from watchkeeper.store.erasing import ErasedRows, Erasure, Erasures, RewrittenFile
from watchkeeper.store.estimate_log import (
    EstimateCell,
    EstimateLog,
    EstimateProgress,
    KeptEstimator,
)
from watchkeeper.store.estimate_rows import EstimateRows
from watchkeeper.store.examination import examine
from watchkeeper.store.expiring import Expired, ExpiryReport, Retention
from watchkeeper.store.exploring import Explorer, Place, SealedIn, Wanted
from watchkeeper.store.finding import Finding
from watchkeeper.store.incident_feed import SERVICE_VERSION, IncidentChange, IncidentFeed
from watchkeeper.store.incident_key import IncidentKey
from watchkeeper.store.journal import Receipt
from watchkeeper.store.judgements import (
    ClosedBucket,
    Judgement,
    SavedBaseline,
    SavedIncident,
    SavedProgress,
    TrackedIncident,
)
from watchkeeper.store.kept_buckets import KeptBucket, KeptBuckets, ReadBucket
from watchkeeper.store.notice_log import (
    NewNotice,
    NoticeCount,
    NoticeLog,
    NoticeStatus,
    SavedNotice,
)
from watchkeeper.store.operating import Operating
from watchkeeper.store.outlier_log import KeptScorer, NewScorer, OutlierCell, OutlierLog
from watchkeeper.store.projects import (
    DEFAULT_PROJECT,
    create_project,
    project_folder,
    project_names,
    require_server_folder,
)
from watchkeeper.store.quality_log import (
    DAY,
    REFERENCE,
    KeptCell,
    QualityDimension,
    QualityKey,
    QualityLog,
    QualityProgress,
)
from watchkeeper.store.quality_rows import QualityRows
from watchkeeper.store.sampling import Sample, Sampler
from watchkeeper.store.sealing import SealReport
from watchkeeper.store.service_cells import (
    DIMENSIONS,
    HOUR,
    MINUTE,
    CellKey,
    CellSums,
    Dimension,
    ServiceCells,
    TakenUp,
    oldest_kept,
)
from watchkeeper.store.service_incidents import (
    ServiceIncident,
    ServiceIncidents,
    ServiceSource,
    Severity,
)
from watchkeeper.store.settings_log import SavedSettings, SettingsLog
from watchkeeper.store.store import ModelSummary, Store
from watchkeeper.store.submission import Submission
from watchkeeper.store.upgrading import Upgrade, rehearse, upgrade
from watchkeeper.store.watch_log import WatchLog

__all__ = [
    "AT_ONCE",
    "DAY",
    "DEFAULT_PROJECT",
    "DIMENSIONS",
    "HOUR",
    "MINUTE",
    "REFERENCE",
    "SCOPES",
    "SERVICE_VERSION",
    "SPACING",
    "AccessKey",
    "AccessKeys",
    "Arrival",
    "Arrived",
    "AuditEntry",
    "AuditLog",
    "AuditReport",
    "BusinessDay",
    "BusinessLog",
    "CellKey",
    "CellSums",
    "Checkpoint",
    "Checkpoints",
    "ClosedBucket",
    "CopyReport",
    "Decision",
    "DecisionKind",
    "DecisionLog",
    "Dimension",
    "ErasedRows",
    "Erasure",
    "Erasures",
    "EstimateCell",
    "EstimateLog",
    "EstimateProgress",
    "EstimateRows",
    "Expired",
    "ExpiryReport",
    "Explorer",
    "Finding",
    "IncidentChange",
    "IncidentFeed",
    "IncidentKey",
    "Judgement",
    "KeptBucket",
    "KeptBuckets",
    "KeptCell",
    "KeptConcept",
    "KeptEstimator",
    "KeptScorer",
    "Kind",
    "ModelSummary",
    "NewNotice",
    "NewScorer",
    "NoticeCount",
    "NoticeLog",
    "NoticeStatus",
    "Operating",
    "OutlierCell",
    "OutlierLog",
    "Place",
    "QualityDimension",
    "QualityKey",
    "QualityLog",
    "QualityProgress",
    "QualityRows",
    "ReadBucket",
    "Receipt",
    "Retention",
    "RewrittenFile",
    "Sample",
    "Sampler",
    "SavedBaseline",
    "SavedIncident",
    "SavedNotice",
    "SavedProgress",
    "SavedSettings",
    "Scope",
    "SealReport",
    "SealedIn",
    "ServiceCells",
    "ServiceIncident",
    "ServiceIncidents",
    "ServiceSource",
    "SettingsLog",
    "Severity",
    "Store",
    "Submission",
    "TakenUp",
    "TrackedIncident",
    "Upgrade",
    "Wanted",
    "WatchLog",
    "back_up",
    "canonical",
    "create_project",
    "examine",
    "misfit_column",
    "oldest_kept",
    "project_folder",
    "project_names",
    "rehearse",
    "require_server_folder",
    "restore",
    "tables_of",
    "upgrade",
]
