# Tables and the long CSVs: from metrics files alone.
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


rule make_sensitivity:
    input:
        numbers_of(trial_results()),
    output:
        report(
            f"{RESULTS}/sensitivity.csv",
            category="Sensitivity",
            caption="../report/sensitivity.rst",
        ),
        report(
            multiext(f"{RESULTS}/plots/sensitivity", ".png", ".svg"),
            category="Sensitivity",
            caption="../report/sensitivity.rst",
        ),
    log:
        f"{RESULTS}/logs/make_sensitivity.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_sensitivity.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1500,
        disk_mb=5,
    params:
        setup=setup_arguments("sensitivity", "association", "seeds"),
        settings=digest([setup.get("sensitivity"), setup["association"]]),
        results=subpath(output[0], parent=True),
        code=code_digest("sensitivity"),
    shell:
        "instmove sensitivity {params.setup} --results {params.results} > {log} 2>&1"
