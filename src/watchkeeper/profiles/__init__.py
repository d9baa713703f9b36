"""Mergeable summaries of a bucket of rows, column by column, on bins that the baseline fixes.

Arrow tables come in, counts, moments and sketches come out. A profile holds no rows, and merging
profiles gives the profile of all their rows. What a profile means is for ``watch`` to say.
"""

from __future__ import annotations

from watchkeeper.profiles.bins import FIRST, MISFIT, NULL, Bins, CategoryBins, NumberBins
from watchkeeper.profiles.bucket import BucketProfile, merge
from watchkeeper.profiles.categories import shorten
from watchkeeper.profiles.column import ColumnProfile
from watchkeeper.profiles.derived import derived_schema, source_of
from watchkeeper.profiles.distances import BinDistances, distances_between
from watchkeeper.profiles.distinct import DistinctSketch
from watchkeeper.profiles.fitting import fit_bins
from watchkeeper.profiles.hashing import hash_numbers, hash_texts
from watchkeeper.profiles.moments import Moments
from watchkeeper.profiles.placing import place_rows
from watchkeeper.profiles.profiling import Profiler, profile
from watchkeeper.profiles.quantiles import QuantileSketch, sketch_keys
from watchkeeper.profiles.reading import (
    bin_labels,
    bin_midpoints,
    quantile_from_counts,
    quantiles_from_counts,
)
from watchkeeper.profiles.rows import rows_as_columns
from watchkeeper.profiles.segments import OTHER, rows_by_segment, segment_codes, top_segments
from watchkeeper.profiles.table_profile import (
    TableProfile,
    is_table_profile,
    table_profile_from_bytes,
    table_profile_to_bytes,
)
from watchkeeper.profiles.tally import Sketch
from watchkeeper.profiles.values import ValueCounts
from watchkeeper.profiles.wire import column_from_bytes, from_bytes, to_bytes

__all__ = [
    "FIRST",
    "MISFIT",
    "NULL",
    "OTHER",
    "BinDistances",
    "Bins",
    "BucketProfile",
    "CategoryBins",
    "ColumnProfile",
    "DistinctSketch",
    "Moments",
    "NumberBins",
    "Profiler",
    "QuantileSketch",
    "Sketch",
    "TableProfile",
    "ValueCounts",
    "bin_labels",
    "bin_midpoints",
    "column_from_bytes",
    "derived_schema",
    "distances_between",
    "fit_bins",
    "from_bytes",
    "hash_numbers",
    "hash_texts",
    "is_table_profile",
    "merge",
    "place_rows",
    "profile",
    "quantile_from_counts",
    "quantiles_from_counts",
    "rows_as_columns",
    "rows_by_segment",
    "segment_codes",
    "shorten",
    "sketch_keys",
    "source_of",
    "table_profile_from_bytes",
    "table_profile_to_bytes",
    "to_bytes",
    "top_segments",
]
