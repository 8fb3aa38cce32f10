# Identity switches of multi-object tracking and segmentation; hosts, predictions and tracks are those of vis.smk.
rule plot_switches:
    input:
        lambda wildcards: [
            file
            for host in hosts_on(wildcards.benchmark)
            for file in without_and_with(host, wildcards.benchmark)
        ],
    output:
        report(
            multiext(f"{RESULTS}/plots/switches_{{benchmark}}", ".png", ".svg"),
            category="Plots",
            labels={"benchmark": "{benchmark}"},
            caption="../report/switches.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_switches/{{benchmark}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_switches/{{benchmark}}.tsv"
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
        code=code_digest("plot-switches"),
    shell:
        "instmove plot-switches {wildcards.benchmark} {params.setup} --metrics {input} --output {params.plot} > {log} 2>&1"


rule plot_switch_strips:
    input:
        split=lambda wildcards: split_file(
            BENCHMARKS[wildcards.benchmark]["split"], "val"
        ),
        metrics=lambda wildcards: without_and_with(wildcards.host, wildcards.benchmark),
    output:
        report(
            multiext(
                f"{RESULTS}/plots/switch_strips_{{host}}_{{benchmark}}", ".png", ".svg"
            ),
            category="Plots",
            labels={"host": "{host}", "benchmark": "{benchmark}"},
            caption="../report/switch_strips.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_switch_strips/{{host}}_{{benchmark}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_switch_strips/{{host}}_{{benchmark}}.tsv"
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
        code=code_digest("plot-switch-strips"),
    shell:
        "instmove plot-switch-strips {wildcards.host} {wildcards.benchmark} {params.setup} --split {input.split}"
        " --metrics {input.metrics} --output {params.plot} > {log} 2>&1"
