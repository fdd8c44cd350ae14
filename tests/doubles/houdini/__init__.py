"""A Houdini that can't be had here: `hou` made of its type stubs, and executables that run our real scripts on it."""
