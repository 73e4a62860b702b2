"""How fast parlour is, each measure beside its own baseline, taken in the same run. `python -m benchmarks [names]`."""
