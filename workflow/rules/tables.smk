# Tables, the long CSVs and the plots: from metrics files alone.
rule make_table:
    input:
        lambda wildcards: numbers_of(results_in(wildcards.table)),
    output:
        report(
            table_files("{table}"),
            category="Tables",
            labels={"table": "{table}"},
            caption="../report/table.rst",
        ),
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
        setup=named_arguments("tables", "grid", "seeds", "vos.seeds"),
        settings=lambda wildcards: digest(
            [
                description_of(setup, wildcards.table),
                setup["seeds"],
                seeds_of(setup, VOS),
            ]
        ),
        paper=digest(paper_text()),
        results=subpath(output[0], ancestor=2),
        code=code_digest("make-table"),
    shell:
        "instmove make-table {wildcards.table} {params.setup} --results {params.results} > {log} 2>&1"


# How long things took differs from run to run, so it is kept apart from the tables.
rule make_cost:
    input:
        [
            run.removesuffix(".json") + ".run.json"
            for run in files_of(
                makeable(setup, GRID, LACKING) if "grid" in setup else []
            )
        ],
    output:
        report(
            multiext(f"{RESULTS}/cost", ".csv", ".md"),
            category="Metrics",
            caption="../report/cost.rst",
        ),
    log:
        f"{RESULTS}/logs/make_cost.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_cost.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=1,
    params:
        setup=named_arguments("grid", "seeds"),
        settings=lambda wildcards: digest(setup["grid"]),
        results=subpath(output[0], parent=True),
        code=code_digest("make-cost"),
    shell:
        "instmove make-cost {params.setup} --results {params.results} > {log} 2>&1"


rule collect_metrics:
    input:
        numbers_of(all_results()),
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
        metrics=lambda wildcards: files_of(
            result
            for result in predicted(wildcards.split)
            if result.seed == setup["seeds"][0]
        ),
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
        lambda wildcards: training_logs(wildcards).values(),
    output:
        report(
            multiext(f"{RESULTS}/plots/learning_curves_{{trained}}", ".png", ".svg"),
            category="Plots",
            labels={"trained": "{trained}"},
            caption="../report/training.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_training/{{trained}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_training/{{trained}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=10,
    params:
        curves=lambda wildcards: " ".join(
            shlex.quote(f"{name}={log}")
            for name, log in training_logs(wildcards).items()
        ),
        plot=subpath(output[0], strip_suffix=".png"),
        code=code_digest("plot-training"),
    shell:
        "instmove plot-training {params.curves} --title 'Training: {wildcards.trained}' --output {params.plot} > {log} 2>&1"


rule plot_gains:
    input:
        f"{RESULTS}/tables/{{table}}_tidy.csv",
    output:
        report(
            multiext(f"{RESULTS}/plots/gains_{{table}}", ".png", ".svg"),
            category="Plots",
            labels={"table": "{table}"},
            caption="../report/gains.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_gains/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_gains/{{table}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=5,
    params:
        setup=setup_arguments("grid"),
        settings=lambda wildcards: digest(setup["grid"]),
        plot=subpath(output[0], strip_suffix=".png"),
        code=code_digest("plot-gains"),
    shell:
        "instmove plot-gains {params.setup} --table {input} --output {params.plot} > {log} 2>&1"


rule plot_sparsity:
    input:
        f"{RESULTS}/tables/table9_tidy.csv",
    output:
        report(
            multiext(f"{RESULTS}/plots/sparsity", ".png", ".svg"),
            category="Plots",
            caption="../report/sparsity.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_sparsity.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_sparsity.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=5,
    params:
        setup=setup_arguments("benchmarks", "splits"),
        plot=subpath(output[0], strip_suffix=".png"),
        code=code_digest("plot-sparsity"),
    shell:
        "instmove plot-sparsity {params.setup} --table {input} --output {params.plot} > {log} 2>&1"


rule plot_tracks:
    input:
        split=lambda wildcards: split_file(
            BENCHMARKS[wildcards.benchmark]["split"], "val"
        ),
        metrics=lambda wildcards: without_and_with(wildcards.host, wildcards.benchmark),
    output:
        report(
            multiext(f"{RESULTS}/plots/tracks_{{host}}_{{benchmark}}", ".png", ".svg"),
            category="Plots",
            labels={"host": "{host}", "benchmark": "{benchmark}"},
            caption="../report/tracks.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_tracks/{{host}}_{{benchmark}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_tracks/{{host}}_{{benchmark}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=20,
    params:
        setup=setup_arguments("datasets", "grid"),
        settings=lambda wildcards: digest(setup["grid"]),
        plot=subpath(output[0], strip_suffix=".png"),
        code=code_digest("plot-tracks"),
    shell:
        "instmove plot-tracks {wildcards.host} {wildcards.benchmark} {params.setup} --split {input.split}"
        " --metrics {input.metrics} --output {params.plot} > {log} 2>&1"
