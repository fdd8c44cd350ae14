"""The words of the farm as data. Imports anywhere: Python 3.9, stdlib, fileseq."""
