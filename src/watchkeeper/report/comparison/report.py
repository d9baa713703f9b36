"""What a comparison hands to its caller: the record, and every form in which people share it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.errors import SettingsError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watchkeeper.checks import CheckResult
    from watchkeeper.comparison import (
        ColumnComparison,
        Comparison,
        DatasetComparison,
        SegmentComparison,
    )

_SUFFIXES = (".html", ".json", ".md", ".xml")


@dataclass(frozen=True, slots=True, repr=False)
class ComparisonReport:
    """A comparison that can be read, saved and shown.

    In a notebook it shows itself as its page. Nothing is rendered before it is asked for.

    Attributes
    ----------
    comparison
        The whole record.
    """

    comparison: Comparison

    @property
    def dataset(self) -> DatasetComparison:
        """The verdict over everything."""
        return self.comparison.dataset

    @property
    def columns(self) -> Mapping[str, ColumnComparison]:
        """Every column's verdict by name, in the order of the reference."""
        return self.comparison.columns

    @property
    def checks(self) -> Sequence[CheckResult]:
        """Every check's result."""
        return self.comparison.checks

    @property
    def segments(self) -> Sequence[SegmentComparison]:
        """Every segment's verdict, largest first."""
        return self.comparison.segments

    def html(self) -> str:
        """Return one self-contained HTML document, without any script."""
        from watchkeeper.report.comparison.page import comparison_html

        return comparison_html(self.comparison)

    def markdown(self) -> str:
        """Return Markdown for a comment, shorter than 60,000 characters."""
        from watchkeeper.report.comparison.markdown import comparison_markdown

        return comparison_markdown(self.comparison)

    def junit(self) -> str:
        """Return JUnit XML: a test case per column, check and segment, and one for all jointly."""
        from watchkeeper.report.comparison.junit import comparison_junit

        return comparison_junit(self.comparison)

    def json(self) -> str:
        r"""Return the record as one JSON object on one line, ending with ``\n``."""
        from watchkeeper.report.comparison.wire import comparison_json

        return comparison_json(self.comparison).decode()

    def save(self, path: str | Path) -> None:
        """Write the report in the form that the file's suffix names.

        Parameters
        ----------
        path
            Ends in ``.html``, ``.md``, ``.xml`` (JUnit) or ``.json``; an existing file is replaced.

        Raises
        ------
        SettingsError
            The suffix is none of these.
        """
        path = Path(path)
        forms = dict(zip(_SUFFIXES, (self.html, self.json, self.markdown, self.junit), strict=True))
        suffix = path.suffix.lower()
        if suffix not in forms:
            came = f"ends in {suffix!r}" if suffix else "has no suffix"
            raise SettingsError(
                f"A report is saved as .html, .md, .xml (JUnit) or .json, by the file's suffix;"
                f" {path.name!r} {came}.{nearest(suffix, _SUFFIXES)}"
            )
        path.write_text(forms[suffix](), encoding="utf-8", newline="\n")

    def _repr_html_(self) -> str:
        from watchkeeper.report.comparison.notebook import comparison_frame

        return comparison_frame(self.comparison)

    def __repr__(self) -> str:
        from watchkeeper.report.comparison.verdict import sentence

        return f"<ComparisonReport: {sentence(self.comparison.dataset, longest=300)}>"
