# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender for Buildcat: panel and integration. Nothing is imported here, so naming this package costs nothing."""

bl_info = {  # for Blender 3.4 to 4.1, which know no manifests
    "name": "Buildcat",
    "author": "The Buildcat authors",
    "version": (1, 0, 0),
    "blender": (3, 4, 0),
    "location": "Properties > Output > Buildcat",
    "description": "Render on your studio's farm",
    "category": "Render",
}


def register() -> None:
    """Bring the panel up. Called by Blender when the add-on is enabled."""
    from buildcat_blender.panel import registration

    registration.register()


def unregister() -> None:
    """Take the panel away, with all that it has started."""
    from buildcat_blender.panel import registration

    registration.unregister()
