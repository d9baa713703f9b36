"""Great Expectations' suites as checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from watchkeeper.checks.declared import Check, faults
from watchkeeper.checks.expectations import EXPECTATIONS, Expectation
from watchkeeper.checks.imported import Imported
from watchkeeper.checks.row_checks import Severity
from watchkeeper.errors import SettingsError


def from_great_expectations(suite: object) -> Imported:
    """Return a suite of Great Expectations as checks.

    Parameters
    ----------
    suite
        Its JSON, parsed or as text, in the layout of 0.x (``expectation_type``) or of 1.x
        (``type``); or an ``ExpectationSuite``.

    Raises
    ------
    SettingsError
        It is none of these.

    Examples
    --------
    >>> imported = from_great_expectations({"expectations": [
    ...     {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}},
    ...     {"type": "expect_column_values_to_be_increasing", "kwargs": {"column": "id"}},
    ... ]})
    >>> imported.checks[0].column
    'id'
    >>> imported.notes
    ('expect_column_values_to_be_increasing of id: there is no check like it',)
    """
    checks: list[Check] = []
    notes: list[str] = []
    for at, one in enumerate(_expectations(suite)):
        kind = one.get("type") or one.get("expectation_type") if isinstance(one, Mapping) else None
        if not isinstance(kind, str):
            raise SettingsError(f"Expected a type in expectations[{at}], there is none.")
        kwargs = dict(one.get("kwargs") or {})
        expectation = Expectation(kind=kind, kwargs=kwargs, severity=_severity(one))
        try:
            made = _translated(expectation)
        except (KeyError, TypeError, ValueError) as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            notes.append(f"{expectation.told}: {why}")
        else:
            checks += made
    return Imported(checks=tuple(checks), notes=tuple(notes))


def _expectations(suite: object) -> list[Any]:
    if hasattr(suite, "to_json_dict"):
        suite = suite.to_json_dict()
    if isinstance(suite, str):
        try:
            suite = json.loads(suite)
        except ValueError as error:
            raise SettingsError(f"Expected the JSON of a suite: {error}.") from error
    found = suite.get("expectations") if isinstance(suite, Mapping) else None
    if not isinstance(found, list):
        raise SettingsError("Expected a suite of Great Expectations, with a list 'expectations'.")
    return found


def _severity(one: Mapping[str, Any]) -> Severity:
    return "warning" if one.get("severity") in {"warning", "info"} else "error"


def _translated(expectation: Expectation) -> list[Check]:
    translate = EXPECTATIONS.get(expectation.kind)
    if translate is None:
        raise ValueError("there is no check like it")
    if expectation.kwargs.get("row_condition"):
        raise ValueError("its row_condition is no SQL; write it as 'where'")
    if not 0 < expectation.mostly <= 1:
        raise ValueError(f"mostly is {expectation.mostly}")
    made = translate(expectation)
    for check in made:
        for fault in faults(check):
            raise ValueError(f"{fault.attribute} {fault.message}")
    return made
