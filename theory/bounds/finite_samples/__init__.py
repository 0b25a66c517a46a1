"""Estimates from finitely many tasks and samples."""
