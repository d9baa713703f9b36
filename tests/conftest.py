"""Settings of the whole suite."""

from __future__ import annotations

import os

import hypothesis

# Two busy cores make any one example slow at times: a deadline would fail at random.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")
