"""What the machinery costs where benchmarks are as large as the paper's: ``python -m benchmarks.scale``."""
