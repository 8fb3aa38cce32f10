"""What the rules share: the setup, where its results are, and what each of them depends on."""

import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from instmove.code_digest import code_digest, module_digest
from instmove.config import data_root, flatten, load_setup, settings_digest, typed
from instmove.errors import InstMoveError
from instmove.files import digest
from instmove.reporting.awaited import require_known_scores
from instmove.reporting.cells import BRANCHES, VOS, Result, seeds_of, table_names
from instmove.reporting.left_out import left_out_text
from instmove.reporting.needs import lacking
from instmove.weights import shipped_weights

try:
    overrides = typed({key: value for key, value in config.items() if key != "setup"})
    setup = load_setup(config.get("setup", "mini"), overrides)
except InstMoveError as error:
    raise WorkflowError(str(error)) from None

RESULTS = f"results/{setup['setup']}"
DATA = data_root(setup)
ENVIRONMENT = "../../environment.yml"
MODELS = setup["motion"]["models"]
BENCHMARKS = setup["benchmarks"]
VARIANTS = setup["association"]["variants"]
VOS_BENCHMARKS = setup["vos"]["benchmarks"] if "vos" in setup else {}
TRAINED = [
    name
    for name, model in MODELS.items()
    if model["kind"] == "instmove" and "file" not in model
]
# Results whose data or checkpoints are not there: tables come without them.
LACKING = lacking(setup)
if LACKING and workflow.is_main_process:
    print(left_out_text(setup, LACKING), file=sys.stderr)
try:
    require_known_scores(setup, Path(RESULTS))
except InstMoveError as error:
    raise WorkflowError(str(error)) from None


def alternatives(names):
    """A wildcard's regular expression that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


wildcard_constraints:
    dataset=alternatives(setup["datasets"]),
    split=alternatives(setup["splits"]),
    model=alternatives(MODELS),
    host=alternatives(setup["hosts"]),
    checkpoint=alternatives(
        dict.fromkeys(c for h in setup["hosts"].values() for c in h["checkpoints"])
    ),
    benchmark=alternatives([*BENCHMARKS, *VOS_BENCHMARKS]),
    branch=alternatives(BRANCHES),
    motion=alternatives(VARIANTS),
    seed=alternatives(
        dict.fromkeys(str(seed) for seed in [*setup["seeds"], *seeds_of(setup, VOS)])
    ),
    fold=r"\d+",
    table=alternatives(table_names(setup)),


def setup_arguments(*keys):
    """How a job tells its verb the setup: the overrides below these dotted keys, so that others do not run it again."""
    wanted = {*keys, "data_root", "threads", "device"}
    chosen = [
        item
        for item in flatten(overrides)
        if any(item.startswith((f"{key}.", f"{key}=")) for key in wanted)
    ]
    return " ".join(
        [
            f"--setup {setup['setup']}",
            *(f"--set {shlex.quote(item)}" for item in chosen),
        ]
    )


def settings(*sections):
    """Digest of the parts of the setup that a result depends on, so that a change of them makes it again."""
    return settings_digest(setup, *sections)
