"""A double of Maya: `maya.cmds`, `maya.mel`, `maya.standalone`, and the commands of renderers' plug-ins."""
