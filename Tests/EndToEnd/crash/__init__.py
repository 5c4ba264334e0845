"""The crash suite: a world of definitions, a load on it, the history of a run, and its checker.

The checker (`checker.py`) knows `history.py` and nothing else: neither the gateway's code nor the
load's.
"""
