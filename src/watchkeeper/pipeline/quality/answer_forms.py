"""Whether lists that models answer with are ranked items, or the labels that apply."""

from __future__ import annotations

from watchkeeper.metrics.quality import Task
from watchkeeper.store import Store


class AnswerForms:
    """Knows of each model whether it answers with lists, and whether its outcomes are lists too.

    Lists are ranked items as long as nothing else is known. Where outcomes are lists of labels, or
    the settings name the task, they are the labels that apply.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._are_lists: dict[str, bool] = {}
        self._have_labels: dict[str, bool] = {}

    def look(self, model: str) -> bool:
        """Look at what was not known yet; return whether anything of it is known now.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        lists, before = self._store.quality.lists, (len(self._are_lists), len(self._have_labels))
        if model not in self._are_lists:
            _note(self._are_lists, model, lists.are_answers_of(model))
        if self._are_lists.get(model) and model not in self._have_labels:
            _note(self._have_labels, model, lists.labels_are_lists(model))
        return (len(self._are_lists), len(self._have_labels)) != before

    def is_known(self, model: str) -> bool:
        """Whether the model has answered."""
        return model in self._are_lists

    def is_ranked(self, model: str, task: Task | None) -> bool:
        """Whether its answers are ranked items, by the task that the settings name, if any."""
        if not self._are_lists.get(model, False):
            return False
        if task in ("ranking", "multilabel"):
            return task == "ranking"
        return not self._have_labels.get(model, False)


def _note(known: dict[str, bool], model: str, found: bool | None) -> None:
    if found is not None:
        known[model] = found
