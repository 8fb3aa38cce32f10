# Data sets and checkpoints that need no login, asked for by name (snakemake fetch_davis) and never on the way to a
# table: licences want to be read first. The verb leaves alone what is there; a mark without its target is none.
if "downloads" in setup:

    for name, download in setup["downloads"].items():
        target = Path(download["target"].format(data_root=DATA))
        if workflow.is_main_process and not target.exists():
            Path(f"{RESULTS}/fetched/{name}").unlink(missing_ok=True)

    rule fetch_download:
        output:
            touch(f"{RESULTS}/fetched/{{download}}"),
        log:
            f"{RESULTS}/logs/fetch_download/{{download}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/fetch_download/{{download}}.tsv"
        wildcard_constraints:
            download=alternatives(setup["downloads"]),
        conda:
            ENVIRONMENT
        threads: 1
        resources:
            runtime=60,
            mem_mb=500,
            disk_mb=3000,
        params:
            setup=setup_arguments("downloads"),
        shell:
            "instmove fetch {wildcards.download} {params.setup} > {log} 2>&1"
