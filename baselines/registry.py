"""Names of the baselines. A new one is one folder beside this file and one line here."""

from importlib import import_module
from typing import cast

from baselines.interface import Host
from instmove.errors import InstMoveError

HOSTS = {
    "minvis": "baselines.minvis.host",
    "idol": "baselines.idol.host",
    "crossvis": "baselines.crossvis.host",
}
"""name -> module that is a Host, imported when asked for."""


def host_named(name: str) -> Host:
    """The module of a baseline; an unknown name is an error that lists the known ones."""
    if name not in HOSTS:
        raise InstMoveError(f"baseline '{name}' does not exist; there are {', '.join(HOSTS)}")
    return cast(Host, import_module(HOSTS[name]))
