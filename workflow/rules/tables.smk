# Tables, the long CSVs and the plots: from metrics files alone.
rule make_table:
    input:
        lambda wildcards: table_metrics(wildcards.table),
    output:
        table_files("{table}"),
    log:
        f"{RESULTS}/logs/make_table/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_table/{{table}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=1,
    params:
        setup=setup_arguments("tables", "seeds"),
        settings=lambda wildcards: digest(setup["tables"][wildcards.table]),
        results=subpath(output[0], ancestor=2),
        code=code_digest("make-table"),
    shell:
        "instmove make-table {wildcards.table} {params.setup} --results {params.results} > {log} 2>&1"


rule collect_metrics:
    input:
        all_metrics(),
    output:
        report(
            f"{RESULTS}/metrics.csv",
            category="Metrics",
            caption="../report/metrics.rst",
        ),
        report(f"{RESULTS}/runs.csv", category="Metrics", caption="../report/runs.rst"),
    log:
        f"{RESULTS}/logs/collect_metrics.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_metrics.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=1,
    params:
        results=subpath(output[0], parent=True),
        code=code_digest("collect-metrics"),
    shell:
        "instmove collect-metrics --results {params.results} > {log} 2>&1"


rule plot_motion:
    input:
        splits=split_parts,
        metrics=lambda wildcards: metrics_of(wildcards.split),
    output:
        report(
            expand(
                f"{RESULTS}/plots/{{plot}}_{{{{split}}}}.{{suffix}}",
                plot=["motion_error", "filmstrips"],
                suffix=["png", "svg"],
            ),
            category="Plots",
            labels={"split": "{split}"},
            caption="../report/motion.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_motion/{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_motion/{{split}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=10,
    params:
        setup=setup_arguments("datasets", "motion"),
        folder=subpath(output[0], parent=True),
        code=code_digest("plot-motion"),
    shell:
        "instmove plot-motion {wildcards.split} {params.setup} --splits {input.splits} --metrics {input.metrics}"
        " --output {params.folder} > {log} 2>&1"


rule plot_training:
    input:
        training_logs,
    output:
        report(
            multiext(f"{RESULTS}/plots/learning_curves_{{split}}", ".png", ".svg"),
            category="Plots",
            labels={"split": "{split}"},
            caption="../report/training.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_training/{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_training/{{split}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=10,
    params:
        plot=subpath(output[0], strip_suffix=".png"),
        code=code_digest("plot-training"),
    shell:
        "instmove plot-training {input} --title 'Training on {wildcards.split}' --output {params.plot} > {log} 2>&1"
