"""The stages as a run has them: each is told its time, its seed and its folder, and hands on plain values.

The rooms of the stages themselves (`audit`, `checks`, `ablation`, ...) know nothing of budgets, databases or each
other; here they are told.
"""
