"""The checks of `dcc_selfcheck.py`, one module for each DCC. Run by the DCC's own Python: 3.9, stdlib."""
