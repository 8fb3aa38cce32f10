"""What the rules of motion models share, and what a result depends on that adds one to a host."""

from instmove.config import copied_checkpoint, model_with_code, motion_on


def motion_settings(wildcards):
    """What a motion model on a split depends on: not on the other models of the setup."""
    motion = motion_on(setup["motion"], wildcards.split)
    shared = {key: value for key, value in motion.items() if key != "models"}
    return digest(
        [
            settings("datasets"),
            shared,
            model_with_code(MODELS[wildcards.model]),
            setup["splits"][wildcards.split],
            *(
                setup["splits"][other]
                for other in setup["splits"][wildcards.split].get("with", ())
            ),
        ]
    )


def motion_arguments(wildcards, *keys):
    """Overrides of what :func:`motion_settings` has, and below further keys."""
    shared = (f"motion.{key}" for key in setup["motion"] if key != "models")
    model = f"motion.models.{wildcards.model}"
    return setup_arguments("datasets", *shared, model, *keys)


def training_parts(wildcards):
    """The training parts that a motion model of a split learns from."""
    splits = [wildcards.split, *setup["splits"][wildcards.split].get("with", ())]
    return [f"{RESULTS}/splits/{split}/train{wildcards.fold}.json" for split in splits]


def copied_weights(wildcards):
    """The host's weights whose image encoder a motion model copies, if it does."""
    model = MODELS[wildcards.model]
    if "host" not in model:
        return []
    return host_weights(model["host"], copied_checkpoint(model, wildcards.split))


def flow_base():
    """Official weights, else the shipped ones, else those that the rule flow_base trains."""
    return (
        setup["flow"].get("checkpoint")
        or shipped_weights(setup, "raft")
        or f"{RESULTS}/flow/base/model.safetensors"
    )


def learned_from(split):
    """The split whose training part trains the InstMove that is scored on a split: itself unless it says otherwise."""
    return setup["splits"][split].get("learn_from", split)


def weights_of(model, split, seed):
    """The weights that a motion model predicts each fold with; none for the models that are not trained."""
    entry = MODELS[model]
    if "file" in entry:
        return [f"{RESULTS}/motion/{model}/imported.safetensors"] * len(folds(split))
    if entry["kind"] == "instmove":
        stem = f"{RESULTS}/motion/{model}/{learned_from(split)}"
    elif entry["kind"] == "raft" and entry["flow"] == "finetuned":
        stem = f"{RESULTS}/flow/finetuned/{split}"
    else:
        return [flow_base()] * len(folds(split)) if entry["kind"] == "raft" else []
    return [f"{stem}/seed{seed}/fold{fold}/model.safetensors" for fold in folds(split)]


def motion_weights(wildcards):
    return weights_of(wildcards.model, wildcards.split, wildcards.seed)


def added_weights(model, split, seed):
    """The weights of a motion model that is added to a host, if it has any: the shipped ones are those of seed 0."""
    if model in (None, "oracle"):
        return []
    shipped = shipped_weights(setup, f"{model}_{split}") if seed == 0 else None
    return shipped or weights_of(model, split, seed)


def added_settings(variant):
    """What the motion that a variant adds depends on: not on the other variants and motion models."""
    model = VARIANTS[variant].get("model")
    return [
        {k: v for k, v in setup["association"].items() if k != "variants"},
        VARIANTS[variant],
        model_with_code(MODELS.get(model)),
        setup["flow"] if MODELS.get(model, {}).get("kind") == "raft" else None,
    ]


def added_keys(variant):
    """The keys of what :func:`added_settings` has."""
    model = VARIANTS[variant].get("model")
    return [
        *(f"association.{key}" for key in setup["association"] if key != "variants"),
        f"association.variants.{variant}",
        f"motion.models.{model}",
        *(["flow"] if MODELS.get(model, {}).get("kind") == "raft" else []),
    ]
