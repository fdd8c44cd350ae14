"""Blender windows for tests, benchmarks and pictures. Python 3.11 or newer; `driver.py` runs in Blender."""
