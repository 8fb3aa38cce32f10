"""The paper's claims: as data, against hand-made effects, and judged on fabricated results."""

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from fabricated import write_tracking
from made_up import make_dataset

from instmove.cli import main
from instmove.config import load_setup
from instmove.files import read_json, write_json
from instmove.reporting.agreement import disagreements
from instmove.reporting.cells import Result
from instmove.reporting.claim_plot import limit_of, plot_claims
from instmove.reporting.claims import cells_of, read_claims
from instmove.reporting.measured import Measurements
from instmove.reporting.over_seeds import Drawn, OverSeeds, over_seeds
from instmove.reporting.verdicts import decide, judge, read_verdicts

CLAIMS = {claim.id: claim for claim in read_claims()}
BENCHMARKS = ("ovis", "ytvis_long")


@pytest.fixture(scope="module")
def fabricated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MinVIS with many swapped identities, and with motion none; IDOL the other way round."""
    made_in = tmp_path_factory.mktemp("fabricated")
    swaps = {("minvis", "none"): 3, ("minvis", "instmove"): 0, ("idol", "none"): 0, ("idol", "instmove"): 3}
    for benchmark in BENCHMARKS:
        dataset = make_dataset(made_in / benchmark, videos=12, tracks=4, seed=len(benchmark))
        made = {Result(host, benchmark, motion, 0): count for (host, motion), count in swaps.items()}
        write_tracking(made_in, dataset, made)
    return made_in


@pytest.fixture
def results(fabricated: Path, tmp_path: Path) -> Path:
    """A copy of them, to change and to write to."""
    return shutil.copytree(fabricated, tmp_path, dirs_exist_ok=True)


@pytest.fixture(scope="module")
def judged(fabricated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another copy, with its claims."""
    copy = shutil.copytree(fabricated, tmp_path_factory.mktemp("judged"), dirs_exist_ok=True)
    assert main(["claims", "--results", str(copy)]) == 0
    return copy


@pytest.mark.parametrize("setup", ["mini", "smoke", "paper"])
def test_every_claim_about_a_table_of_a_setup_finds_its_cells(setup: str) -> None:
    config = load_setup(setup)
    numbers = {table["table"] for table in config["tables"].values()}
    for claim in CLAIMS.values():
        for gain in claim.gains:
            assert (cells_of(config, gain) is not None) == (gain.table in numbers), claim.id


def test_the_papers_effects_are_the_ones_it_states() -> None:
    stated = {"idol-ovis": 1.5, "idol-ytvis-long": 4.9, "minvis-ytvis-long": 3.6, "crossvis-ovis": 4.1}
    assert {name: round(CLAIMS[name].paper, 1) for name in stated} == stated
    assert round(CLAIMS["unicorn-switches"].paper, 1) == -28.6
    assert round(CLAIMS["pcan-switches"].paper, 1) == -9.8
    assert CLAIMS["idol-raft-sparse-3"].paper == 0  # where the paper says "outperforms" and prints equal numbers


@pytest.mark.parametrize(
    ("claim", "low", "high", "verdict"),
    [
        ("idol-ovis", 0.1, 2.0, "holds"),
        ("idol-ovis", -2.0, -0.1, "fails"),
        ("idol-ovis", -0.1, 2.0, "undecided"),
        ("idol-ovis", 0.0, 0.0, "undecided"),
        ("unicorn-switches", -30.0, -10.0, "holds"),
        ("unicorn-switches", 1.0, 2.0, "fails"),
        ("idol-ovis-kalman", -0.4, 0.4, "holds"),
        ("idol-ovis-kalman", -0.4, 0.6, "undecided"),
        ("idol-ovis-kalman", 0.6, 0.9, "fails"),
    ],
)
def test_an_interval_decides(claim: str, low: float, high: float, verdict: str) -> None:
    assert decide(CLAIMS[claim], OverSeeds((low + high) / 2, low, high), seeds=1)[0] == verdict


def test_separately_trained_networks_need_three_seeds() -> None:
    claim, clear = CLAIMS["prediction-iou-ovis-sub"], OverSeeds(5.0, 4.0, 6.0)
    assert [decide(claim, clear, seeds)[0] for seeds in (1, 2, 3)] == ["undecided", "undecided", "holds"]


def test_a_score_without_interval_decides_nothing() -> None:
    assert decide(CLAIMS["idol-ovis"], OverSeeds(3.0), seeds=1)[0] == "undecided"


def test_seeds_are_drawn_with_the_videos() -> None:
    generator = np.random.default_rng(0)
    draws = [Drawn(mean, mean + 0.1 * generator.standard_normal(1000)) for mean in (1.0, 2.0, 3.0)]
    found = over_seeds([1.0, 2.0, 3.0], draws)
    alone = over_seeds([2.0], draws[1:2])
    assert (found.value, found.spread) == (2.0, 1.0)
    assert found.low is not None and alone.low is not None
    assert found.low < 1.5 < alone.low, "the spread of the seeds is part of the interval"
    assert over_seeds([1.0, None], draws[:2]) == OverSeeds()


def test_claims_are_judged_by_what_was_run(results: Path) -> None:
    setup, measurements = load_setup("mini"), Measurements(results, draws=200)
    verdicts = {name: judge(setup, claim, measurements) for name, claim in CLAIMS.items()}
    assert verdicts["minvis-ovis"].verdict == "holds"
    assert verdicts["idol-ovis"].verdict == "fails"
    assert verdicts["crossvis-ovis"].verdict == "not run"
    assert "crossvis/ovis/none" in verdicts["crossvis-ovis"].why
    metrics = [read_json(results / f"metrics/minvis/ovis/{name}/seed0.json") for name in ("instmove", "none")]
    after, before = (content["metrics"]["AP"]["value"] for content in metrics)
    assert verdicts["minvis-ovis"].effect.value == pytest.approx(100 * (after - before))


