"""Instances of a claim: integer codes, the numbers they decode to, and the families that claims quantify over."""
