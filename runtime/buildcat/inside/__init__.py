"""Runs inside a DCC: Python 3.9, stdlib."""
