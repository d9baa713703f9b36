"""Seconds and memory of a whole comparison, from Parquet files to JSON, beside other tools.

    python benchmarks/compare_speed.py                       1 M and 5 M rows a side, small windows
    python benchmarks/compare_speed.py --peers               the same, other tools at 1 M rows
    python benchmarks/compare_speed.py --peers --deepchecks  and deepchecks, which takes minutes

20 numbers and 5 categories, drift, quality, summary and the joint test:
``watchkeeper compare REF.parquet CUR.parquet --format json --out F``, from the start of Python to
the end of the process; the best of three. Memory is the process's peak resident set. Limits: 1 M
rows a side 3 s and 700 MB, 5 M rows 12 s and 1 GB, and a tenth of the fastest other tool's time.
The others run once, on the same files, in environments of their own made in a cache folder.

The small window is 1,000 rows x 20 columns against a saved profile, inside a process, as a table of
Arrow and of pandas: median of 50, limit 10 ms. Exit 1 if a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from peers import CACHE, environment_variables, python_of

HERE = Path(__file__).parent
LIMITS = {1_000_000: (3.0, 700.0), 5_000_000: (12.0, 1_000.0)}
TIMES_FASTER = 10.0
SMALL_LIMIT_MS = 10.0
RUNS, SMALL_RUNS = 3, 50
PEERS = ("whylogs", "nannyml", "evidently")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one process took."""

    seconds: float
    megabytes: float
    exit_code: int


def measured(command: list[str], log: Path) -> Run:
    """Run a process to its end."""
    begun = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment_variables()
        )
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    # Linux counts in kB of 1,024 bytes.
    return Run(
        seconds=seconds,
        megabytes=usage.ru_maxrss * 1024 / 1e6,
        exit_code=process.returncode,
    )


def files(rows: int, cache: Path) -> tuple[Path, Path]:
    """Return the reference's and the current file, written now if need be."""
    cache.mkdir(parents=True, exist_ok=True)
    found = []
    for seed, shift in ((0, 0.0), (1, 0.2)):
        path = cache / f"comparison-{rows}-{seed}.parquet"
        found.append(path)
        if not path.exists():
            print(f"Writing {path} ...", file=sys.stderr, flush=True)
            command = [sys.executable, str(HERE / "comparison_files.py"), "--rows", str(rows)]
            command += ["--seed", str(seed), "--shift", str(shift), "--out", str(path)]
            subprocess.run(command, check=True)
    return found[0], found[1]


def ours(reference: Path, current: Path, folder: Path) -> list[Run]:
    """Run Watchkeeper three times; every one must say that there is drift."""
    out = folder / "watchkeeper.json"
    command = [str(Path(sys.executable).with_name("watchkeeper")), "compare"]
    command += [str(reference), str(current), "--format", "json", "--out", str(out)]
    runs = [measured(command, folder / "log") for _ in range(RUNS)]
    if any(run.exit_code != 1 for run in runs) or not out.exists():
        raise SystemExit(f"watchkeeper compare failed:\n{(folder / 'log').read_text()}")
    return runs


def peer(name: str, python: Path, reference: Path, current: Path, folder: Path) -> Run | None:
    """Run another tool once; ``None`` if it fails."""
    out = folder / f"{name}.json"
    command = [str(python), str(HERE / "peer_report.py"), name, str(reference), str(current)]
    run = measured([*command, str(out)], folder / "log")
    if run.exit_code or not out.exists():
        reason = ((folder / "log").read_text().strip().splitlines() or ["no message"])[-1]
        print(f"{name} failed, so it is left out: {reason}", flush=True)
        return None
    return run


def small_windows() -> dict[str, float]:
    """Return the median milliseconds of 1,000 rows against a profile, by kind of table."""
    import numpy as np

    from comparison_files import rows_of
    from watchkeeper.pipeline import compare, profile_table

    names = [f"number_{i}" for i in range(2, 18)] + [f"category_{i}" for i in range(4)]
    profile = profile_table(rows_of(np.random.default_rng(0), 100_000, 0.0).select(names))
    window = rows_of(np.random.default_rng(1), 1_000, 0.0).select(names)
    found = {}
    for kind, table in (("Arrow", window), ("pandas", window.to_pandas())):
        compare(profile, table)
        durations = []
        for _ in range(SMALL_RUNS):
            begun = time.perf_counter()
            compare(profile, table)
            durations.append(1000 * (time.perf_counter() - begun))
        found[kind] = statistics.median(durations)
    return found


def main() -> int:
    """Measure, print, and fail if a limit is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", default="1000000,5000000", help="sizes, with commas between")
    parser.add_argument("--peers", action="store_true", help="other tools at the first size")
    parser.add_argument("--deepchecks", action="store_true", help="deepchecks too")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of files, environments")
    given = parser.parse_args()
    sizes = [int(rows) for rows in given.rows.split(",")]
    wanted = (*(PEERS if given.peers else ()), *(("deepchecks",) if given.deepchecks else ()))
    pythons = {name: python for name in wanted if (python := python_of(name, given.cache))}
    met, first = True, 0.0
    print("| tool | rows a side | seconds | MB | limit |\n| --- | --: | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows in sizes:
            runs = ours(*files(rows, given.cache), folder)
            seconds = min(run.seconds for run in runs)
            megabytes = max(run.megabytes for run in runs)
            most_seconds, most_megabytes = LIMITS.get(rows, (float("inf"), float("inf")))
            met &= seconds < most_seconds and megabytes < most_megabytes
            first = first or seconds
            limit = f"{most_seconds:g} s, {most_megabytes:g} MB"
            print(
                f"| Watchkeeper | {rows:,} | {seconds:.2f} | {megabytes:.0f} | {limit} |",
                flush=True,
            )
            print(f"  {[round(run.seconds, 2) for run in runs]}", file=sys.stderr, flush=True)
        fastest = float("inf")
        for other, python in pythons.items():
            run = peer(other, python, *files(sizes[0], given.cache), folder)
            if run is not None:
                fastest = min(fastest, run.seconds)
                print(
                    f"| {other} | {sizes[0]:,} | {run.seconds:.1f} | {run.megabytes:.0f} | |",
                    flush=True,
                )
    if fastest < float("inf"):
        times = fastest / first
        met &= times >= TIMES_FASTER
        print(f"\n{times:.1f} times as fast as the fastest other tool, limit {TIMES_FASTER:g}")
    for kind, milliseconds in small_windows().items():
        met &= milliseconds < SMALL_LIMIT_MS
        print(
            f"1,000 rows x 20 columns ({kind}) against a profile: {milliseconds:.1f} ms,"
            f" limit {SMALL_LIMIT_MS:g} ms"
        )
    print(f"limits {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