def test_a_gain_beyond_another_is_their_difference(results: Path) -> None:
    setup, measurements = load_setup("mini"), Measurements(results, draws=200)
    wide, first, second = (
        judge(setup, CLAIMS[name], measurements).effect
        for name in ("minvis-ytvis-long-beyond-ovis", "minvis-ytvis-long", "minvis-ovis")
    )
    assert wide.value == pytest.approx((first.value or 0) - (second.value or 0))
    assert wide.low is not None and wide.high is not None and first.low is not None and first.high is not None
    assert wide.high - wide.low > first.high - first.low


def test_claims_csv_and_plot_are_the_same_bytes_again(judged: Path) -> None:
    made = [judged / "claims.csv", judged / "plots/claims.svg", judged / "plots/claims.png"]
    first = [path.read_bytes() for path in made]
    assert main(["claims", "--results", str(judged)]) == 0
    assert [path.read_bytes() for path in made] == first
    lines = {line["claim"]: line for line in read_verdicts(judged / "claims.csv")}
    assert list(lines) == list(CLAIMS)
    assert lines["minvis-ovis"]["verdict"] == "holds"


def test_a_line_says_what_was_judged_and_the_verdicts_are_counted(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", "--results", str(results)]) == 0
    lines = {line["claim"]: line for line in read_verdicts(results / "claims.csv")}
    effect = judge(load_setup("mini"), CLAIMS["minvis-ovis"], Measurements(results)).effect
    line = lines["minvis-ovis"]
    assert [float(line[key]) for key in ("effect", "low", "high")] == [effect.value, effect.low, effect.high]
    assert (line["direction"], line["unit"], line["margin"], line["spread"], line["seeds"]) == (
        *("more", "points", "", "", "1"),
    )
    assert line["cells"].split() == ["minvis/ovis/instmove", "minvis/ovis/none"]
    assert lines["idol-ovis-kalman"]["margin"] == "0.5" and lines["idol-ovis"]["paper"] == "1.5"
    counts = Counter(line["verdict"] for line in lines.values())
    printed = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert {name: int(count) for name, count in printed.items()} == {"undecided": 0, **counts}


def test_an_effect_outside_of_its_interval_is_drawn(judged: Path, tmp_path: Path) -> None:
    lines = [{**line, "effect": "1", "low": "2", "high": "3"} for line in read_verdicts(judged / "claims.csv")]
    plot_claims(lines, "claims", tmp_path / "claims")
    assert (tmp_path / "claims.png").exists()


def test_results_that_do_not_fit_together_are_named_and_nothing_is_judged(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert disagreements(results) == []
    odd = results / "metrics/minvis/ovis/none/seed0.json"
    write_json(odd, read_json(odd) | {"evaluation_code": "0123456789abcdef"})
    (line,) = disagreements(results)
    assert line.startswith("metrics/minvis/ovis/none/seed0.json: its evaluation code is 0123456789abcdef")
    assert main(["claims", "--results", str(results)]) == 1
    assert "metrics/minvis/ovis/none/seed0.json" in capsys.readouterr().err
    assert not (results / "claims.csv").exists()


def test_scorers_have_each_their_own_code(results: Path) -> None:
    other = results / "metrics/minvis/ovis/none/seed0.json"
    write_json(other, read_json(other) | {"scorer": "another", "evaluation_code": "0123456789abcdef"})
    assert disagreements(results) == []


@pytest.mark.parametrize("key", ["split_digest", "shared_digest"])
def test_another_split_or_host_does_not_fit(results: Path, key: str) -> None:
    odd = results / "metrics/idol/ovis/instmove/seed0.json"
    content = read_json(odd)
    content["origin"][key] = "ff"
    write_json(odd, content)
    assert any("idol/ovis/instmove" in line or "idol/ovis/none" in line for line in disagreements(results))


def test_seeds_of_one_result_are_of_one_configuration_and_motions_may_differ(results: Path) -> None:
    paths = [results / f"metrics/idol/ovis/instmove/seed{seed}.json" for seed in (0, 1)]
    content = read_json(paths[0])
    content["origin"]["config_digest"] = "ff"
    write_json(paths[0], content)
    assert disagreements(results) == []
    content["origin"]["config_digest"] = "00"
    write_json(paths[1], content)
    assert len(disagreements(results)) == 1


def test_an_interval_that_ends_on_the_boundary_is_said_to() -> None:
    assert decide(CLAIMS["idol-ovis"], OverSeeds(0.0, 0.0, 0.0), seeds=1) == (
        "undecided",
        "the interval ends on the boundary itself",
    )
    assert decide(CLAIMS["idol-ovis"], OverSeeds(0.5, -0.1, 1.0), seeds=1)[1] == "the interval reaches to both sides"


def test_rates_have_a_unit_of_their_own_and_the_papers_effect_no_say_in_the_scale() -> None:
    units = {claim.gain.column: claim.unit for claim in CLAIMS.values() if claim.gain.table == "5"}
    assert units["occlusion-subset/IDSw per object"] == "rate"
    line = {"effect": "1.0", "low": "-2.0", "high": "3.0", "paper": "27.0"}
    assert limit_of([line]) == pytest.approx(3.3)
    assert limit_of([line | dict.fromkeys(("effect", "low", "high"), "")]) == pytest.approx(29.7)
