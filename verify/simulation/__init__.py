"""Finite samples: predictions beside simulations, decisions at a budget, and the data and tasks they are made of."""
