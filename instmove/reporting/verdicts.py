"""Which of the paper's claims hold here: every effect with its interval, and what that decides."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from instmove.errors import InstMoveError
from instmove.files import write_text
from instmove.reporting.cells import Result, Setup
from instmove.reporting.claims import Cells, Claim, cells_of
from instmove.reporting.measured import Measurements
from instmove.reporting.over_seeds import Drawn, OverSeeds, over_seeds
from instmove.reporting.tables import csv_text

Pair = tuple[Result, Result]
VERDICTS = ("holds", "fails", "undecided", "not run")
NOTHING = OverSeeds()
LEAST_SEEDS = 3
"""Below it a difference of networks that were trained separately may be luck of the training."""
HEADER = (
    *("claim", "says", "quote", "section", "direction", "margin", "verdict", "why", "effect", "low", "high", "unit"),
    *("spread", "seeds", "paper", "cells"),
)


@dataclass(frozen=True)
class Verdict:
    """What was measured of a claim; the effect in the unit of the paper's."""

    claim: Claim
    verdict: str
    why: str
    effect: OverSeeds = NOTHING
    seeds: int = 0
    cells: tuple[str, ...] = ()
    """The metrics files compared, below the results folder, without seed."""


def judge(setup: Setup, claim: Claim, measurements: Measurements) -> Verdict:
    """Measure a claim's effect on the results that there are, and decide."""
    gains = [cells for gain in claim.gains if (cells := cells_of(setup, gain)) is not None]
    if len(gains) < len(claim.gains):
        return Verdict(claim, "not run", "the setup's tables do not have these cells")
    names = tuple(dict.fromkeys(name for cells in gains for name in cells.names))
    pairs = [measurements.pairs(cells.result, cells.base) for cells in gains]
    if not all(pairs):
        missing = [name for name in names if not any((measurements.folder / "metrics" / name).glob("seed*.json"))]
        return Verdict(claim, "not run", f"missing: {', '.join(missing)}", cells=names)
    effects = [_effect(claim, gains, each, measurements) for each in zip(*_even(pairs), strict=True)]
    found = over_seeds([None if each is None else each.value for each in effects], effects)
    if found.value is None:
        reason = "the results have no value here: a server's scores are awaited, or there is nothing to compare with"
        return Verdict(claim, "not run", reason, cells=names)
    return Verdict(claim, *decide(claim, found, len(effects)), found, len(effects), names)


def decide(claim: Claim, effect: OverSeeds, seeds: int) -> tuple[str, str]:
    """The verdict on an effect and the reason, in words.

    A claim holds if the whole interval agrees with it, fails if none of it does, and is undecided in between.
    """
    if claim.apart and seeds < LEAST_SEEDS:
        trained = f"{seeds} seed{'' if seeds == 1 else 's'}"
        return "undecided", f"the networks were trained separately and there {'is' if seeds == 1 else 'are'} {trained}"
    if effect.low is None or effect.high is None:
        return "undecided", "there is no interval: the scores are a server's"
    least, most = _agreeing(claim)
    if least < effect.low and effect.high < most:
        return "holds", "the whole interval agrees"
    if effect.high < least or most < effect.low:
        return "fails", "the whole interval disagrees"
    if any(effect.low < edge < effect.high for edge in (least, most)):
        return "undecided", "the interval reaches to both sides"
    return "undecided", "the interval ends on the boundary itself"


def _agreeing(claim: Claim) -> tuple[float, float]:
    """Between which effects a claim is true."""
    endless = float("inf")
    return {
        "more": (0.0, endless),
        "less": (-endless, 0.0),
        "same": (-claim.margin, claim.margin),
        "not_less": (-claim.margin, endless),
    }[claim.direction]


def _even(pairs: Sequence[Sequence[Pair]]) -> list[list[Pair]]:
    """The seeds of both gains side by side; a gain that no seed changes stands beside each of the other's."""
    most = max(map(len, pairs))
    return [[*each, *[each[0]] * (most - len(each))] for each in pairs]


def _effect(claim: Claim, gains: Sequence[Cells], pairs: Sequence[Pair], measurements: Measurements) -> Drawn | None:
    """The gain of one seed minus the one that it should exceed; other videos are drawn independently."""
    measured = zip(pairs, gains, strict=True)
    effects = [measurements.effect(pair, cells.metric, claim.relative) for pair, cells in measured]
    first, last = effects[0], effects[-1]
    if first is None or last is None or len(effects) == 1:
        return _scaled(claim, first)
    if first.units != last.units:
        last = measurements.effect(pairs[-1], gains[-1].metric, claim.relative, stream=1) or last
    draws = None if first.draws is None or last.draws is None else first.draws - last.draws
    return _scaled(claim, Drawn(first.value - last.value, draws))


def _scaled(claim: Claim, effect: Drawn | None) -> Drawn | None:
    """The effect in the unit of the paper's numbers."""
    if effect is None or claim.counts:
        return effect
    return Drawn(100 * effect.value, None if effect.draws is None else 100 * effect.draws)


def write_verdicts(verdicts: Sequence[Verdict], path: Path) -> None:
    """Write a line for each claim; equal verdicts are equal bytes."""
    write_text(path, csv_text([HEADER, *map(_line, verdicts)]))


def _line(verdict: Verdict) -> list[str]:
    claim, effect = verdict.claim, verdict.effect
    numbers = [_text(value) for value in (effect.value, effect.low, effect.high)]
    return [
        *(claim.id, claim.says, claim.quote, claim.section, claim.direction, _text(claim.margin or None)),
        *(verdict.verdict, verdict.why, *numbers, claim.unit),
        *(_text(effect.spread), str(verdict.seeds or ""), _text(round(claim.paper, 6) + 0.0), " ".join(verdict.cells)),
    ]


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)


def read_verdicts(path: Path) -> list[dict[str, str]]:
    """The lines of what :func:`write_verdicts` wrote; a missing or foreign file is an error that names it."""
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            lines = list(csv.DictReader(handle))
    except FileNotFoundError:
        raise InstMoveError(f"{path}: not found; run `instmove claims` first") from None
    if not lines or set(HEADER) - lines[0].keys():
        raise InstMoveError(f"{path}: not a list of claims; run `instmove claims` again")
    return lines
