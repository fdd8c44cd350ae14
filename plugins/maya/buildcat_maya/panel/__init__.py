"""The menu, the window and the command inside Maya."""
