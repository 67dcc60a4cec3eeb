"""``python -m einthoven``: the command line."""

from .cli import main

main()
