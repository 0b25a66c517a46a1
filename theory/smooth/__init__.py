"""General smooth risks: constants of families derived, sines solved by Bessel functions, short runs enumerated in rationals."""
