# Video object segmentation (Table 6): static pre-training, the two branches of the main training, and the segmentation of
# a benchmark's videos. Training runs again when a setting or the data changes, not when code does.
if VOS_TRAINING and "train_on" in VOS_TRAINING["static"]:

    rule train_static:
        input:
            [split_file(split, "train") for split in VOS_TRAINING["static"]["train_on"]],
        output:
            weights=f"{RESULTS}/vos/static/model.safetensors",
            history=f"{RESULTS}/vos/static/log.csv",
        log:
            f"{RESULTS}/logs/train_static.log",
        benchmark:
            f"{RESULTS}/benchmarks/train_static.tsv"
        priority: 10
        conda:
            ENVIRONMENT
        threads: setup["threads"]
        resources:
            gpu_jobs=1,
            runtime=10,
            mem_mb=3000,
            disk_mb=10,
        params:
            setup=setup_arguments("datasets", "vos.train"),
            settings=vos_training_settings("static"),
            seed=setup["seeds"][0],
            folder=subpath(output.weights, parent=True),
        shell:
            "instmove train-vos static {params.setup} --splits {input} --seed {params.seed}"
            " --output {params.folder} > {log} 2>&1"


if VOS_TRAINING:

    # Both branches of a seed start from the same weights and see the same clips: motion is the only difference.
    rule train_vos:
        input:
            splits=[split_file(split, "train") for split in VOS_TRAINING["clips"]],
            val=split_file(next(iter(VOS_TRAINING["clips"])), "val"),
            initial=static_weights(),
            motion=training_motion,
        output:
            weights=f"{RESULTS}/vos/{{branch}}/seed{{seed}}/model.safetensors",
            history=f"{RESULTS}/vos/{{branch}}/seed{{seed}}/log.csv",
        log:
            f"{RESULTS}/logs/train_vos/{{branch}}_{{seed}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train_vos/{{branch}}_{{seed}}.tsv"
        priority: 10
        conda:
            ENVIRONMENT
        threads: setup["threads"]
        resources:
            gpu_jobs=1,
            runtime=10,
            mem_mb=3000,
            disk_mb=10,
        params:
            setup=setup_arguments(
                "datasets",
                "vos.train",
                "vos.input",
                "vos.memory",
                "association.past",
                "association.gaps",
            ),
            settings=vos_training_settings("clips", "reach", "bootstrap", "training"),
            motion=lambda wildcards, input: (
                f"--motion-weights {input.motion}" if input.motion else ""
            ),
            folder=subpath(output.weights, parent=True),
        shell:
            "instmove train-vos {wildcards.branch} {params.setup} --splits {input.splits} --val {input.val}"
            " --initial {input.initial} {params.motion} --seed {wildcards.seed} --output {params.folder} > {log} 2>&1"


rule segment:
    input:
        splits=lambda wildcards: scored_splits(wildcards.benchmark),
        checkpoint=lambda wildcards: branch_weights(
            branch_of(VARIANTS[wildcards.motion]), wildcards.seed
        ),
        weights=lambda wildcards: vos_motion_weights(
            VARIANTS[wildcards.motion].get("model")
        ),
    output:
        metrics=f"{RESULTS}/metrics/{VOS}/{{benchmark}}/{{motion}}/seed{{seed}}.json",
        masks=f"{RESULTS}/metrics/{VOS}/{{benchmark}}/{{motion}}/seed{{seed}}.results.zip",
        run=f"{RESULTS}/metrics/{VOS}/{{benchmark}}/{{motion}}/seed{{seed}}.run.json",
    log:
        f"{RESULTS}/logs/segment/{{benchmark}}_{{motion}}_{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/segment/{{benchmark}}_{{motion}}_{{seed}}.tsv"
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=1,
        mem_mb=3000,
        disk_mb=5,
    params:
        setup=vos_arguments,
        settings=vos_settings,
        weights=lambda wildcards, input: (
            f"--weights {input.weights}" if input.weights else ""
        ),
        code=code_digest("segment"),
    shell:
        "instmove segment {wildcards.benchmark} {wildcards.motion} {params.setup} --splits {input.splits}"
        " --checkpoint {input.checkpoint} {params.weights} --seed {wildcards.seed} --output {output.metrics} > {log} 2>&1"
