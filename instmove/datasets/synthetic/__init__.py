"""The mini benchmark: procedural video with exact masks and flow, written in the benchmarks' own layouts."""

from instmove.code_digest import module_digest

DRAWING = [
    "backdrops",
    "camera",
    "clips",
    "dynamics",
    "flowworld",
    "geometry",
    "looks",
    "names",
    "outlines",
    "recipes",
    "render",
    "road",
    "scene",
    "scenery",
    "shapes",
    "sprites",
    "textures",
    "worlds",
]
"""The modules that decide what is drawn; their digest is the generator's version."""


def generator_digest() -> str:
    """Version of the generator: the digest of its drawing modules."""
    return module_digest(f"{__name__}.{name}" for name in DRAWING)
