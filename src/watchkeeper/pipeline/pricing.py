"""What predictions cost where they do not say so themselves."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.events import CostSettings, PriceSettings, TokenSettings
from watchkeeper.metrics import token_price_usd
from watchkeeper.pipeline.stored_columns import StoredColumns

Floats = NDArray[np.float64]

_MOST_TOKENS = 1e12


class TokenPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a call of a language model costs, each token that it reads, and each that it writes."""

    call_usd: float
    input_usd: float
    output_usd: float


def priced_columns(costs: CostSettings | None) -> set[str]:
    """Return the plain names of the columns that `costs_usd` reads, besides the service's own."""
    if costs is None:
        return set()
    names = {name for price in costs.prices for name in price.per_million_usd or {}}
    if costs.tokens is not None:
        names |= {costs.tokens.model, costs.tokens.input, costs.tokens.output}
    return names


def costs_usd(
    rows: StoredColumns,
    costs: CostSettings | None,
    *,
    token_prices: Mapping[str, TokenPrice] | None = None,
) -> Floats:
    """Return the cost of each prediction: its own, else by the prices; NaN where none is known.

    Parameters
    ----------
    token_prices
        Prices of language models by name; by default those of the installed price list.
    """
    own = rows.numbers("cost_usd")
    if costs is None or not (costs.prices or costs.tokens) or not np.isnan(own).any():
        return own
    parts = [_by_table(rows, costs.prices)] if costs.prices else []
    if costs.tokens is not None:
        if token_prices is None:
            parts.append(_by_list(rows, costs.tokens))
        else:
            parts.append(_by_prices(rows, costs.tokens, token_prices))
    known = ~np.isnan(parts).all(axis=0)
    found = np.where(known, np.nansum(parts, axis=0), np.nan)
    return np.where(np.isnan(own), found, own)


def _by_table(rows: StoredColumns, prices: tuple[PriceSettings, ...]) -> Floats:
    cost = np.full(rows.table.num_rows, np.nan)
    open_rows = np.ones(len(cost), dtype=np.bool_)
    for price in prices:
        fits = open_rows
        if price.version is not None:
            same = pc.equal(rows.texts("version"), price.version).fill_null(False)
            fits = open_rows & same.to_numpy()
        cost = np.where(fits, _price(rows, price), cost)
        open_rows = open_rows & ~fits
    return cost


def _price(rows: StoredColumns, price: PriceSettings) -> Floats:
    cost = np.full(rows.table.num_rows, price.per_prediction_usd or 0.0)
    if price.per_second_usd is not None:
        cost += price.per_second_usd * rows.numbers("latency_seconds")
    for name, usd in (price.per_million_usd or {}).items():
        cost += usd * 1e-6 * rows.numbers(name)
    return cost


def _by_prices(
    rows: StoredColumns, tokens: TokenSettings, prices: Mapping[str, TokenPrice]
) -> Floats:
    names = rows.texts(tokens.model).combine_chunks().dictionary_encode(null_encoding="encode")
    of_name = [None if name is None else prices.get(name) for name in names.dictionary.to_pylist()]
    given, taken = rows.numbers(tokens.input), rows.numbers(tokens.output)
    cost = np.full(len(given), np.nan)
    possible = (given >= 0) & (given < _MOST_TOKENS) & (taken >= 0) & (taken < _MOST_TOKENS)
    for code, price in enumerate(of_name):
        if price is not None:
            rows_of = possible & (names.indices.to_numpy() == code)
            usd = price.call_usd + given * price.input_usd + taken * price.output_usd
            cost = np.where(rows_of, usd, cost)
    return cost


def _by_list(rows: StoredColumns, tokens: TokenSettings) -> Floats:
    names = rows.texts(tokens.model).to_pylist()
    given, taken = rows.numbers(tokens.input), rows.numbers(tokens.output)
    calls = zip(names, given.tolist(), taken.tolist(), strict=True)
    return np.array([_token_price(*call, provider=tokens.provider) for call in calls])


def _token_price(model: str | None, given: float, taken: float, *, provider: str | None) -> float:
    if model is None or not (0 <= given < _MOST_TOKENS and 0 <= taken < _MOST_TOKENS):
        return float("nan")
    found = token_price_usd(model, int(given), int(taken), provider=provider)
    return float("nan") if found is None else found
