"""Loads Buildcat's plug-in as soon as Maya's window is up. Maya runs this when it starts."""

from maya import cmds

if not cmds.about(batch=True):
    cmds.evalDeferred("from maya import cmds; cmds.loadPlugin('buildcatPlugin.py', quiet=True)", lowestPriority=True)
