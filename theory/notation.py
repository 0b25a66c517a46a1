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
