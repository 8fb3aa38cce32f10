"""Names of the baselines. A new one is one folder beside this file and one line here."""

from importlib import import_module
from typing import cast

from baselines.interface import Host, MotsHost, NetworkHost
from instmove.errors import InstMoveError

VIS_HOSTS = {
    "minvis": "baselines.minvis.host",
    "idol": "baselines.idol.host",
    "crossvis": "baselines.crossvis.host",
}
"""Scored by video AP: name -> module that is a Host, imported when asked for."""
MOTS_HOSTS = {
    "pcan": "baselines.pcan.host",
    "unicorn": "baselines.unicorn.host",
}
"""Scored frame by frame: name -> module that is a MotsHost."""
HOSTS = VIS_HOSTS | MOTS_HOSTS


def host_named(name: str) -> NetworkHost:
    """The module of a baseline; an unknown name is an error that lists the known ones."""
    if name not in HOSTS:
        raise InstMoveError(f"baseline '{name}' does not exist; there are {', '.join(HOSTS)}")
    return cast(NetworkHost, import_module(HOSTS[name]))


def vis_host(name: str) -> Host:
    """One of VIS_HOSTS."""
    return cast(Host, host_named(name))


def mots_host(name: str) -> MotsHost:
    """One of MOTS_HOSTS."""
    return cast(MotsHost, host_named(name))
