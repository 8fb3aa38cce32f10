"""STCN: video object segmentation from a memory of keys and values, with the motion mask in its decoder."""
