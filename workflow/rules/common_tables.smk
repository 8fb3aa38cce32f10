"""Which tables and results can be made, and where they are."""

from instmove.metrics.server_scores import scores_path
from instmove.reporting.cells import FULL_GRID, GRID, PREDICTION, description_of
from instmove.reporting.left_out import why_nothing
from instmove.reporting.needs import makeable
from instmove.reporting.paper import paper_text
from instmove.reporting.trials import sensitivity_results


def named_arguments(*keys):
    """Overrides of these keys and of the motions that may be rows by their name."""
    return setup_arguments(*keys, "motion.models", "association.variants")


def files_of(results):
    return [f"{RESULTS}/{result.path}" for result in results]


def numbers_of(results):
    """The metrics files of results, and what evaluation servers said of them, once somebody has written it down."""
    files = files_of(results)
    scores = [scores_path(Path(file)) for file in files]
    return [*files, *(str(path) for path in scores if path.exists())]


def results_in(table):
    """The results of a table that can be made; a table without any is an error that names what is missing."""
    results = makeable(setup, table, LACKING)
    if not results:
        raise WorkflowError(why_nothing(setup, table, LACKING))
    return results


def made_tables():
    """The tables with at least one cell that can be made; all if there is none, so that asking for them says why."""
    names = [name for name in table_names(setup) if name != FULL_GRID]
    return [name for name in names if makeable(setup, name, LACKING)] or names


def all_results():
    """What `tables` is made of, each result once."""
    return list(
        dict.fromkeys(
            result
            for name in made_tables()
            for result in makeable(setup, name, LACKING)
        )
    )


def predicted(split):
    """The motion models that are scored alone on a split."""
    return [r for r in all_results() if (r.host, r.benchmark) == (PREDICTION, split)]


def trial_results():
    """What says how much the plug-in's open settings matter: the trials, and each host without motion."""
    trials = [result for _, result, _ in sensitivity_results(setup)]
    plain = [result._replace(motion="none") for result in trials]
    return list(dict.fromkeys([*trials, *plain]))


def table_files(table):
    return [
        f"{RESULTS}/tables/{table}{ending}"
        for ending in (".csv", ".md", ".tex", "_tidy.csv")
    ]


def tables():
    cost = ["cost.csv", "cost.md"] if "grid" in setup else []
    return [
        *(file for name in made_tables() for file in table_files(name)),
        *(f"{RESULTS}/{name}" for name in cost),
    ]
