# The generated benchmark, and the splits of whatever is under the data root.
if "generate" in setup:

    rule make_mini:
        output:
            f"{DATA}/mini.json",
        log:
            f"{RESULTS}/logs/make_mini.log",
        benchmark:
            f"{RESULTS}/benchmarks/make_mini.tsv"
        conda:
            ENVIRONMENT
        threads: 2
        resources:
            runtime=2,
            mem_mb=1500,
            disk_mb=150,
        params:
            setup=setup_arguments("generate"),
            generate={k: v for k, v in setup["generate"].items() if k != "pretraining"},
            code=code_digest("make-mini"),
        shell:
            "instmove make-mini {params.setup} --workers {threads} > {log} 2>&1"


if "pretraining" in setup.get("generate", {}):

    rule make_pretraining:
        output:
            f"{DATA}/pretraining/mini.json",
        log:
            f"{RESULTS}/logs/make_pretraining.log",
        benchmark:
            f"{RESULTS}/benchmarks/make_pretraining.tsv"
        conda:
            ENVIRONMENT
        threads: 2
        resources:
            runtime=4,
            mem_mb=1500,
            disk_mb=50,
        params:
            setup=setup_arguments("generate"),
            generate=setup["generate"]["pretraining"],
            code=code_digest("make-mini"),
        shell:
            "instmove make-mini {params.setup} --pretraining --workers {threads} > {log} 2>&1"


rule make_split:
    input:
        data_of_split,
    output:
        train=f"{RESULTS}/splits/{{split}}/train{{fold}}.json",
        val=f"{RESULTS}/splits/{{split}}/val{{fold}}.json",
    log:
        f"{RESULTS}/logs/make_split/{{split}}_{{fold}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_split/{{split}}_{{fold}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=1,
    params:
        setup=setup_arguments("datasets", "splits"),
        settings=lambda wildcards: digest(
            [settings("datasets"), setup["splits"][wildcards.split]]
        ),
        # Of the rules alone: days of training hang on a split, which how videos are read does not change.
        code=module_digest(["instmove.datasets.splits", "instmove.verbs.make_split"]),
    shell:
        "instmove make-split {wildcards.split} --fold {wildcards.fold} {params.setup}"
        " --train {output.train} --val {output.val} > {log} 2>&1"


# Table 5's subsets of objects.
rule make_subsets:
    input:
        lambda wildcards: generated_data(wildcards.dataset),
    output:
        occlusion=f"{RESULTS}/splits/{{dataset}}/occlusion.json",
        continuous=f"{RESULTS}/splits/{{dataset}}/continuous.json",
    log:
        f"{RESULTS}/logs/make_subsets/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_subsets/{{dataset}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=5,
        mem_mb=1000,
        disk_mb=1,
    params:
        setup=setup_arguments("datasets"),
        settings=settings("datasets"),
        code=code_digest("make-subsets"),
    shell:
        "instmove make-subsets {wildcards.dataset} {params.setup}"
        " --occlusion {output.occlusion} --continuous {output.continuous} > {log} 2>&1"


# Verifies the data root before hours are spent; `snakemake check_data` does all datasets.
rule check_dataset:
    input:
        lambda wildcards: generated_data(wildcards.dataset),
    output:
        touch(f"{RESULTS}/checks/{{dataset}}"),
    log:
        f"{RESULTS}/logs/check_dataset/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/check_dataset/{{dataset}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=10,
        mem_mb=1000,
        disk_mb=1,
    params:
        setup=setup_arguments("datasets"),
        settings=settings("datasets"),
        code=code_digest("check-data"),
    shell:
        "instmove check-data {wildcards.dataset} {params.setup} > {log} 2>&1"
