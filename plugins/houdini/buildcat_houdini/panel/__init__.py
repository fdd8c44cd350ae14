"""The half of the plugin that runs in an artist's Houdini. Nothing here is imported by a worker."""
