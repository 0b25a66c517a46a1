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
    "mei-2020": """
@inproceedings{mei-2020,
  author        = {Mei, Jincheng and Xiao, Chenjun and Szepesv{\'a}ri, Csaba and Schuurmans, Dale},
  title         = {On the Global Convergence Rates of Softmax Policy Gradient Methods},
  booktitle     = {International Conference on Machine Learning (ICML)},
  year          = {2020},
  eprint        = {2005.06392},
  archiveprefix = {arXiv}
}""",
    "agarwal-2021": """
@article{agarwal-2021,
  author        = {Agarwal, Alekh and Kakade, Sham M. and Lee, Jason D. and Mahajan, Gaurav},
  title         = {On the Theory of Policy Gradient Methods: Optimality, Approximation, and Distribution Shift},
  journal       = {Journal of Machine Learning Research},
  volume        = {22},
  year          = {2021},
  eprint        = {1908.00261},
  archiveprefix = {arXiv}
}""",
    "fazel-2018": """
@inproceedings{fazel-2018,
  author        = {Fazel, Maryam and Ge, Rong and Kakade, Sham M. and Mesbahi, Mehran},
  title         = {Global Convergence of Policy Gradient Methods for the Linear Quadratic Regulator},
  booktitle     = {International Conference on Machine Learning (ICML)},
  year          = {2018},
  eprint        = {1801.05039},
  archiveprefix = {arXiv}
}""",
    "adibi-2020": """
@inproceedings{adibi-2020,
  author        = {Adibi, Arman and Mokhtari, Aryan and Hassani, Hamed},
  title         = {Submodular Meta-Learning},
  booktitle     = {Advances in Neural Information Processing Systems},
  volume        = {33},
  year          = {2020},
  eprint        = {2007.05852},
  archiveprefix = {arXiv}
}""",
    "zhou-2021": """
@inproceedings{zhou-2021,
  author        = {Zhou, Yufan and Wang, Zhenyi and Xian, Jiayi and Chen, Changyou and Xu, Jinhui},
  title         = {Meta-Learning with Neural Tangent Kernels},
  booktitle     = {International Conference on Learning Representations (ICLR)},
  year          = {2021},
  eprint        = {2102.03909},
  archiveprefix = {arXiv}
}""",
    "gao-2022": """
@misc{gao-2022,
  author        = {Gao, Boyan and Gouk, Henry and Lee, Hae Beom and Hospedales, Timothy M.},
  title         = {Meta Mirror Descent: Optimiser Learning for Fast Convergence},
  year          = {2022},
  eprint        = {2203.02711},
  archiveprefix = {arXiv}
}""",
    "mavridis-2022": """
@misc{mavridis-2022,
  author        = {Mavridis, Christos N. and Baras, John S.},
  title         = {Annealing Optimization for Progressive Learning with Stochastic Approximation},
  year          = {2022},
  eprint        = {2209.02826},
  archiveprefix = {arXiv}
}""",
    "kirsch-2022": """
@misc{kirsch-2022,
  author        = {Kirsch, Louis and Harrison, James and Sohl-Dickstein, Jascha and Metz, Luke},
  title         = {General-Purpose In-Context Learning by Meta-Learning Transformers},
  year          = {2022},
  eprint        = {2212.04458},
  archiveprefix = {arXiv}
}""",
    "zhang-2024": """
@article{zhang-2024,
  author        = {Zhang, Ruiqi and Frei, Spencer and Bartlett, Peter L.},
  title         = {Trained Transformers Learn Linear Models In-Context},
  journal       = {Journal of Machine Learning Research},
  volume        = {25},
  number        = {49},
  year          = {2024}
}""",
    "ahn-2023": """
@inproceedings{ahn-2023,
  author        = {Ahn, Kwangjun and Cheng, Xiang and Daneshmand, Hadi and Sra, Suvrit},
  title         = {Transformers Learn to Implement Preconditioned Gradient Descent for In-Context Learning},
  booktitle     = {Advances in Neural Information Processing Systems},
  volume        = {36},
  year          = {2023},
  eprint        = {2306.00297},
  archiveprefix = {arXiv}
}""",
    "tack-2023": """
@inproceedings{tack-2023,
  author        = {Tack, Jihoon and Kim, Subin and Yu, Sihyun and Lee, Jaeho and Shin, Jinwoo and Schwarz, Jonathan Richard},
  title         = {Learning Large-scale Neural Fields via Context Pruned Meta-Learning},
  booktitle     = {Advances in Neural Information Processing Systems},
  volume        = {36},
  year          = {2023},
  eprint        = {2302.00617},
  archiveprefix = {arXiv}
}""",
    "maraval-2023": """
@inproceedings{maraval-2023,
  author        = {Maraval, Alexandre and Zimmer, Matthieu and Grosnit, Antoine and Bou Ammar, Haitham},
  title         = {End-to-End Meta-{B}ayesian Optimisation with Transformer Neural Processes},
  booktitle     = {Advances in Neural Information Processing Systems},
  volume        = {36},
  year          = {2023},
  eprint        = {2305.15930},
  archiveprefix = {arXiv}
}""",
}

#: key -> BibTeX entry
ENTRIES = MappingProxyType({key: entry.strip() for key, entry in _ENTRIES.items()})
