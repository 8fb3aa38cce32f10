# The small weights that the repository ships: each trained by the rules of flow.smk, motion.smk, vis.smk and vos.smk, then
# written to baselines/weights with its recipe and its last validation.
rule ship_flow:
    input:
        weights=rules.flow_base.output.weights,
        history=rules.flow_base.output.history,
    output:
        touch(f"{RESULTS}/flow/base/shipped"),
    log:
        f"{RESULTS}/logs/ship_flow.log",
    benchmark:
        f"{RESULTS}/benchmarks/ship_flow.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=5,
    params:
        setup=setup_arguments("flow"),
        code=code_digest("ship-weights"),
    shell:
        "instmove ship-weights raft {params.setup} --weights {input.weights} --history {input.history}"
        " --recipe flow.variant flow.width flow.levels flow.longest flow.crop flow.base > {log} 2>&1"


rule ship_motion:
    input:
        weights=f"{RESULTS}/motion/{{model}}/{{split}}/seed0/fold0/model.safetensors",
        history=f"{RESULTS}/motion/{{model}}/{{split}}/seed0/fold0/log.csv",
    output:
        touch(f"{RESULTS}/motion/{{model}}/{{split}}/shipped"),
    log:
        f"{RESULTS}/logs/ship_motion/{{model}}_{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/ship_motion/{{model}}_{{split}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=5,
    params:
        setup=setup_arguments("motion", "splits"),
        recipe=" ".join(f"motion.{key}" for key in setup["motion"] if key != "models"),
        code=code_digest("ship-weights"),
    shell:
        "instmove ship-weights {wildcards.model}_{wildcards.split} {params.setup} --weights {input.weights}"
        " --history {input.history} --recipe {params.recipe}"
        " motion.models.{wildcards.model} splits.{wildcards.split} > {log} 2>&1"


rule ship_host:
    input:
        weights=rules.train_host.output.weights,
        history=rules.train_host.output.history,
    output:
        touch(f"{RESULTS}/hosts/{{host}}/{{checkpoint}}/shipped"),
    log:
        f"{RESULTS}/logs/ship_host/{{host}}_{{checkpoint}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/ship_host/{{host}}_{{checkpoint}}.tsv"
    conda:
        ENVIRONMENT
    threads: 1
    resources:
        runtime=1,
        mem_mb=1000,
        disk_mb=5,
    params:
        setup=setup_arguments("hosts"),
        code=code_digest("ship-weights"),
    shell:
        "instmove ship-weights {wildcards.host} {params.setup} --weights {input.weights} --history {input.history}"
        " --recipe hosts.{wildcards.host}.network hosts.{wildcards.host}.data hosts.{wildcards.host}.training"
        " hosts.{wildcards.host}.checkpoints.{wildcards.checkpoint} > {log} 2>&1"


if VOS_TRAINING:

    rule ship_vos:
        input:
            weights=rules.train_vos.output.weights,
            history=rules.train_vos.output.history,
        output:
            touch(f"{RESULTS}/vos/{{branch}}/seed{{seed}}/shipped"),
        log:
            f"{RESULTS}/logs/ship_vos/{{branch}}_{{seed}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/ship_vos/{{branch}}_{{seed}}.tsv"
        conda:
            ENVIRONMENT
        threads: 1
        resources:
            runtime=1,
            mem_mb=1000,
            disk_mb=5,
        params:
            setup=setup_arguments("vos"),
            name=lambda wildcards: branch_name(wildcards.branch, wildcards.seed),
            code=code_digest("ship-weights"),
        shell:
            "instmove ship-weights {params.name} {params.setup} --weights {input.weights} --history {input.history}"
            " --recipe vos.motion vos.train > {log} 2>&1"
