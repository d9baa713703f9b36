"""The command line: one file per verb, each a thin shell over the room that does the work.

What lives here: reading arguments, showing results, exit codes. What does not: decisions. A verb's
file imports the heavy rooms inside the function, so that ``watchkeeper --help`` stays quick.
"""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from watchkeeper.cli.alerts import alerts_app
from watchkeeper.cli.apply import apply
from watchkeeper.cli.audit import audit_app
from watchkeeper.cli.backtest import backtest
from watchkeeper.cli.backup import backup, restore
from watchkeeper.cli.baseline import baseline
from watchkeeper.cli.business import business
from watchkeeper.cli.compare import compare
from watchkeeper.cli.doctor import doctor
from watchkeeper.cli.erase import erase
from watchkeeper.cli.estimates import estimates
from watchkeeper.cli.exit_codes import BUG, WRONG_USE, exit_code
from watchkeeper.cli.expire import expire
from watchkeeper.cli.explain import explain
from watchkeeper.cli.explanations import explanations
from watchkeeper.cli.help_text import help_text
from watchkeeper.cli.import_ import import_files
from watchkeeper.cli.incidents import incidents_app
from watchkeeper.cli.init import init
from watchkeeper.cli.items import items
from watchkeeper.cli.keys import keys_app
from watchkeeper.cli.light_start import lightly
from watchkeeper.cli.performance import performance
from watchkeeper.cli.profile import profile
from watchkeeper.cli.projects import projects_app
from watchkeeper.cli.replay import replay
from watchkeeper.cli.serve import serve
from watchkeeper.cli.shadow import shadow
from watchkeeper.cli.upgrade import upgrade
from watchkeeper.cli.watch import watch
from watchkeeper.errors import WatchkeeperError

__all__ = ["app", "main"]

app = typer.Typer(
    name="watchkeeper",
    no_args_is_help=True,
    # Plain help: Rich's panels take twice as long to load as everything else together.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"watchkeeper {version('watchkeeper')}")
        raise typer.Exit


@app.callback()
def watchkeeper(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Stand watch over a machine-learning model, with a budget for false alarms.

    Start with `watchkeeper init DATA`, then ask `watchkeeper backtest DATA` how many alerts last
    year would have given you.

    Exit codes: 0 all well, 1 an incident is open, 2 wrong use or set-up, 3 not enough data to say,
    4 try again later.
    """


# In the order of a first acquaintance: --help lists them so.
_VERBS = (
    ("init", init, "Look at a data set and write settings to begin with."),
    ("backtest", backtest, "How many alerts would last year have given me?"),
    ("compare", compare, "What changed between a reference and now?"),
    ("profile", profile, "Save a reference without its rows, to compare with."),
    ("import", import_files, "Put files into a store."),
    ("baseline", baseline, "Say what normal is, before deployment."),
    ("watch", watch, "Judge every bucket as it completes."),
    ("business", business, "What do people do with the predictions?"),
    ("performance", performance, "How good are the predictions, by the labels so far?"),
    ("estimates", estimates, "How good will they turn out to be, before labels come?"),
    ("explanations", explanations, "What do features contribute to outputs, and did it change?"),
    ("shadow", shadow, "Would another model do better on the same requests?"),
    ("items", items, "Say what the items of ranked lists are made of."),
    ("replay", replay, "Judge stored buckets again, to the byte."),
    ("explain", explain, "Why did it happen, where, and what does it cost?"),
    ("apply", apply, "Put settings of operation in force."),
    ("serve", serve, "Take records over HTTP, and watch all models."),
    ("expire", expire, "Remove what is older than it shall be kept."),
    ("erase", erase, "Erase all that is kept of an entity."),
    ("doctor", doctor, "Is a store well?"),
    ("backup", backup, "Copy a store while it is in use."),
    ("upgrade", upgrade, "Bring a store to this version, or rehearse it."),
    ("restore", restore, "Make a store of a backup."),
)
for _name, _verb, _short in _VERBS:
    # serve sets its process up by itself, before NumPy is loaded
    _run = _verb if _verb is serve else lightly(_verb)
    app.command(_name, help=help_text(_verb), short_help=_short)(_run)
for _group in (incidents_app, alerts_app, projects_app, keys_app, audit_app):
    for _command in _group.registered_commands:
        assert _command.callback is not None
        _command.callback = lightly(_command.callback)
    app.add_typer(_group)


def main() -> None:
    """Run the command line; an error is one clear message on stderr and an exit code."""
    try:
        app()
    except WatchkeeperError as error:
        _give_up(str(error), exit_code(error))
    except OSError as error:
        _give_up(f"{error.strerror or error}: {error.filename or 'no file named'}", WRONG_USE)
    except Exception:  # noqa: BLE001 - else Python exits with 1, which here means an open incident
        traceback.print_exc()
        _give_up("this is a bug of ours; please report the lines above", BUG)


def _give_up(message: str, code: int) -> None:
    typer.echo(f"watchkeeper: {message}", err=True)
    sys.exit(code)
