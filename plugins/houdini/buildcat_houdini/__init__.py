"""Houdini for Buildcat: shelf, ROP and integration. Nothing is imported here, so naming this package costs nothing."""
