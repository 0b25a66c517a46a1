"""Modules of an extra that is not installed are not collected; its tests skip themselves."""

from importlib.util import find_spec

_BENCHMARKS = "numerics/reinforcement/benchmarks"
#: modules by the library that they are made of
_MADE_OF = {
    "torch": ("policies", "objectives", "outer_steps", "training"),
    "mujoco": ("locomotion",),
    "metaworld": ("manipulation",),
}
collect_ignore = [
    f"{_BENCHMARKS}/{module}.py" for library, modules in _MADE_OF.items() if find_spec(library) is None for module in modules
]
