"""The paper's claims, and the page that shows everything: from metrics, tables and plots alone."""

from instmove.reporting.claims import claims_text
from instmove.reporting.page.templates import templates


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
