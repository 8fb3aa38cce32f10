# Video instance segmentation: a host's network (imported or trained), its predictions of every frame, and their
# association into tracks with and without motion. A motion variant costs an association; the network never runs again.
rule import_host:
    input:
        lambda wildcards: checkpoint_of(wildcards)["file"],
    output:
        f"{RESULTS}/hosts/{{host}}/{{checkpoint}}/imported.safetensors",
    log:
        f"{RESULTS}/logs/import_host/{{host}}_{{checkpoint}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/import_host/{{host}}_{{checkpoint}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=2,
        mem_mb=3000,
        disk_mb=250,
    params:
        setup=lambda wildcards: host_arguments(wildcards, "network"),
        settings=lambda wildcards: digest(host_section(wildcards, "network")),
        dataset=lambda wildcards: checkpoint_of(wildcards)["dataset"],
        code=code_digest("import-checkpoint"),
    shell:
        "instmove import-checkpoint {wildcards.host} {input} {params.setup} --dataset {params.dataset}"
        " --output {output} > {log} 2>&1"


# Runs again when a setting or the data changes, not when code does.
rule train_host:
    input:
        splits=lambda wildcards: [
            split_file(split, "train")
            for split in checkpoint_of(wildcards)["train_on"]
        ],
        val=lambda wildcards: split_file(checkpoint_of(wildcards)["train_on"][0], "val"),
        initial=lambda wildcards: checkpoint_of(wildcards).get("initial", []),
    output:
        weights=f"{RESULTS}/hosts/{{host}}/{{checkpoint}}/model.safetensors",
        history=f"{RESULTS}/hosts/{{host}}/{{checkpoint}}/log.csv",
    log:
        f"{RESULTS}/logs/train_host/{{host}}_{{checkpoint}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_host/{{host}}_{{checkpoint}}.tsv"
    priority: 10
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=20,
        mem_mb=3000,
        disk_mb=50,
    params:
        setup=lambda wildcards: host_arguments(
            wildcards, "network", "data", "training", "initial"
        ),
        settings=lambda wildcards: digest(
            [
                settings("datasets"),
                host_section(wildcards, "network", "data", "training"),
                [setup["splits"][s] for s in checkpoint_of(wildcards)["train_on"]],
            ]
        ),
        seed=setup["seeds"][0],
        folder=subpath(output.weights, parent=True),
    shell:
        "instmove train-host {wildcards.host} {wildcards.checkpoint} {params.setup} --splits {input.splits}"
        " --val {input.val} --seed {params.seed} --output {params.folder} > {log} 2>&1"


rule predict:
    input:
        split=f"{RESULTS}/splits/{{split}}/val0.json",
        weights=lambda wildcards: host_weights(wildcards.host, wildcards.checkpoint),
    output:
        index=f"{RESULTS}/predictions/{{host}}/{{checkpoint}}/{{split}}/index.json",
    log:
        f"{RESULTS}/logs/predict/{{host}}_{{checkpoint}}_{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/predict/{{host}}_{{checkpoint}}_{{split}}.tsv"
    priority: 5
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=2,
        mem_mb=3000,
        disk_mb=40,
    params:
        setup=lambda wildcards: host_arguments(wildcards, "network", "input", "window"),
        settings=lambda wildcards: digest(
            [
                settings("datasets"),
                host_section(wildcards, "network", "input", "window"),
            ]
        ),
        folder=subpath(output.index, parent=True),
        code=code_digest("predict"),
    shell:
        "instmove predict {wildcards.host} {wildcards.checkpoint} {params.setup} --split {input.split}"
        " --weights {input.weights} --output {params.folder} > {log} 2>&1"


rule associate:
    input:
        split=lambda wildcards: split_file(
            BENCHMARKS[wildcards.benchmark]["split"], "val"
        ),
        predicted=lambda wildcards: split_file(
            predicted_split(BENCHMARKS[wildcards.benchmark]), "val"
        ),
        predictions=predictions_of,
        checkpoint=lambda wildcards: host_weights(
            wildcards.host, BENCHMARKS[wildcards.benchmark]["checkpoint"]
        ),
        weights=plug_in_weights,
    output:
        metrics=f"{RESULTS}/metrics/{{host}}/{{benchmark}}/{{motion}}/seed{{seed}}.json",
        tracks=f"{RESULTS}/metrics/{{host}}/{{benchmark}}/{{motion}}/seed{{seed}}.results.zip",
        run=f"{RESULTS}/metrics/{{host}}/{{benchmark}}/{{motion}}/seed{{seed}}.run.json",
    log:
        f"{RESULTS}/logs/associate/{{host}}_{{benchmark}}_{{motion}}_{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/associate/{{host}}_{{benchmark}}_{{motion}}_{{seed}}.tsv"
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=1,
        mem_mb=2000,
        disk_mb=5,
    params:
        setup=plug_in_arguments,
        settings=plug_in_settings,
        predictions=subpath(input.predictions, parent=True),
        weights=lambda wildcards, input: (
            f"--weights {input.weights}" if input.weights else ""
        ),
        code=code_digest("associate"),
    shell:
        "instmove associate {wildcards.host} {wildcards.benchmark} {wildcards.motion} {params.setup}"
        " --split {input.split} --predictions {params.predictions} --predicted {input.predicted} --checkpoint {input.checkpoint}"
        " {params.weights} --seed {wildcards.seed} --output {output.metrics} > {log} 2>&1"
