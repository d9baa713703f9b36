"""What a language model's tokens cost, by the price list that the package genai-prices carries."""

from __future__ import annotations

import functools
import importlib.util

from watchkeeper.errors import MissingExtraError


def require_price_list() -> None:
    """Make sure that there is a price list.

    Raises
    ------
    MissingExtraError
        If the package is not installed.
    """
    if importlib.util.find_spec("genai_prices") is None:
        message = (
            "prices of tokens need the package genai-prices; install it with"
            " pip install 'watchkeeper[llm]', or remove costs.tokens from the settings"
        )
        raise MissingExtraError(message)


@functools.lru_cache(maxsize=65_536)
def token_price_usd(
    model: str, input_tokens: int, output_tokens: int, *, provider: str | None = None
) -> float | None:
    """Return the price of one call, ``None`` for a model that the list does not know.

    No network is used: the list is the one of the installed package.

    Raises
    ------
    MissingExtraError
        If the package is not installed.
    """
    require_price_list()
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        return float(calc_price(usage, model_ref=model, provider_id=provider).total_price)
    except LookupError:
        return None
