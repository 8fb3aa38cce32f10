"""Which small weights the repository ships."""


def zoo():
    """What marks as shipped all that the repository keeps: RAFT, the hosts, and the InstMove models that they read."""
    results = all_results()
    hosts = [
        f"{RESULTS}/hosts/{host}/{name}/shipped"
        for host, entry in setup["hosts"].items()
        for name in entry["checkpoints"]
    ]
    added = [
        f"{RESULTS}/motion/{VARIANTS[result.motion]['model']}/{BENCHMARKS[result.benchmark]['motion']}/shipped"
        for result in results
        if result.host in setup["hosts"]
        and VARIANTS[result.motion].get("model") in TRAINED
    ]
    return list(
        dict.fromkeys([*rules.ship_flow.output, *hosts, *added, *vos_zoo(results)])
    )


def vos_zoo(results):
    """The same of the branches of the tables' seeds, and of the InstMove that they read."""
    branches = [
        f"{RESULTS}/vos/{branch_of(VARIANTS[result.motion])}/seed{result.seed}/shipped"
        for result in results
        if result.host == VOS
    ]
    if not branches or not VOS_TRAINING:
        return []
    return [
        *branches,
        f"{RESULTS}/motion/{VOS_INSTMOVE}/{setup['vos']['motion']}/shipped",
    ]
