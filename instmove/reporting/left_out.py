"""What of a setup's tables cannot be made and why, as the workflow says it when it starts."""

from collections.abc import Iterable

from instmove.reporting.cells import FULL_GRID, Result, Setup, available_results, table_names
from instmove.reporting.needs import Lacking, Need, makeable

HINT = "instmove check-data and check-weights say what is there, docs/paper-scale.md where the rest comes from"
FEW = 3
"""Files that a line names; of more it says how many there are."""


def left_out_text(setup: Setup, missing: Lacking) -> str:
    """Which tables come whole, in part or not at all, then everything that is missing with the tables it keeps back."""
    names = [name for name in table_names(setup) if name != FULL_GRID]
    held = {name: _needed(available_results(setup, name), missing) for name in names}
    absent = dict.fromkeys(need for needed in held.values() for need in needed)
    lines = [f"setup {setup['setup']}: files are missing; without them tables are left out or have empty cells"]
    lines += [f"  {name:8} {table_state(setup, name, missing)}" for name in names]
    lines.append("missing:")
    for of in dict.fromkeys(need.of for need in absent):
        paths = [str(need.path) for need in absent if need.of == of]
        tables = [name for name, needed in held.items() if of in {need.of for need in needed}]
        lines.append(f"  {of} ({', '.join(paths)}), for {', '.join(tables)}")
    return "\n".join([*lines, HINT])


def why_nothing(setup: Setup, table: str, missing: Lacking) -> str:
    """One line on a table of which no cell can be made."""
    needed = _needed(available_results(setup, table), missing)
    paths = [str(need.path) for need in needed]
    more = f" and {len(paths) - FEW} more" if len(paths) > FEW else ""
    return (
        f"{table}: nothing of it can be made without {', '.join(paths[:FEW])}{more};"
        " docs/paper-scale.md says where they come from, data_root is the folder that holds them"
    )


def _needed(results: Iterable[Result], missing: Lacking) -> list[Need]:
    return list(dict.fromkeys(need for result in results for need in missing.get(result, ())))


def table_state(setup: Setup, table: str, missing: Lacking) -> str:
    """How much of a table there is, and which cells there are not."""
    results, made = available_results(setup, table), makeable(setup, table, missing)
    if len(made) == len(results):
        return "whole"
    if not made:
        return f"left out, none of its {len(results)} results can be made"
    motions: dict[tuple[str, str], list[str]] = {}
    for host, benchmark, motion, _ in (result for result in results if result in missing):
        motions.setdefault((host, benchmark), []).append(motion)
    some = {result[:2] for result in made}
    places: dict[tuple[str, str], list[str]] = {}
    for (host, benchmark), absent in motions.items():
        which = f" ({', '.join(absent)})" if (host, benchmark) in some else ""
        places.setdefault((host, which), []).append(benchmark)
    shown = [f"{host} on {', '.join(benchmarks)}{which}" for (host, which), benchmarks in places.items()]
    return f"{len(made)} of {len(results)} results, without {'; '.join(shown)}"
