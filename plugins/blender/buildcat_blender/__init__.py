# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender for Buildcat: panel and integration. Nothing is imported here, so naming this package costs nothing."""
