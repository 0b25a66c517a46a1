"""The one table of symbols: every formula in this project is written in them.

Each symbol carries the assumptions that sympy may use and a meaning in words, so that a printed formula can always be read
back.  Import the symbols by name; :func:`meaning` explains one, :data:`TABLE` lists all.

Examples
--------
>>> from theory.notation import alpha, meaning
>>> meaning(alpha)
'rate of the inner loop'
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from sympy import Add, Symbol
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from theory.domains import assumed

_table: dict[Symbol, str] = {}
_latex: dict[Symbol, str] = {}


def _symbol(name: str, meaning: str, tex: str | None = None, **assumptions: Any) -> Symbol:
    if any(other.name == name for other in _table):
        raise ValueError(f"two symbols are named {name!r}; each name has one meaning")
    symbol = Symbol(name, **assumptions)
    _table[symbol] = meaning
    if tex is None and len(name.partition("_")[0]) > 1:
        # a word is no product of letters
        head, *rest = (rf"\operatorname{{{word}}}" for word in name.split("_"))
        tex = head + (f"_{{{', '.join(rest)}}}" if rest else "")
    if tex is not None:
        _latex[symbol] = tex
    return symbol


# sizes
p = _symbol("p", "dimension of the parameter", integer=True, positive=True)
n = _symbol("n", "number of tasks of a finite task distribution", integer=True, positive=True)
M = _symbol("M", "number of sampled tasks", integer=True, positive=True)
N = _symbol("N", "number of samples in the inner step", integer=True, positive=True)
k = _symbol("k", "number of inner steps", integer=True, positive=True)
j = _symbol("j", "index of an inner step", integer=True, nonnegative=True)

# one task
q = _symbol("q", "an eigenvalue of a task's curvature Q", real=True, nonnegative=True)
theta = _symbol("theta", "parameter (one coordinate)", r"\theta", real=True)
theta_gamma = _symbol("theta_gamma", "optimum of the task gamma (one coordinate)", r"\theta_\gamma", real=True)
nu = _symbol("nu", "lower end of the spectrum of every Q", r"\nu", real=True, nonnegative=True)
beta = _symbol("beta", "upper end of the spectrum of every Q", r"\beta", positive=True)
tau2 = _symbol("tau_2", "trace of the square of a task's curvature, tr(Q^2)", r"\tau_2", real=True, nonnegative=True)
sigma2 = _symbol("sigma2", "noise variance of a task", r"\sigma^2", real=True, nonnegative=True)

# rules of adaptation
alpha = _symbol("alpha", "rate of the inner loop", r"\alpha", real=True, nonnegative=True)
lam = _symbol("lambda", "regulariser of implicit MAML", r"\lambda", positive=True)
t = _symbol("t", "time of the gradient flow", real=True, nonnegative=True)
s = _symbol("s", "normalised rate, alpha times beta", real=True, nonnegative=True)

# transfer from a training weight A to a deployment weight B
l = _symbol("l", "lower bound on the ratio of weights, l A <= B", r"\ell", real=True, nonnegative=True)
root_l = _symbol("root_l", "square root of l", r"\sqrt{\ell}", real=True, nonnegative=True)
root_u = _symbol("root_u", "square root of u", r"\sqrt{u}", positive=True)
u = _symbol("u", "upper bound on the ratio of weights, B <= u A", positive=True)

# steps of proofs
c = _symbol("c", "Rayleigh quotient of a unit direction: its ratio of B-weight to A-weight", real=True, nonnegative=True)
x = _symbol("x", "a point of the spectrum of the ratio of weights", real=True, nonnegative=True)
q_low = _symbol("q_low", "the lower of two curvatures", r"q_1", real=True, nonnegative=True)
q_high = _symbol("q_high", "the higher of two curvatures", r"q_2", real=True, nonnegative=True)

# rules that a claim quantifies over
rule = _symbol("rule", "a rule of adaptation")
trained = _symbol("trained", "the rule whose training weight A is used for training")
deployed = _symbol("deployed", "the rule whose deployment weight B the user pays")

# measured on an instance
excess = _symbol("excess", "modeling error J_B(theta*_A) - J_B(theta*_B)", r"\mathcal{E}", real=True)
half_square = _symbol(
    "half_square",
    "half the squared distance of the optima in the norm of E[B]",
    r"\tfrac12\|\theta^*_A-\theta^*_B\|^2_{E[B]}",
    real=True,
)
half_square_A = _symbol("half_square_A", "half the squared distance of the optima in the norm of E[A]", real=True)
risk_A = _symbol("risk_A", "least risk in the weight A, J_A(theta*_A)", r"J_A(\theta^*_A)", real=True)
risk_B = _symbol("risk_B", "least risk in the weight B, J_B(theta*_B)", r"J_B(\theta^*_B)", real=True)
risk_BA = _symbol("risk_BA", "risk of the optimum of A in the weight B, J_B(theta*_A)", r"J_B(\theta^*_A)", real=True)
adapted = _symbol("adapted", "expected risk after adaptation from a probe", r"E\,R(\theta')", real=True)
weighted = _symbol("weighted", "risk of a probe in a weight, J_w(theta)", r"J_w(\theta)", real=True)
weight = _symbol("weight", "a rule's weight at a curvature", "w", real=True)
step = _symbol("step", "outer step of training, a vector", r"\nabla J", real=True)
driven = _symbol("driven", "outer step of training at a probe, a vector, by the bilevel driver", real=True)
pull = _symbol("pull", "expected weight times a probe's distance from the optima, E[w(Q)(theta - theta_gamma)]", real=True)
step_one = _symbol("step_one", "outer step of training with one inner sample, a vector", r"\nabla J_1", real=True)
distance = _symbol("distance", "distance of the optima of A and B", r"|\theta^*_A-\theta^*_B|", real=True)
diameter = _symbol("diameter", "largest distance between two tasks' optima", r"\operatorname{diam}", real=True)
variation = _symbol("variation", "total variation between the measures whose means the optima of A and B are", real=True)
upper_share = _symbol("upper_share", "A-measure of the tasks to which the B-measure gives more", "m", real=True)
high_A = _symbol("high_A", "largest eigenvalue of E[A]", r"\lambda_{\max}(E[A])", real=True)
low_A = _symbol("low_A", "least eigenvalue of E[A]", r"\lambda_{\min}(E[A])", real=True)
low_B = _symbol("low_B", "least eigenvalue of E[B]", r"\lambda_{\min}(E[B])", real=True)
kappa_A = _symbol("kappa_A", "condition number of E[A]", r"\kappa(E[A])", real=True)
kappa_B = _symbol("kappa_B", "condition number of E[B]", r"\kappa(E[B])", real=True)
ratio_low = _symbol("ratio_low", "smallest ratio of the weights B to A over the tasks", r"\ell", real=True)
ratio_high = _symbol("ratio_high", "largest ratio of the weights B to A over the tasks", "u", real=True)
coefficient = _symbol("coefficient", "coefficient of a power of the rate in a series", real=True)
shift = _symbol("shift", "E[Q]^-1 E[Q^2 (theta_gamma - theta*_drs)], a vector", real=True)
gap = _symbol("gap", "squared norm of E[Q^2 (theta_gamma - theta*_drs)] in E[Q]^-1", real=True, nonnegative=True)
share = _symbol("share", "easy cluster's share of the expected curvature", "s", real=True)
separation = _symbol("separation", "squared distance of the centres of the easy and the hard cluster", "g^2", real=True)
spread = _symbol("spread", "variance of the optima of the hard cluster", "v_H", real=True)
optimum_maml = _symbol("optimum_maml", "optimum of MAML", r"\theta^*_{maml}", real=True)
optimum_drs = _symbol("optimum_drs", "optimum of joint training", r"\theta^*_{drs}", real=True)

# finite samples
loss = _symbol("loss", "loss of an estimate: half its squared distance from its limit, in the norm of E[H]", r"\ell", real=True)
limit = _symbol("limit", "what an estimate tends to as the number of tasks grows", r"\theta^*_N", real=True)
curvature = _symbol("curvature", "expected curvature E[H] of one task", "E[H]", real=True)
design = _symbol("design", "largest eigenvalue of the second moment of one task's normalised curvature", "v", real=True)
score_covariance = _symbol("score_covariance", "covariance of the score of one task", r"\operatorname{Cov}\psi", real=True)
score_spread = _symbol("score_spread", "trace of E[H]^-1 Cov psi", "s", real=True)
score_curvature = _symbol("score_curvature", "mean of one task's H E[H]^-1 psi", r"E[HE[H]^{-1}\psi]", real=True)
norm_variance = _symbol("norm_variance", "variance of the squared norm of the mean normalised score", "V", real=True)
signal = _symbol("signal", "part of a score's covariance that the tasks' distances make", real=True)
signal_trace = _symbol("signal_trace", "the same by one sample of the outer ones, times N", real=True)
label_noise = _symbol("label_noise", "part of a score's covariance that label noise makes, over the noise variance", real=True)
inner_noise = _symbol("inner_noise", "part of MAML's that label noise inside makes, times N over rate^2 sigma^2", real=True)
inner_noise_trace = _symbol("inner_noise_trace", "the same by one sample of the outer ones, times N", real=True)
bias_word = _symbol("bias_word", "pull of E[Q E[Q]^-1 Q d] on the deployed risk", real=True)
bias_trace = _symbol("bias_trace", "pull of E[tr(E[Q]^-1 Q) Q d] on the deployed risk", real=True)
meta_spread = _symbol("meta_spread", "trace of E[A_N] C of MAML", real=True)
joint_spread = _symbol("joint_spread", "trace of E[A_N] C of joint training", real=True)
crossing = _symbol("crossing", "one over the number of tasks above which MAML has the lower risk", r"\tfrac{1}{M^*}", real=True)
shortfall = _symbol("shortfall", "part of the expected curvature that may be missing", "t", real=True)
laplace = _symbol("laplace", "scale of a Laplace transform", r"\lambda", positive=True)
deviation = _symbol("deviation", "how far a squared norm may exceed its mean", "c", positive=True)
chance = _symbol("chance", "probability left to a large score", r"\delta_2", positive=True)
radius = _symbol("radius", "distance of an estimate from its limit", r"\varrho", positive=True)
floor_gap = _symbol("floor_gap", "squared norm of the one-sample gradient at MAML's optimum in E[w]^-1", real=True)
pull_spread = _symbol("pull_spread", "mean square of w(Q)(theta* - theta_gamma)", real=True, nonnegative=True)
pull_variance = _symbol("pull_variance", "total variance of w(Q) theta_gamma", real=True, nonnegative=True)
weight_variance = _symbol("weight_variance", "norm of the variance of w(Q)", real=True, nonnegative=True)
optimum_norm = _symbol("optimum_norm", "norm of the optimum", r"\|\theta^*\|", real=True, nonnegative=True)

# decision processes and regulators
states = _symbol("states", "number of states of a decision process", "S", integer=True, positive=True)
actions = _symbol("actions", "number of actions of a decision process", "A", integer=True, positive=True)
inputs = _symbol("inputs", "number of a regulator's controls", "q", integer=True, positive=True)
discount = _symbol("discount", "discount of rewards", r"\gamma", real=True, nonnegative=True)
rate_share = _symbol("rate_share", "inner rate as a share of its largest value", r"\eta", real=True, nonnegative=True)
logit_gap = _symbol("logit_gap", "difference of the two arms' logits", "x", real=True, nonnegative=True)
majority = _symbol("majority", "probability of the task that pays for the first arm", "w", real=True, nonnegative=True)
return_gap = _symbol("return_gap", "return of another policy minus that of the policy", real=True)
advantage_sum = _symbol("advantage_sum", "advantages of a policy's actions summed over visits", real=True)
mismatch = _symbol("mismatch", "sum of (d*(s)/(d(s) pi(a*(s)|s)))^2 over states", real=True, nonnegative=True)
mismatch_ratio = _symbol("mismatch_ratio", "largest ratio of visits, d*(s)/d(s)", real=True, nonnegative=True)
rarest = _symbol("rarest", "least probability of a compared action, pi(a*(s)|s)", positive=True)
improvement = _symbol("improvement", "best advantages summed over visits", real=True, nonnegative=True)
gradient_square = _symbol("gradient_square", "squared norm of a gradient", real=True, nonnegative=True)
curvature_form = _symbol("curvature_form", "second derivative of the return along a direction", real=True)
surrogate_form = _symbol("surrogate_form", "that of the likelihood-ratio surrogate with frozen advantages", real=True)
cross_form = _symbol("cross_form", "twice the discounted covariance of score and next value's change, over visits", real=True)
loglik_form = _symbol("loglik_form", "that of the expected log-likelihood weighted by advantages or returns", real=True)
mixed_form = _symbol("mixed_form", "mixed derivative of the return along two states' directions", real=True)
other_square = _symbol("other_square", "squared norm of the second state's direction", real=True, nonnegative=True)
place = _symbol("place", "where a number lies between two neighbours of a geometric progression", positive=True)
direction_square = _symbol("direction_square", "squared norm of a direction", real=True, nonnegative=True)
most_visited = _symbol("most_visited", "largest discounted visits of a state", real=True, nonnegative=True)
centred_sum = _symbol("centred_sum", "mean over tasks of <psi, gradient of J after adaptation>", real=True)
first_order_bound = _symbol(
    "first_order_bound", "|v| |grad F| + E |psi - (I + alpha H) v| |grad J|", real=True, nonnegative=True
)
cost_gap = _symbol("cost_gap", "cost of a gain minus that of another", real=True)
cost_change = _symbol("cost_change", "tr Sigma' (2 D'E + D'(R + B'PB)D), D from the gain to the other", real=True)
newton_decrease = _symbol("newton_decrease", "tr Sigma' E'(R + B'PB)^-1 E", real=True, nonnegative=True)
moment_norm = _symbol("moment_norm", "norm of the other gain's Sigma", positive=True)
moment_floor = _symbol("moment_floor", "least eigenvalue of the gain's Sigma", positive=True)
curvature_floor = _symbol("curvature_floor", "least eigenvalue of R + B'PB", positive=True)
control_floor = _symbol("control_floor", "least eigenvalue of R", positive=True)
flow_time = _symbol("flow_time", "time that joint training's flow takes from equal logits", "T", real=True, nonnegative=True)
supremum_gap = _symbol("supremum_gap", "limit of the adapted return minus its value", real=True)
return_slope = _symbol("return_slope", "size of the adapted return's derivative", real=True, nonnegative=True)
# smooth risks, in the letters of gao-sener-2020 where it has them free
L = _symbol("L", "Lipschitz constant of every risk's gradient", positive=True)
G = _symbol("G", "Lipschitz constant of every risk", positive=True)
L_H = _symbol("L_H", "Lipschitz constant of every risk's Hessian", positive=True)
Delta = _symbol("Delta", "bound on the range of every risk", r"\Delta", positive=True)
V_d = _symbol("V_d", "variance of one call of the gradient oracle", real=True, nonnegative=True)
V_h = _symbol("V_h", "variance of one sample of the Hessian oracle, in any direction", real=True, nonnegative=True)
xi = _symbol("xi", "standard deviation of one call of the gradient oracle", r"\xi", real=True, nonnegative=True)
chi = _symbol("chi", "standard deviation of one sample of the Hessian oracle", r"\chi", real=True, nonnegative=True)
D = _symbol("D", "number of Hessian samples of a task", integer=True, positive=True)
eta = _symbol("eta", "step size of training, testing or mirror steps", r"\eta", positive=True)
normalised_step = _symbol("normalised_step", "step size times smoothness, eta L", "h", real=True, positive=True)
a = _symbol("a", "normalised rate, alpha times L", real=True, nonnegative=True)
b = _symbol("b", "root of 2 b^2 + b = a^2", real=True, nonnegative=True)
y = _symbol("y", "a real number", real=True)
T_tr = _symbol("T_tr", "number of training updates", integer=True, nonnegative=True)
T_te = _symbol("T_te", "number of test steps", integer=True, nonnegative=True)
T = _symbol("T", "number of steps or queries", integer=True, positive=True)
pieces = _symbol("pieces", "number of pieces on which a risk's slope, or its curvature, is linear", integer=True, positive=True)
spacing = _symbol("spacing", "half the distance of the points of a difference", r"\delta", positive=True)
low_bend = _symbol("low_bend", "least curvature of the risks", r"\nu", real=True)
high_bend = _symbol("high_bend", "largest curvature of the risks", r"\beta", real=True)
gradient_sum = _symbol("gradient_sum", "expected sum of squared gradients over training and testing", "S", real=True)
start_gap = _symbol("start_gap", "objective at the start minus the mean of the least risks", r"\Delta_0", real=True)
task_spread = _symbol("task_spread", "largest variance of the gradients across tasks", "V_t", real=True)
slope_size = _symbol("slope_size", "mean size of the tasks' gradients at the start", r"E\|\nabla R_\gamma\|", real=True)
adapted_size = _symbol("adapted_size", "mean size of the adapted tasks' gradients", r"E\|\nabla R_\gamma(\theta')\|", real=True)
step_gap = _symbol("step_gap", "size of the difference of two mean outer steps, one of them scaled", real=True)
meta_change = _symbol("meta_change", "change of the meta-gradient between two points", real=True)
change = _symbol("change", "distance of two points", r"\|\theta-\vartheta\|", real=True)
flatter = _symbol("flatter", "the smaller of the mean sizes of the gradients at two points", real=True)
meta_bias = _symbol("meta_bias", "bias of the sampled meta-gradient", r"\|b\|", real=True)
moment = _symbol("moment", "second moment of the distance of a sampled path from the exact one", real=True)
difference_error = _symbol("difference_error", "error of a difference of gradients for a product with the Hessian", real=True)
incidence = _symbol("incidence", "probability that a sample has any curvature", "q", real=True, nonnegative=True)
averaged = _symbol("averaged", "expected excess of the mean iterate", real=True)
least_square = _symbol("least_square", "least squared gradient along a path", real=True)
start_range = _symbol("start_range", "largest range of the risks", r"\Delta", real=True)
steepest = _symbol("steepest", "largest slope of the risks", "G", real=True)
# kernels (zhou-2021)
h = _symbol("h", "a curvature times a time, or over a regulariser", real=True, nonnegative=True)
tau = _symbol("tau", "time of the flow times the regulariser it is compared with", r"\tau", positive=True)
later = _symbol("later", "a later time of the flow", "t_2", real=True, nonnegative=True)
energy = _symbol("energy", "risk of a probe in the weight of an energy functional", r"\tilde E", real=True)
path_energy = _symbol("path_energy", "risk of a probe in the weight of the energy along a path", r"M_k", real=True)
points = _symbol("points", "number of training points of a kernel", "n", integer=True, positive=True)
flowed = _symbol("flowed", "adapted function at another point", "f_t", real=True)
formula_value = _symbol("formula", "what a formula says of it", real=True)
error_before = _symbol("error_before", "error of the energy functional at a time of the flow", real=True)
layers = _symbol("layers", "number of hidden layers", "L", integer=True, nonnegative=True)
bent = _symbol("bent", "second derivative of an error at time zero", real=True)
error_after = _symbol("error_after", "the same at a later time", real=True)

# submodular meta-learning (adibi-2020)
elements = _symbol("elements", "number of elements that sets are made of", "|V|", integer=True, positive=True)
items = _symbol("items", "number of items that elements cover", integer=True, positive=True)
shared = _symbol("shared", "number of elements chosen for all tasks", r"l", integer=True, positive=True)
own = _symbol("own", "number of elements that each task adds", "a", integer=True, positive=True)
found = _symbol("found", "value that a procedure finds", real=True)
phi = _symbol("phi", "largest sum of the tasks' values of one element", r"\phi", real=True, nonnegative=True)
best = _symbol("best", "largest value", r"\operatorname{OPT}", real=True)
own_first = _symbol("own_first", "1 if tasks choose their own elements first, otherwise 0", integer=True, nonnegative=True)
violation = _symbol("violation", "largest violation of submodularity, f(S+x+y) + f(S) - f(S+x) - f(S+y)", real=True)

# linear attention (zhang-2024, kirsch-2022)
least_risk = _symbol("least_risk", "least reducible risk of linear attention", real=True)
attention_risk = _symbol("attention_risk", "reducible risk of an attention matrix", real=True)
other_risk = _symbol("other_risk", "reducible risk of another one", real=True)
trace = _symbol("trace", "trace of a curvature", r"\operatorname{tr}Q", real=True, nonnegative=True)
longer = _symbol("longer", "number of pairs in the contexts of deployment", "N'", integer=True, positive=True)
stretch = _symbol("stretch", "factor by which the covariance of the features grows", "c", real=True, nonnegative=True)
attention_matrix = _symbol("attention_matrix", "entries of the attention matrix of least risk", real=True)
stated_matrix = _symbol("stated_matrix", "entries of the matrix that is stated", real=True)
gain = _symbol("gain", "entry of an attention matrix along an eigenvector", r"\gamma", positive=True)

# mirror descent (gao-2022)
regret = _symbol("regret", "regret against a comparator", real=True)
before = _symbol("before", "divergence of the comparator from the first point", real=True)
after = _symbol("after", "divergence of the comparator from the last point", real=True)
square_sum = _symbol("square_sum", "sum of the gradients' squared dual norms", real=True)
map_bound = _symbol("map_bound", "half of tr(P A) + tr(P^-1 G) for a quadratic map P", real=True)
learned_bound = _symbol("learned_bound", "the same for the learned map", real=True)
slowest = _symbol("slowest", "least eigenvalue of a preconditioned curvature", r"\mu_{\min}", real=True)
fastest = _symbol("fastest", "largest eigenvalue of a preconditioned curvature", r"\mu_{\max}", real=True)
top = _symbol("top", "the eigenvalue that the rate is measured by", r"\mu_1", real=True)
flattest = _symbol("flattest", "least eigenvalue of a curvature", real=True)
sharpest = _symbol("sharpest", "largest eigenvalue of a curvature", real=True)
left_over = _symbol("left_over", "share of the risk left by one step of the best rate", real=True)
matrix_step = _symbol("matrix_step", "least mean risk after one step with any matrix for a rate", real=True)
map_step = _symbol("map_step", "the same with a symmetric matrix, as a mirror map has it", real=True)
rate_step = _symbol("rate_step", "the same with a rate", real=True)

# bandits (wang-2020)
arms = _symbol("arms", "number of arms of a bandit", integer=True, positive=True)
tangent = _symbol("tangent", "what a meta-objective's slope promises of a change of policy", real=True)
boost = _symbol("boost", "factor by which a unit of reward multiplies an arm's probability", "z", positive=True)
share_one = _symbol("share_one", "probability of an arm under a policy", r"\pi", real=True, nonnegative=True)
share_two = _symbol("share_two", "probability of the arm under another policy", r"\pi'", real=True, nonnegative=True)
chord = _symbol("chord", "mean of a meta-objective at two policies", real=True)
middle = _symbol("middle", "the meta-objective half way between them", real=True)
improved = _symbol("improved", "mean reward of the adapted policy", real=True)
unimproved = _symbol("unimproved", "mean reward of the policy before", real=True)
other_objective = _symbol("other_objective", "mean reward times eta less the divergence, of another policy", real=True)
step_objective = _symbol("step_objective", "the same of the adapted policy", real=True)
chi_square = _symbol("chi_square", "chi-square divergence of another policy", r"\chi^2", real=True)
slope_variance = _symbol("slope_variance", "variance of a meta-objective's slope under the policy", real=True)
stationary = _symbol("stationary", "number of stationary policies on a stretch of a face", real=True)
first_slope = _symbol("first_slope", "slope of a meta-objective towards the first arm", real=True)
along_slope = _symbol("along_slope", "slope of a meta-objective along a face of the simplex", real=True)
here_value = _symbol("here_value", "meta-objective at a policy", real=True)
there_value = _symbol("there_value", "meta-objective at another policy", real=True)
logit_gradient = _symbol("logit_gradient", "derivative of a meta-objective with respect to an arm's logit", real=True)
step_square = _symbol("step_square", "squared norm of the expected outer step at a probe", real=True)
suboptimality = _symbol("suboptimality", "risk of a probe above the least", real=True)

# annealing (mavridis-2022)
slopes = _symbol("slopes", "derivatives of how two prototypes at the mean come apart in a step", real=True)
curved = _symbol("curved", "covariance of the points times the curvature of the divergence at the mean", real=True)
odds = _symbol("odds", "logarithm of the odds against a one", "y", positive=True)
bend = _symbol("bend", "argument of a moment generating function", "s", real=True)
heat = _symbol("heat", "temperature", "T", positive=True)
mass = _symbol("mass", "mass of a prototype", r"\pi", real=True, nonnegative=True)
place_one = _symbol("place_one", "place of a prototype", r"\mu_1", real=True)
place_two = _symbol("place_two", "place of another prototype", r"\mu_2", real=True)
contraction = _symbol("contraction", "gain of the steps times the slope of the mean field", "b", positive=True)
excess_energy = _symbol("excess_energy", "free energy of prototypes above that of one at the mean", real=True)
mean_gain = _symbol("mean_gain", "mean over points and prototypes of e^(-(d(X, mu) - d(X, m))/T)", real=True)
tilted = _symbol("tilted", "mean over prototypes of E e^(s(X - m)) e^(-|s|^2 T/4), s = 2(mu - m)/T", real=True)
moved = _symbol("moved", "place of a prototype after a step", real=True)
mean_square = _symbol("mean_square", "mean square of the error after T steps", r"E e_T^2", real=True)
fade = _symbol("fade", "weight of the entropy against the distortion", r"\lambda", real=True, nonnegative=True)
distortion = _symbol("distortion", "mean divergence of points and prototypes", "D", real=True)
entropy = _symbol("entropy", "entropy of the shares", "H", real=True)

# context pruning (tack-2023)
kept = _symbol("kept", "number of examples that are kept", "k", integer=True, positive=True)
discrepancy = _symbol("discrepancy", "length of the gradient that pruning leaves out", real=True)
first_discrepancy = _symbol("first_discrepancy", "the same where the first examples are kept", real=True)
least_discrepancy = _symbol("least_discrepancy", "the same for the best choice of examples", real=True)
mean_norm = _symbol("mean_norm", "mean norm of the examples' gradients", real=True)
alignment = _symbol("alignment", "inner product of the whole gradient with the kept examples'", real=True)
all_alignment = _symbol("all_alignment", "squared norm of the whole gradient", real=True)
pruned_form = _symbol("pruned_form", "risk weight of a randomly pruned step in a direction", real=True)
plain_loss = _symbol("plain_loss", "share of a context's loss that a plain step leaves", real=True)
stretched_loss = _symbol("stretched_loss", "the same of a step several times as long", real=True)
curve = _symbol("curve", "rate times the curvature along the gradient", "w", positive=True)

# sequential search (maraval-2023)
records = _symbol("records", "mean number of records", real=True)
harmonic = _symbol("harmonic", "harmonic number of the length", "H_T", real=True)
squared_harmonic = _symbol("squared_harmonic", "sum of one over the squares up to the length", r"H_T^{(2)}", real=True)
record_count = _symbol("record_count", "a number of records", "r", integer=True, positive=True)
record_share = _symbol("record_share", "share of the orders that have so many records", real=True)
stirling_share = _symbol("stirling_share", "what Stirling's numbers say of it", real=True)
records_spread = _symbol("records_spread", "variance of the number of records", real=True)
posterior_miss = _symbol("posterior_miss", "how far a Gaussian process's posterior mean misses its targets", real=True)
adapted_miss = _symbol("adapted_miss", "how far an adapted function misses its targets", real=True)
harmonic_values = _symbol("harmonic_values", "harmonic number of the number of values", "H_n", real=True)
largest_value = _symbol("largest_value", "largest value of a function", real=True)
rest_mean = _symbol("rest_mean", "mean of a function's other values", real=True)
expected_best = _symbol("expected_best", "mean of the largest value found", real=True)
greedy_best = _symbol("greedy_best", "the same by greedy expected improvement", real=True)
first_value = _symbol("first_value", "value of the first query", "y_1", real=True)
gained = _symbol("gained", "sum of the improvements of a search", real=True)

#: every symbol of the project with its meaning
TABLE = MappingProxyType(_table)


def meaning(symbol: Symbol) -> str:
    """What `symbol` stands for.

    Parameters
    ----------
    symbol : sympy.Symbol
        A symbol of this module.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If the symbol is not in the table.
    TypeError
        If it is no symbol.
    """
    if not isinstance(symbol, Symbol):
        raise TypeError(f"symbol is {symbol!r}; it must be a symbol of theory.notation, such as theory.notation.alpha")
    if symbol in _table:
        return _table[symbol]
    twin = next((known for known in _table if known.name == str(symbol)), None)
    if twin is not None:
        own, other = (", ".join(assumed(entry)) or "without assumptions" for entry in (symbol, twin))
        raise KeyError(f"{symbol} is {own} and not in the table, whose {symbol} is {other}; import it from theory.notation")
    near = get_close_matches(str(symbol), [known.name for known in _table], 1)
    raise KeyError(f"{symbol} is not in the table" + (f"; perhaps {near[0]} is meant" if near else ""))


def typeset(expression: Any) -> str:
    r"""LaTeX of an expression, in the letters of the literature.

    Examples
    --------
    >>> typeset((1 - alpha * nu)**k - (1 - alpha * beta)**k)
    '\\left(1 - \\alpha \\nu\\right)^{k} - \\left(1 - \\alpha \\beta\\right)^{k}'
    """
    found = str(_Latex({"symbol_names": _latex}).doprint(expression))
    return found.replace(r"\sqrt{\ell}^{2}", r"\ell").replace(r"\sqrt{u}^{2}", "u")


def written(expression: Any) -> str:
    """An expression or a relation on one line, as people write it, in the names that a user types.

    Examples
    --------
    >>> written(((1 - alpha * nu)**k - (1 - alpha * beta)**k)**2)
    '((1 - alpha nu)^k - (1 - alpha beta)^k)^2'
    >>> from sympy import Le, Rational
    >>> written(Le(alpha * beta, Rational(5, 3)))
    'alpha beta <= 5/3'
    >>> from sympy import Interval, Range
    >>> written(Interval.Ropen(0, 1 / beta)), written(Range(1, 6))
    ('[0, 1/beta)', '{1, ..., 5}')
    """
    # what is in words is written already
    return expression if isinstance(expression, str) else str(_Line().doprint(expression)).replace("**", "^").replace("*", " ")


class _Ordered:
    """How sums are printed: what is added first, what is taken off after it."""

    def _as_ordered_terms(self, expression: Add, order: str | None = None) -> list[Any]:
        terms = super()._as_ordered_terms(expression, order)  # type: ignore[misc]
        return sorted(terms, key=lambda term: term.could_extract_minus_sign())


class _Latex(_Ordered, LatexPrinter):
    """LaTeX with sums in that order."""


class _Line(_Ordered, StrPrinter):
    """Text with sums in that order, and the functions, relations and domains as books have them."""

    def _print_Max(self, expression: Any) -> str:
        return f"max({self.stringify(expression.args, ', ')})"

    def _print_Min(self, expression: Any) -> str:
        return f"min({self.stringify(expression.args, ', ')})"

    def _print_Abs(self, expression: Any) -> str:
        return f"|{self._print(expression.args[0])}|"

    def _print_Relational(self, expression: Any) -> str:
        sign = {"==": "=", "!=": "!="}.get(expression.rel_op, expression.rel_op)
        return f"{self._print(expression.lhs)} {sign} {self._print(expression.rhs)}"

    def _print_Interval(self, expression: Any) -> str:
        left, right = "(" if expression.left_open else "[", ")" if expression.right_open else "]"
        return f"{left}{self._print(expression.start)}, {self._print(expression.end)}{right}"

    def _print_Range(self, expression: Any) -> str:
        first, step = expression.start, expression.step
        if expression.stop.is_infinite:
            return f"{{{first}, {first + step}, ...}}"
        return f"{{{first}, ..., {expression[-1]}}}" if len(expression) > 3 else f"{{{', '.join(map(str, expression))}}}"

    def _print_Infinity(self, expression: Any) -> str:
        return "infinity"
