"""`make release`: what is given out is built from what is committed, and tried where it is new.

`readiness` says what keeps a version from being released. `distributions` builds the wheel and the
sdist from the commit, not from the folder, and holds what is in them to what is committed. `trial`
installs each into an environment of its own and runs the quickstart there, with nothing cached.
Nothing is published: the last lines say by which commands it is.
"""
