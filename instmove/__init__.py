"""InstMove: instance motion for object-centric video segmentation, made reproducible."""

__version__ = "0.1.0"
