"""What the rules of video object segmentation share: weights and settings of its two branches."""

from instmove.reporting.cells import branch_name, branch_of

VOS_TRAINING = setup["vos"].get("train") if "vos" in setup else None
VOS_INSTMOVE = "instmove"


def branch_weights(branch, seed):
    """The shipped weights of a branch, else those that the rule train_vos trains."""
    return (
        shipped_weights(setup, branch_name(branch, seed))
        or f"{RESULTS}/vos/{branch}/seed{seed}/model.safetensors"
    )


def static_weights():
    """The authors' weights of static pre-training, else those that the rule train_static trains."""
    return (
        VOS_TRAINING["static"].get("file") or f"{RESULTS}/vos/static/model.safetensors"
    )


def vos_motion_weights(model):
    """The weights of a motion model beside STCN, if it has any: one for all seeds of the branches."""
    return added_weights(model, setup["vos"]["motion"], setup["seeds"][0])


def training_motion(wildcards):
    """The frozen InstMove that the branch with motion is trained with."""
    return vos_motion_weights(VOS_INSTMOVE) if wildcards.branch == BRANCHES[1] else []


def scored_splits(benchmark):
    """The validation parts, one a fold, of the split that a benchmark scores."""
    split = VOS_BENCHMARKS[benchmark]["split"]
    return [f"{RESULTS}/splits/{split}/val{fold}.json" for fold in folds(split)]


def vos_settings(wildcards):
    """What a segmentation depends on beside weights and split."""
    return digest(
        [
            settings("datasets"),
            added_settings(wildcards.motion),
            VOS_BENCHMARKS[wildcards.benchmark],
            [setup["vos"][key] for key in ("input", "memory")],
        ]
    )


def vos_arguments(wildcards):
    """Overrides of what :func:`vos_settings` has."""
    return setup_arguments(
        "datasets",
        f"vos.benchmarks.{wildcards.benchmark}",
        "vos.input",
        "vos.memory",
        *added_keys(wildcards.motion),
    )


def vos_training_settings(*stage):
    """What training depends on: the parts of vos.train that the stage has to do with, and its splits' definitions."""
    own = {key: VOS_TRAINING[key] for key in ("network", "windows", *stage)}
    used = [*VOS_TRAINING["static"].get("train_on", ()), *VOS_TRAINING["clips"]]
    return digest(
        [settings("datasets"), own, [setup["splits"][split] for split in used]]
    )
