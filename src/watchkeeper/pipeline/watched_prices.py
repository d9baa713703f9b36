"""Prices that belong to a baseline: what a watched prediction costs does not change with a list."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events import CostSettings
from watchkeeper.metrics import token_price_usd
from watchkeeper.pipeline.pricing import TokenPrice, costs_usd
from watchkeeper.pipeline.stored_columns import StoredColumns
from watchkeeper.store import Store

_MANY_TOKENS = 1000


class WatchedPrices(msgspec.Struct, frozen=True, kw_only=True):
    """The prices by which the watch knows the cost of predictions that do not say it.

    Attributes
    ----------
    costs
        As they were in force when the baseline was set, without the budget.
    token_prices
        What the price list said then of the language models in the reference, by name.
    """

    costs: CostSettings
    token_prices: dict[str, TokenPrice] = {}


def prices_in_force(store: Store, model: str, rows: pa.Table) -> WatchedPrices | None:
    """Return the prices in force for a model, with those of the language models in stored rows.

    ``None`` where no price is set.

    Raises
    ------
    MissingExtraError
        If language models are priced and the package with their prices is not installed.
    """
    costs = store.operating.in_force(model).costs
    if costs is None or not (costs.prices or costs.tokens):
        return None
    found: dict[str, TokenPrice] = {}
    if costs.tokens is not None:
        for name in pc.unique(StoredColumns(rows).texts(costs.tokens.model)).to_pylist():
            price = None if name is None else _listed(name, costs.tokens.provider)
            if price is not None:
                found[name] = price
    return WatchedPrices(
        costs=msgspec.structs.replace(costs, month_budget_usd=None), token_prices=found
    )


def with_costs(table: pa.Table, prices: WatchedPrices | None) -> pa.Table:
    """Return stored predictions with ``cost_usd`` by the prices where it was not logged.

    A cost that is not known stays null.
    """
    if prices is None or not table.num_rows:
        return table
    known = costs_usd(StoredColumns(table), prices.costs, token_prices=prices.token_prices)
    column = pa.array(known, pa.float64(), mask=np.isnan(known))
    if "cost_usd" not in table.column_names:
        return table.append_column("cost_usd", column)
    return table.set_column(table.column_names.index("cost_usd"), "cost_usd", column)


def _listed(name: str, provider: str | None) -> TokenPrice | None:
    """Return what the price list says of calls of usual size, for huge ones it may say more."""
    call = token_price_usd(name, 0, 0, provider=provider)
    read = token_price_usd(name, _MANY_TOKENS, 0, provider=provider)
    written = token_price_usd(name, 0, _MANY_TOKENS, provider=provider)
    if call is None or read is None or written is None:
        return None
    return TokenPrice(
        call_usd=call,
        input_usd=(read - call) / _MANY_TOKENS,
        output_usd=(written - call) / _MANY_TOKENS,
    )
