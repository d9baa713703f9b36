"""Makes what `watchkeeper serve --demo` shows: flights, already predicted, as one small file.

Run it with ``python demo/ship.py``; a test makes it anew and compares.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from flights import NEW_YORK, load
from model import predict

TRAINED_UNTIL = datetime(2013, 4, 1, tzinfo=NEW_YORK)
SHIPPED_UNTIL = datetime(2013, 9, 1, tzinfo=NEW_YORK)
DELTAS = ("scheduled", "landed_minutes")
DECIMALS = {"queue_minutes": 1}
SHIPPED = Path(__file__).parent.parent / "src" / "watchkeeper" / "demo" / "flights.parquet"


def shipped_table() -> pa.Table:
    """Return the flights, what was known before each, what became of it, and the predictions."""
    flights = load()
    trained, last = flights.before(TRAINED_UNTIL), flights.before(SHIPPED_UNTIL)
    predictions = {
        "arrival-delay": predict(flights, flights.arrival_delay, trained).outputs.round(1),
        "air-time": predict(flights, flights.air_time, trained).outputs.round(),
        "cancellation": predict(flights, flights.cancelled, trained).outputs.round(3),
    }
    landed = (flights.landed - flights.scheduled) / 60
    columns = {
        "scheduled": pa.array(flights.scheduled.astype("int64"), pa.timestamp("s", "UTC")),
        "flight": pa.array([int(one.partition("-")[0][2:]) for one in flights.ids], pa.int16()),
        **{
            name: pa.DictionaryArray.from_arrays(category.codes, category.names)
            for name, category in flights.categories.items()
        },
        **{
            name: pa.array(values.round(DECIMALS.get(name, 2)), pa.float32(), from_pandas=True)
            for name, values in flights.numbers.items()
            if name not in {"hour", "weekday"}
        },
        "arrival_delay": pa.array(flights.arrival_delay, pa.float32(), from_pandas=True),
        "air_time": pa.array(flights.air_time, pa.float32(), from_pandas=True),
        "cancelled": pa.array(flights.cancelled),
        "landed_minutes": pa.array(landed.round(), pa.int32()),
        **{
            f"predicted:{name}": pa.array(values, pa.float32())
            for name, values in predictions.items()
        },
    }
    return pa.table(columns).slice(trained, last - trained)


def main() -> None:
    """Write the file."""
    table = shipped_table()
    pq.write_table(
        table,
        SHIPPED,
        compression="zstd",
        compression_level=19,
        row_group_size=1 << 20,
        use_dictionary=[n for n in table.column_names if n not in DELTAS],
        column_encoding=dict.fromkeys(DELTAS, "DELTA_BINARY_PACKED"),
    )


if __name__ == "__main__":
    main()
