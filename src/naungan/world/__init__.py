"""The demonstration world: a fictional Indonesia from a seed, for demos, tests and benchmarks. Nobody in it exists."""
