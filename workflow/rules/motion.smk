# InstMove is trained on the training part of a split; every motion model is scored on the validation part.
# Training runs again when a setting or the data changes, not when code does.
rule train_motion:
    input:
        train=training_parts,
        val=split_part("val"),
        host=copied_weights,
    output:
        weights=f"{RESULTS}/motion/{{model}}/{{split}}/seed{{seed}}/fold{{fold}}/model.safetensors",
        history=f"{RESULTS}/motion/{{model}}/{{split}}/seed{{seed}}/fold{{fold}}/log.csv",
    log:
        f"{RESULTS}/logs/train_motion/{{model}}_{{split}}_{{seed}}_{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_motion/{{model}}_{{split}}_{{seed}}_{{fold}}.tsv"
    priority: 10
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=4,
        mem_mb=2000,
        disk_mb=10,
    params:
        setup=motion_arguments,
        settings=motion_settings,
        host=lambda wildcards, input: (
            f"--host-weights {input.host}" if input.host else ""
        ),
        folder=subpath(output.weights, parent=True),
    shell:
        "instmove train-motion {wildcards.model} {params.setup} --split {wildcards.split} --seed {wildcards.seed} {params.host}"
        " --train {input.train} --val {input.val} --output {params.folder} > {log} 2>&1"


rule import_motion:
    input:
        lambda wildcards: MODELS[wildcards.model]["file"],
    output:
        f"{RESULTS}/motion/{{model}}/imported.safetensors",
    log:
        f"{RESULTS}/logs/import_motion/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/import_motion/{{model}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=2,
        mem_mb=2000,
        disk_mb=100,
    params:
        code=code_digest("import-motion"),
    shell:
        "instmove import-motion {input} --output {output} > {log} 2>&1"


rule evaluate_motion:
    input:
        splits=split_parts,
        weights=motion_weights,
    output:
        metrics=f"{RESULTS}/metrics/motion/{{split}}/{{model}}/seed{{seed}}.json",
        samples=f"{RESULTS}/metrics/motion/{{split}}/{{model}}/seed{{seed}}.samples.npz",
        run=f"{RESULTS}/metrics/motion/{{split}}/{{model}}/seed{{seed}}.run.json",
    log:
        f"{RESULTS}/logs/evaluate_motion/{{split}}_{{model}}_{{seed}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate_motion/{{split}}_{{model}}_{{seed}}.tsv"
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=2,
        mem_mb=2000,
        disk_mb=5,
    params:
        setup=lambda wildcards: motion_arguments(wildcards, "flow"),
        settings=lambda wildcards: digest([motion_settings(wildcards), setup["flow"]]),
        weights=lambda wildcards, input: " ".join(
            f"--weights {path}" for path in input.weights
        ),
        code=code_digest("evaluate-motion"),
    shell:
        "instmove evaluate-motion {wildcards.model} {params.setup} --seed {wildcards.seed}"
        " --splits {input.splits} {params.weights} --output {output.metrics} > {log} 2>&1"
