"""What the paper leaves open about the plug-in, one setting changed at a time (section ``sensitivity`` of a setup).

Every value becomes a variant beside the one that it changes. The results say how much a choice matters; they are
never fed back into the defaults.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Section = Mapping[str, Any]


class Trial(NamedTuple):
    """A value of a setting and the variant that has it; the default's is the changed variant itself."""

    setting: str
    value: Any
    variant: str
    default: bool

    @property
    def shown(self) -> str:
        """The value in a table or plot."""
        return "-".join(map(str, self.value)) if isinstance(self.value, list) else str(self.value).replace("_", " ")


def trials(setup: Section) -> Iterator[Trial]:
    """All values that the setup tries, none if it has no such section."""
    section = setup.get("sensitivity", {"settings": {}})
    for setting, values in section["settings"].items():
        for value in values:
            default = value == _default(setup, setting)
            text = "-".join(map(str, value)) if isinstance(value, list) else str(value)
            name = section["variant"] if default else f"{section['variant']}_{setting}_{text}"
            yield Trial(setting, value, name, default)


def _default(setup: Section, setting: str) -> Any:
    """The value without any trial: the variant's own, else the section's; motion starts with the first frame."""
    association = setup["association"]
    variant = association["variants"][setup["sensitivity"]["variant"]]
    return variant.get(setting, association.get(setting, 0))


def trial_variants(setup: Section) -> dict[str, dict[str, Any]]:
    """The variants that the trials need beside those of the setup."""
    made = [trial for trial in trials(setup) if not trial.default]
    variants = setup["association"]["variants"]
    return {each.variant: {**variants[setup["sensitivity"]["variant"]], each.setting: each.value} for each in made}
