"""Statements as K. Gao and O. Sener printed them, for audit."""
