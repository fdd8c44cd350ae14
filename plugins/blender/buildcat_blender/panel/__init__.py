# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in Blender's Output properties. Runs in Blender 3.4 to 5.x only."""
