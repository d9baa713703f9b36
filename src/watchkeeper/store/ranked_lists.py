"""Ranked lists joined with what people did with their items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa

from watchkeeper.store.catalog import Window, labels_of
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.quality_rows import pattern, window_of
from watchkeeper.store.reading import query_rows

_EARLY: Final = timedelta(days=2)

# An outcome that is a text names the one item that was looked for, a list all of them.
_LISTS = """
WITH wanted AS (
    SELECT prediction_id, time, entity, COLUMNS('{columns}') FROM prediction
    WHERE {sample}
), latest AS (
    SELECT prediction_id, time, CASE typeof(label)
        WHEN 'VARCHAR' THEN [label::VARCHAR]
        WHEN 'VARCHAR[]' THEN from_json(to_json(label), '["VARCHAR"]')
    END AS items
    FROM outcome WHERE prediction_id IN (SELECT prediction_id FROM wanted)
    QUALIFY row_number() OVER (
        PARTITION BY prediction_id ORDER BY time DESC, sequence DESC, row DESC
    ) = 1
), said AS (
    SELECT f.prediction_id AS id, f.time, f.item, coalesce(g.gain, {other}) AS gain,
        f.kind = 'impression' AS tells_all
    FROM feedback f LEFT JOIN given g ON g.kind = f.kind
    WHERE f.prediction_id IN (SELECT prediction_id FROM wanted)
    UNION ALL
    SELECT prediction_id AS id, time, unnest(list_append(items, NULL)) AS item, 1.0 AS gain,
        true AS tells_all
    FROM latest
), known AS (
    SELECT id, min(time) AS known_at, bool_or(tells_all) AS tells_all FROM said GROUP BY id
), taken AS (
    SELECT id, list(item ORDER BY item) AS items, list(gain ORDER BY item) AS gains
    FROM (
        SELECT id, item, max(gain) AS gain FROM said
        WHERE item IS NOT NULL AND gain > 0 GROUP BY id, item
    )
    GROUP BY id
)
SELECT w.*, t.items, t.gains, k.known_at, coalesce(k.tells_all, false) AS tells_all
FROM wanted w LEFT JOIN known k ON k.id = w.prediction_id LEFT JOIN taken t ON t.id = k.id
ORDER BY w.time, w.prediction_id
"""
_TAKEN = """
SELECT coalesce(f.entity, p.entity) AS entity, f.item, count(*) AS count
FROM feedback f LEFT JOIN prediction p ON p.prediction_id = f.prediction_id
WHERE f.item IS NOT NULL AND list_contains(?, f.kind) = ?
    AND coalesce(f.entity, p.entity) IN (SELECT entity FROM given)
GROUP BY ALL ORDER BY ALL
"""
_LABEL = "SELECT prediction_id, label FROM outcome WHERE label IS NOT NULL LIMIT 1"
_ANSWERS = "SELECT prediction_id, COLUMNS('^(version|output(:.*)?)$') FROM prediction LIMIT {most}"
_MOST_ASKED: Final = 1_000
_USUALLY_NOTHING: Final = ("impression", "skip", "dislike", "hide")


class RankedLists:
    """Reads the predictions of one project whose outputs are lists of items."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def labels_are_lists(self, model: str) -> bool | None:
        """Return whether a model's outcomes are lists of labels; ``None`` while there is none."""
        outcomes: dict[Kind, Window] = {"outcome": Window()}
        found = query_rows(self._database, self._folder, model, outcomes, _LABEL)
        return bool(pa.types.is_list(found.column("label").type)) if found.num_rows else None

    def are_answers_of(self, model: str) -> bool | None:
        """Return whether a model answers with lists; ``None`` as long as it has not answered."""
        window: dict[Kind, Window] = {"prediction": Window()}
        query = _ANSWERS.format(most=_MOST_ASKED)
        found = query_rows(self._database, self._folder, model, window, query)
        if "output" in found.column_names:
            return bool(pa.types.is_list(found.column("output").type))
        has_answered = any(name.startswith("output:") for name in found.column_names)
        return False if has_answered or found.num_rows == _MOST_ASKED else None

    def read(
        self,
        model: str,
        columns: Sequence[str],
        *,
        start: int,
        end: int,
        up_to: int | None,
        gains: Mapping[str, float] | None = None,
        one_in: int = 1,
    ) -> pa.Table:
        """Return lists with ``start <= time < end``, sorted by time and id.

        Parameters
        ----------
        columns
            Stored columns to read, as far as they are there.
        start, end
            Seconds since 1970.
        gains
            How relevant each kind of feedback makes an item, others not at all. ``None``: 1, apart
            from impressions and from kinds that say no (skip, dislike, hide).
        one_in
            Only one in so many lists, chosen by its id: always the same ones.

        Returns
        -------
        ``prediction_id``, ``time``, ``entity``, ``output``, the columns; ``items`` that turned out
        to be relevant, with their ``gains``; ``known_at``, when anything was first known of the
        list, null as long as nothing is; ``tells_all``: whether what is known of it is all there
        is, as an impression or an outcome does.
        """
        sample = "true" if one_in <= 1 else f"hash(prediction_id) % {one_in:d} = 0"
        first = datetime.fromtimestamp(start, UTC)
        window = window_of(start, end, up_to)
        kinds: dict[Kind, Window] = {
            "prediction": window,
            "outcome": labels_of(window),
            "feedback": labels_of(window, start=first - _EARLY),
        }
        chosen = dict.fromkeys(_USUALLY_NOTHING, 0.0) if gains is None else dict(gains)
        return query_rows(
            self._database,
            self._folder,
            model,
            kinds,
            _LISTS.format(
                columns=pattern(("output", *columns)),
                sample=sample,
                other="1.0" if gains is None else "0.0",
            ),
            given=pa.table(
                {
                    "kind": pa.array(chosen, pa.string()),
                    "gain": pa.array(chosen.values(), pa.float64()),
                }
            ),
        )

    def taken(
        self,
        model: str,
        users: pa.Array,
        *,
        start: int,
        end: int,
        up_to: int | None,
        gains: Mapping[str, float] | None = None,
    ) -> pa.Table:
        """Return how often some users took each item, as ``entity``, ``item`` and ``count``.

        By the feedback with ``start <= time < end``, seconds since 1970, of kinds with a gain.
        """
        window = window_of(start, end, up_to)
        kinds: dict[Kind, Window] = {"prediction": window, "feedback": window}
        wanted = [kind for kind, gain in (gains or {}).items() if gain > 0]
        parameters = (list(_USUALLY_NOTHING), False) if gains is None else (wanted, True)
        given = pa.table({"entity": users.cast(pa.string())})
        return query_rows(
            self._database, self._folder, model, kinds, _TAKEN, parameters, given=given
        )
