"""What predictions cost and may cost, as people set it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from watchkeeper.events.setting_fault import SettingFault


class PriceSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A price of predictions that bring no cost of their own; its parts add up.

    Attributes
    ----------
    version
        Only predictions of this version of the model. Left out: all that no price before it took.
    per_prediction_usd
        For each prediction.
    per_second_usd
        For each second of latency.
    per_million_usd
        For a million of what columns count, such as tokens: the name of a feature or tag, and the
        price.
    """

    version: Annotated[str, Meta(extra_json_schema={"examples": ["v2"]})] | None = None
    per_prediction_usd: float | None = None
    per_second_usd: float | None = None
    per_million_usd: dict[str, float] | None = None


class TokenSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Columns that tell which language model answered and how many tokens it took.

    Prices are those of the package genai-prices, which `watchkeeper[llm]` installs.

    Attributes
    ----------
    model
        Feature or tag with the name of the language model, such as gpt-4o.
    input
        Feature or tag with the number of input tokens.
    output
        Feature or tag with the number of output tokens.
    provider
        Who runs the model: openai, anthropic, ... Left out: told by the model's name.
    """

    model: Annotated[str, Meta(extra_json_schema={"examples": ["llm"]})]
    input: Annotated[str, Meta(extra_json_schema={"examples": ["input_tokens"]})]
    output: Annotated[str, Meta(extra_json_schema={"examples": ["output_tokens"]})]
    provider: Annotated[str, Meta(extra_json_schema={"examples": ["openai"]})] | None = None


class CostSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What predictions cost where they do not say so themselves, and what a month may cost.

    Attributes
    ----------
    month_budget_usd
        For a calendar month, in UTC; an incident opens when it will not suffice.
    prices
        The first that fits a prediction counts.
    tokens
        Prices of language models; they are added to those of `prices`.
    """

    month_budget_usd: Annotated[float, Meta(extra_json_schema={"examples": [500]})] | None = None
    prices: tuple[PriceSettings, ...] = ()
    tokens: TokenSettings | None = None


def cost_faults(costs: CostSettings) -> list[SettingFault]:
    """Return what cannot be put in force."""
    found: list[SettingFault] = []
    budget = costs.month_budget_usd
    if budget is not None and not 0 < budget < math.inf:
        reason = f"is {budget:g}; write dollars above 0"
        found.append(SettingFault(where=("costs", "month_budget_usd"), reason=reason))
    for at, price in enumerate(costs.prices):
        where = "costs", "prices", at
        parts = dict(_parts(price))
        if not parts:
            reason = "has no price; name one of per_prediction_usd, per_second_usd, per_million_usd"
            found.append(SettingFault(where=where, reason=reason))
        for name, usd in parts.items():
            if not 0 <= usd < math.inf:
                reason = f"is {usd:g}; write dollars, 0 or more"
                found.append(SettingFault(where=(*where, *name), reason=reason))
    return found


def _parts(price: PriceSettings) -> Iterator[tuple[tuple[str, ...], float]]:
    if price.per_prediction_usd is not None:
        yield ("per_prediction_usd",), price.per_prediction_usd
    if price.per_second_usd is not None:
        yield ("per_second_usd",), price.per_second_usd
    for name, usd in (price.per_million_usd or {}).items():
        yield ("per_million_usd", name), usd
