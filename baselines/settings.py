"""What a setup says of a method: its own settings, and where and how motion enters its tracker."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from instmove.config import entry_of
from instmove.errors import InstMoveError, did_you_mean

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S", bound="DataclassInstance")

ORACLE = "oracle"
"""Name of the motion model, and of the association, that knows the truth."""


@dataclass(frozen=True)
class AssociationSettings:
    """One variant of the section ``association`` for one host."""

    weight: float
    """Of the motion score beside the method's own."""
    past: tuple[int, int]
    """Fewest and most past masks."""
    gaps: str
    """Which masks those are: ``last_seen`` or ``by_frame`` (``baselines.history``)."""
    top: int | None = None
    """Motion for so many tracklets alone, the most confident; None: for all."""
    from_frame: int = 0
    """The first frame with motion."""
    released: bool = False
    """Score as the authors' MinVIS plug-in does (``baselines.plug_in.ReleasedPlugIn``)."""
    model: str | None = None
    """Name under ``motion.models``, or ``oracle``; None: the method as published."""
    association: str = "own"
    """``own``, the method's, or ``oracle``, ground-truth identities."""

    @property
    def model_name(self) -> str | None:
        """The motion model under ``motion.models``; None for the method as published and for the oracle."""
        return None if self.model == ORACLE else self.model


def settings_of(kind: type[S], section: Mapping[str, Any], where: str) -> S:
    """A method's own settings, which the schema leaves to it; an unknown or missing key is an error with ``where``."""
    known = {field.name: field for field in fields(kind)}
    for key in section:
        if key not in known:
            raise InstMoveError(f"unknown key '{key}' at {where}{did_you_mean(key, known)}")
    for name, field in known.items():
        if name not in section and field.default is MISSING and field.default_factory is MISSING:
            raise InstMoveError(f"{where}: '{name}' is missing")
    return kind(**section)


def association_settings(section: Mapping[str, Any], host: str, variant: str) -> AssociationSettings:
    """The ``association`` section of a setup for one host and variant, whose own settings replace the section's.

    Raises :class:`InstMoveError` for an unknown variant, or one that is not for this host.
    """
    own = entry_of(section, "variants", variant)
    hosts = own.pop("hosts", [host])
    own.pop("label", None)
    if host not in hosts:
        raise InstMoveError(f"association variant '{variant}' is for {', '.join(hosts)}, not for {host}")
    general = {key: section[key] for key in ("weight", "past", "gaps")} | {"top": section["top"].get(host)}
    merged = {**general, **own}
    return AssociationSettings(**{**merged, "past": tuple(merged["past"])})
