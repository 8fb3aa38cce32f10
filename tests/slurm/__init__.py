"""The workflow on a real Slurm of one machine: ``make test-slurm``."""
