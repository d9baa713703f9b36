"""The demo of a running server: flights of 2013, moved to the present, watched while they go on.

What lives here: the flights with their predictions as a file (made by ``demo/ship.py``), and what
puts them into a store and a server the way a customer's service would. What does not: anything that
a store or a server needs.
"""

from watchkeeper.demo.demo import Demo, Stage, require_new
from watchkeeper.demo.year import MODELS

__all__ = ["MODELS", "Demo", "Stage", "require_new"]
