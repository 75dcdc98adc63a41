"""python -m lenspipe: the same as the command lenspipe."""

from lenspipe.cli import main

main()
