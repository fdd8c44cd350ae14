"""Buildcat for Maya: what a worker runs inside mayapy, and the menu inside Maya."""
