# RAFT: its base (trained on generated flow where there are no official weights), pseudo-labels, fine-tuning (Sec. 4.3).
# What is trained, and the labels that it is trained on, run again when a setting or the data changes, not when code does.
rule flow_base:
    output:
        weights=f"{RESULTS}/flow/base/model.safetensors",
        history=f"{RESULTS}/flow/base/log.csv",
    log:
        f"{RESULTS}/logs/flow_base.log",
    benchmark:
        f"{RESULTS}/benchmarks/flow_base.tsv"
    priority: 10
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=20,
        mem_mb=2000,
        disk_mb=10,
    params:
        setup=setup_arguments("flow"),
        settings=settings("flow"),
        folder=subpath(output.weights, parent=True),
    shell:
        "instmove train-flow {params.setup} --output {params.folder} > {log} 2>&1"


rule label_flow:
    input:
        train=split_part("train"),
        weights=flow_base(),
    output:
        f"{RESULTS}/flow/labels/{{split}}/fold{{fold}}.npz",
    log:
        f"{RESULTS}/logs/label_flow/{{split}}_{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/label_flow/{{split}}_{{fold}}.tsv"
    priority: 10
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=2,
        mem_mb=2000,
        disk_mb=50,
    params:
        setup=setup_arguments("datasets", "flow"),
        settings=lambda wildcards: digest(
            [settings("flow", "datasets"), setup["splits"][wildcards.split]]
        ),
    shell:
        "instmove label-flow {params.setup} --split {input.train} --weights {input.weights} --output {output} > {log} 2>&1"


rule finetune_flow:
    input:
        train=split_part("train"),
        labels=rules.label_flow.output,
        weights=flow_base(),
    output:
        weights=f"{RESULTS}/flow/finetuned/{{split}}/seed{{seed}}/fold{{fold}}/model.safetensors",
        history=f"{RESULTS}/flow/finetuned/{{split}}/seed{{seed}}/fold{{fold}}/log.csv",
    log:
        f"{RESULTS}/logs/finetune_flow/{{split}}_{{seed}}_{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/finetune_flow/{{split}}_{{seed}}_{{fold}}.tsv"
    priority: 10
    conda:
        ENVIRONMENT
    threads: setup["threads"]
    resources:
        gpu_jobs=1,
        runtime=3,
        mem_mb=2000,
        disk_mb=10,
    params:
        setup=setup_arguments("datasets", "flow"),
        settings=lambda wildcards: digest(
            [settings("flow", "datasets"), setup["splits"][wildcards.split]]
        ),
        folder=subpath(output.weights, parent=True),
    shell:
        "instmove finetune-flow {params.setup} --seed {wildcards.seed} --split {input.train} --labels {input.labels}"
        " --weights {input.weights} --output {params.folder} > {log} 2>&1"
