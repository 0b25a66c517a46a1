"""What the statements of related papers are about, defined exactly: a module each, in numbers that only need arithmetic.

Functions take nested sequences of integers, ``Fraction`` objects or symbols and use field operations and comparisons alone.
"""
