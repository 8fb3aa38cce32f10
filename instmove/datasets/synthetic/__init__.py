"""The mini benchmark: procedural video with exact masks and flow, written in the benchmarks' own layouts."""
