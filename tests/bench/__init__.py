"""Benchmarks: figures of the product beside an anchor taken in the same run, because machines differ and ratios less."""
