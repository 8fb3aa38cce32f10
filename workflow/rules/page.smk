# The paper's claims, and the page that shows everything: from metrics, tables and plots alone.
rule make_claims:
    input:
        numbers_of(all_results()),
    output:
        report(
            f"{RESULTS}/claims.csv",
            category="Claims",
            caption="../report/claims.rst",
        ),
        report(
            multiext(f"{RESULTS}/plots/claims", ".png", ".svg"),
            category="Claims",
            caption="../report/claims.rst",
        ),
    log:
        f"{RESULTS}/logs/make_claims.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_claims.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1500,
        disk_mb=5,
    params:
        setup=setup_arguments("tables", "seeds", "vos.seeds"),
        settings=digest([setup["tables"], setup["seeds"], seeds_of(setup, VOS)]),
        claims=digest(claims_text()),
        paper=digest(paper_text()),
        results=subpath(output[0], parent=True),
        code=code_digest("claims"),
    shell:
        "instmove claims {params.setup} --results {params.results} > {log} 2>&1"


rule make_videos:
    input:
        splits=lambda wildcards: shown_splits(wildcards.benchmark),
        metrics=lambda wildcards: [
            file
            for host in hosts_on(wildcards.benchmark)
            for file in without_and_with(host, wildcards.benchmark)
        ],
    output:
        report(
            multiext(f"{RESULTS}/plots/videos_{{benchmark}}", ".png", ".svg"),
            category="Plots",
            labels={"benchmark": "{benchmark}"},
            caption="../report/videos.rst",
        ),
        folder=directory(f"{RESULTS}/videos/{{benchmark}}"),
    log:
        f"{RESULTS}/logs/make_videos/{{benchmark}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_videos/{{benchmark}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1500,
        disk_mb=10,
    params:
        setup=setup_arguments("datasets", "grid"),
        settings=lambda wildcards: digest(setup["grid"]),
        plot=subpath(output[0], strip_suffix=".png"),
        code=code_digest("make-videos"),
    shell:
        "instmove make-videos {wildcards.benchmark} {params.setup} --splits {input.splits} --metrics {input.metrics}"
        " --folder {output.folder} --output {params.plot} > {log} 2>&1"


rule make_page:
    input:
        tables(),
        plots(),
        rules.make_claims.output,
        rules.collect_metrics.output,
        videos(),
    output:
        index=report(
            f"{RESULTS}/index.html",
            category="Page",
            caption="../report/page.rst",
        ),
        pages=directory(f"{RESULTS}/page"),
    log:
        f"{RESULTS}/logs/make_page.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_page.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=10,
    params:
        setup=named_arguments("tables", "grid", "seeds", "vos.seeds"),
        settings=digest(
            [setup["tables"], setup.get("grid"), setup["seeds"], seeds_of(setup, VOS)]
        ),
        templates=digest(templates()),
        paper=digest(paper_text()),
        results=subpath(output.index, parent=True),
        code=code_digest("make-page"),
    shell:
        "instmove make-page {params.setup} --results {params.results} > {log} 2>&1"


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
