"""The realism stage: real stamps and a run's bare deflectors in, tables of how well they can be told apart out."""

from lenspipe.realism.run import compare_with_real

__all__ = ["compare_with_real"]
