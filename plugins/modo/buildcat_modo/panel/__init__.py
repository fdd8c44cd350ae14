"""The commands of the kit inside Modo, and the window that they open."""
