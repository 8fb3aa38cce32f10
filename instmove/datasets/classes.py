"""One list of classes for several benchmarks: by name, as ids and capital letters differ between them."""

from collections.abc import Mapping, Sequence

from instmove.video import Dataset


def joint_classes(datasets: Sequence[Dataset]) -> tuple[str, ...]:
    """Names in lower case: the first dataset's categories in the order of their ids, then what each other one adds.

    A network trained on these datasets numbers its classes so, from 0; on one dataset alone that is the usual rule.
    """
    names = (dataset.categories[number].lower() for dataset in datasets for number in sorted(dataset.categories))
    return tuple(dict.fromkeys(names))


def class_of_category(classes: Sequence[str], categories: Mapping[int, str]) -> dict[int, int]:
    """Class index by category id; categories that are no class are left out."""
    index = {name: number for number, name in enumerate(classes)}
    return {number: index[name.lower()] for number, name in categories.items() if name.lower() in index}


def category_of_class(classes: Sequence[str], categories: Mapping[int, str]) -> dict[int, int]:
    """The inverse: category id by class index; classes that the dataset does not have are left out."""
    return {index: number for number, index in class_of_category(classes, categories).items()}
