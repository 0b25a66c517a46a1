"""Exact reinforcement learning: returns, their derivatives and meta-gradients without sampling, and sampled ones to compare.

Families are risks (:class:`numerics.Losses`), so that every rule, driver and solver of the package runs on them; rewards are
maximised, that is, minus the return is the risk.
"""

from numerics.reinforcement.arms import Crossing, crossing, two_arms
from numerics.reinforcement.decision_processes import DecisionProcesses, Evaluation, NegativeReturns
from numerics.reinforcement.descent import stay_and_descend
from numerics.reinforcement.episodes import drawn_episodes, sampled_meta_gradients
from numerics.reinforcement.grids import corner, from_gymnasium, goals_on_grid
from numerics.reinforcement.navigation import Navigation, random_navigation
from numerics.reinforcement.regulators import Regulators, random_regulators
from numerics.reinforcement.training import adam

__all__ = [
    "Crossing",
    "DecisionProcesses",
    "Evaluation",
    "Navigation",
    "NegativeReturns",
    "Regulators",
    "adam",
    "corner",
    "crossing",
    "drawn_episodes",
    "from_gymnasium",
    "goals_on_grid",
    "random_navigation",
    "random_regulators",
    "sampled_meta_gradients",
    "stay_and_descend",
    "two_arms",
]
