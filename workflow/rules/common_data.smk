"""Where datasets and splits are, and what has to be generated before they are read."""

from instmove.verbs.make_mini import PRETRAINING


def folds(split):
    return range(setup["splits"][split].get("folds", 1))


def split_file(split, part):
    return f"{RESULTS}/splits/{split}/{part}0.json"


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


def generated_data(dataset):
    """The manifest of what is generated with it; real data has none and is checked by the verbs that read it."""
    entry = setup["datasets"][dataset]
    start = entry.get("annotations", entry.get("root", "")).partition("/")[0]
    folder = f"{PRETRAINING}/" if start == PRETRAINING else ""
    return [f"{DATA}/{folder}mini.json"] if "generate" in setup else []


def data_of_split(wildcards):
    split = setup["splits"][wildcards.split]
    found = [
        *generated_data(split["dataset"]),
        *generated_data(split.get("val", split["dataset"])),
    ]
    return list(dict.fromkeys(found))
