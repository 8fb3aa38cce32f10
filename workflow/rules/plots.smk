# Plots, and pictures of videos: from metrics, results and training logs.
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


rule plot_objects:
    input:
        splits=lambda wildcards: scored_splits(wildcards.benchmark),
        metrics=lambda wildcards: without_and_with(VOS, wildcards.benchmark),
    output:
        report(
            expand(
                f"{RESULTS}/plots/{{plot}}_{{{{benchmark}}}}.{{suffix}}",
                plot=["objects", "regions"],
                suffix=["png", "svg"],
            ),
            category="Plots",
            labels={"benchmark": "{benchmark}"},
            caption="../report/objects.rst",
        ),
    log:
        f"{RESULTS}/logs/plot_objects/{{benchmark}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/plot_objects/{{benchmark}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=10,
    params:
        setup=setup_arguments("datasets", "vos.benchmarks"),
        folder=subpath(output[0], parent=True),
        code=code_digest("plot-objects"),
    shell:
        "instmove plot-objects {wildcards.benchmark} {params.setup} --splits {input.splits} --metrics {input.metrics}"
        " --output {params.folder} > {log} 2>&1"


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
