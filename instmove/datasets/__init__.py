"""One file for each on-disk layout, splits of them, and the mini benchmark."""
