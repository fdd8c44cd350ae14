from buildcat_houdini.rop_node import dry_run, jobs, submit
