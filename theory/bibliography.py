"""The published work that claims come from, as BibTeX by key.

Examples
--------
>>> print(ENTRIES["wang-2020"].splitlines()[0])
@inproceedings{wang-2020,
"""

from __future__ import annotations

from types import MappingProxyType

_ENTRIES = {
    "gao-sener-2020": """
@inproceedings{gao-sener-2020,
  author        = {Gao, Katelyn and Sener, Ozan},
  title         = {Modeling and Optimization Trade-off in Meta-learning},
  booktitle     = {Advances in Neural Information Processing Systems},
  volume        = {33},
  year          = {2020},
  eprint        = {2010.12916},
  archiveprefix = {arXiv}
}""",
    "fallah-2020": """
@inproceedings{fallah-2020,
  author        = {Fallah, Alireza and Mokhtari, Aryan and Ozdaglar, Asuman},
  title         = {On the Convergence Theory of Gradient-Based Model-Agnostic Meta-Learning Algorithms},
  booktitle     = {International Conference on Artificial Intelligence and Statistics (AISTATS)},
  year          = {2020},
  eprint        = {1908.10400},
  archiveprefix = {arXiv}
}""",
    "ji-2022": """
@article{ji-2022,
  author        = {Ji, Kaiyi and Yang, Junjie and Liang, Yingbin},
  title         = {Theoretical Convergence of Multi-Step Model-Agnostic Meta-Learning},
  journal       = {Journal of Machine Learning Research},
  volume        = {23},
  year          = {2022},
  eprint        = {2002.07836},
  archiveprefix = {arXiv}
}""",
    "collins-2022": """
@inproceedings{collins-2022,
  author        = {Collins, Liam and Mokhtari, Aryan and Shakkottai, Sanjay},
  title         = {How Does the Task Landscape Affect {MAML} Performance?},
  booktitle     = {Conference on Lifelong Learning Agents (CoLLAs)},
  year          = {2022},
  eprint        = {2010.14672},
  archiveprefix = {arXiv}
}""",
    "wang-2020": """
@inproceedings{wang-2020,
  author        = {Wang, Lingxiao and Cai, Qi and Yang, Zhuoran and Wang, Zhaoran},
  title         = {On the Global Optimality of Model-Agnostic Meta-Learning},
  booktitle     = {International Conference on Machine Learning (ICML)},
  year          = {2020},
  eprint        = {2006.13182},
  archiveprefix = {arXiv}
}""",
}

#: key -> BibTeX entry
ENTRIES = MappingProxyType({key: entry.strip() for key, entry in _ENTRIES.items()})
