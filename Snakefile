from snakemake.utils import min_version

from instmove.failures import explain_failure

min_version("9.27.1")


include: "workflow/rules/common.smk"
include: "workflow/rules/common_data.smk"
include: "workflow/rules/common_motion.smk"
include: "workflow/rules/common_vis.smk"
include: "workflow/rules/common_vos.smk"
include: "workflow/rules/common_tables.smk"
include: "workflow/rules/common_plots.smk"
include: "workflow/rules/common_zoo.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/motion.smk"
include: "workflow/rules/flow.smk"
include: "workflow/rules/vis.smk"
include: "workflow/rules/vos.smk"
include: "workflow/rules/zoo.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/plots.smk"
include: "workflow/rules/page.smk"


report: "workflow/report/workflow.rst"


# Everything that the setup can fill.
rule tables:
    default_target: True
    input:
        tables(),
        rules.collect_metrics.output,
        plots(),
        rules.make_claims.output,
        rules.make_page.output,


# `snakemake table2` and so on: one table and what it needs.
for name in setup["tables"]:

    rule:
        name:
            name
        input:
            table_files(name),


# Every host on every benchmark with every motion model, the oracles too.
if "grid" in setup:

    rule grid:
        input:
            table_files(FULL_GRID),
            plot_files("gains_grid_full"),


# Which of the paper's claims hold here.
rule claims:
    input:
        rules.make_claims.output,


# The page that shows all: open index.html in the results folder.
rule page:
    input:
        rules.make_page.output,


# How much the settings matter that the paper leaves open.
if "sensitivity" in setup:

    rule sensitivity:
        input:
            rules.make_sensitivity.output,


rule figures:
    input:
        plots(),


# Every split of the setup, for one's own use.
rule splits:
    input:
        all_splits(),


# Verifies every dataset of the setup: presence, official counts, sizes, every RLE.
rule check_data:
    input:
        [f"{RESULTS}/checks/{dataset}" for dataset in setup["datasets"]],


# What needs no login: `snakemake fetch_davis` and so on, `snakemake fetch` for all of it.
for name in setup.get("downloads", ()):

    rule:
        name:
            f"fetch_{name}"
        input:
            f"{RESULTS}/fetched/{name}",


if "downloads" in setup:

    rule fetch:
        input:
            [f"{RESULTS}/fetched/{name}" for name in setup["downloads"]],


# Trains the small weights that the repository ships and writes them to baselines/weights/mini.
rule zoo:
    input:
        zoo(),


onerror:
    explain_failure(log)
