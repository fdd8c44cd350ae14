"""Buildcat for Modo: what a worker runs in modo_cl, and the kit inside Modo."""
