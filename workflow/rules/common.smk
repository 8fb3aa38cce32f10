"""What the rules share: the setup, where its results are, and what each of them depends on."""

from snakemake.exceptions import WorkflowError

from instmove.code_digest import code_digest
from instmove.config import flatten, load_setup, settings_digest, typed
from instmove.errors import InstMoveError
from instmove.failures import explain_failure
from instmove.files import digest
from instmove.weights import shipped_weights

try:
    overrides = typed({key: value for key, value in config.items() if key != "setup"})
    setup = load_setup(config.get("setup", "mini"), overrides)
except InstMoveError as error:
    raise WorkflowError(str(error)) from None

RESULTS = f"results/{setup['setup']}"
ENVIRONMENT = "../../environment.yml"
MODELS = setup["motion"]["models"]
TRAINED = [name for name, model in MODELS.items() if model["kind"] == "instmove"]


def alternatives(names):
    """A wildcard's regular expression that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


wildcard_constraints:
    dataset=alternatives(setup["datasets"]),
    split=alternatives(setup["splits"]),
    model=alternatives(MODELS),
    seed=alternatives(str(seed) for seed in setup["seeds"]),
    fold=r"\d+",
    table=alternatives(setup["tables"]),


def setup_arguments(*sections):
    """How a job tells its verb the setup: the overrides of these sections alone, so that others do not run it again."""
    wanted = {*sections, "data_root", "threads", "device"}
    chosen = flatten({key: value for key, value in overrides.items() if key in wanted})
    return " ".join(
        [f"--setup {setup['setup']}", *(f"--set '{item}'" for item in chosen)]
    )


def settings(*sections):
    """Digest of the parts of the setup that a result depends on, so that a change of them makes it again."""
    return settings_digest(setup, *sections)


def motion_settings(wildcards):
    """What a motion model on a split depends on: not on the other models of the setup."""
    shared = {key: value for key, value in setup["motion"].items() if key != "models"}
    return digest(
        [
            settings("datasets"),
            shared,
            MODELS[wildcards.model],
            setup["splits"][wildcards.split],
        ]
    )


def folds(split):
    return range(setup["splits"][split].get("folds", 1))


def generated_data():
    """The manifest of the generated benchmark; real data has none and is checked by the verbs that read it."""
    return [f"{setup['data_root']}/mini.json"] if "generate" in setup else []


def split_part(part):
    return f"{RESULTS}/splits/{{split}}/{part}{{fold}}.json"


def split_parts(wildcards):
    return [
        f"{RESULTS}/splits/{wildcards.split}/val{fold}.json"
        for fold in folds(wildcards.split)
    ]


def all_splits():
    parts = [
        f"{RESULTS}/splits/{split}/{part}{fold}.json"
        for split in setup["splits"]
        for part in ("train", "val")
        for fold in folds(split)
    ]
    driving = [
        name
        for name, entry in setup["datasets"].items()
        if entry["format"] == "bdd100k"
    ]
    return parts + [
        f"{RESULTS}/splits/{name}/{part}.json"
        for name in driving
        for part in ("occlusion", "continuous")
    ]


def flow_base():
    """Official weights, else the shipped ones, else those that the rule flow_base trains."""
    return (
        setup["flow"].get("checkpoint")
        or shipped_weights(setup, "raft")
        or f"{RESULTS}/flow/base/model.safetensors"
    )


def motion_weights(wildcards):
    """The weights that a motion model predicts each fold with; none for the models that are not trained."""
    model = MODELS[wildcards.model]
    if model["kind"] == "instmove":
        stem = f"{RESULTS}/motion/{wildcards.model}/{wildcards.split}"
    elif model["kind"] == "raft" and model["flow"] == "finetuned":
        stem = f"{RESULTS}/flow/finetuned/{wildcards.split}"
    else:
        return (
            [flow_base()] * len(folds(wildcards.split))
            if model["kind"] == "raft"
            else []
        )
    return [
        f"{stem}/seed{wildcards.seed}/fold{fold}/model.safetensors"
        for fold in folds(wildcards.split)
    ]


def models_of(table):
    """Its rows that this setup has a motion model for; the others stay empty."""
    return [
        row["model"] for row in setup["tables"][table]["rows"] if row["model"] in MODELS
    ]


def splits_of(table):
    return list(
        dict.fromkeys(column["split"] for column in setup["tables"][table]["columns"])
    )


def metrics_file(split, model, seed):
    return f"{RESULTS}/metrics/motion/{split}/{model}/seed{seed}.json"


def table_metrics(table):
    return [
        metrics_file(split, model, seed)
        for split in splits_of(table)
        for model in models_of(table)
        for seed in setup["seeds"]
    ]


def all_metrics():
    return sorted({path for table in setup["tables"] for path in table_metrics(table)})


def metrics_of(split):
    """The first seed's metrics of every model that a table compares on a split."""
    models = dict.fromkeys(
        m
        for table in setup["tables"]
        if split in splits_of(table)
        for m in models_of(table)
    )
    return [metrics_file(split, model, setup["seeds"][0]) for model in models]


def training_logs(wildcards):
    models = dict.fromkeys(
        m for table in setup["tables"] for m in models_of(table) if m in TRAINED
    )
    return [
        f"{RESULTS}/motion/{model}/{wildcards.split}/seed{seed}/fold{fold}/log.csv"
        for model in models
        for seed in setup["seeds"]
        for fold in folds(wildcards.split)
    ]


def table_files(table):
    return [
        f"{RESULTS}/tables/{table}{ending}"
        for ending in (".csv", ".md", ".tex", "_differences.csv")
    ]


def tables():
    return [file for table in setup["tables"] for file in table_files(table)]


def plots():
    splits = dict.fromkeys(
        split for table in setup["tables"] for split in splits_of(table)
    )
    names = ["motion_error", "filmstrips", "learning_curves"]
    return [
        f"{RESULTS}/plots/{name}_{split}.{suffix}"
        for name in names
        for split in splits
        for suffix in ("png", "svg")
    ]
