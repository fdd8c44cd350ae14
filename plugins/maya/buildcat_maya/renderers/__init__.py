"""The renderers: what each needs set, how it names its pictures, and how one frame is rendered. Runs inside mayapy.

Each is a class of one shape, in a module of its own; a new renderer is one class more, and its line in `known.py`.
"""
