"""Expressions evaluated in doubles, in exact rationals and their enclosures, and in balls."""
