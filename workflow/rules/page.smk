# The paper's claims, and the page that shows everything: from metrics, tables and plots alone.
rule make_claims:
    input:
        files_of(all_results()),
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
        setup=setup_arguments("tables", "seeds"),
        settings=digest([setup["tables"], setup["seeds"]]),
        claims=digest(claims_text()),
        results=subpath(output[0], parent=True),
        code=code_digest("claims"),
    shell:
        "instmove claims {params.setup} --results {params.results} > {log} 2>&1"
