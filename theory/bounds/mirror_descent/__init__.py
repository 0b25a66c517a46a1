"""Mirror descent with quadratic, entropic and learned maps, and as the inner loop of adaptation (`gao-2022`)."""
