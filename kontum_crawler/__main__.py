"""`python -m kontum_crawler` is `kontum`."""

from kontum_crawler.cli import main

main()
