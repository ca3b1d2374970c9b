"""Eval: ratings, exploitability and the report."""
