"""Quantities of decision processes and regulators: numerics eliminates in doubles, theory expands in series of rationals."""

from verify.quantities.reinforcement_learning import policy_curvatures, policy_returns, regulator_costs, two_armed_flows

#: the quantities of this topic by name
QUANTITIES = {
    **policy_returns.QUANTITIES,
    **policy_curvatures.QUANTITIES,
    **two_armed_flows.QUANTITIES,
    **regulator_costs.QUANTITIES,
}
