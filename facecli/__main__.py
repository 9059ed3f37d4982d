"""`python -m facecli`."""

from facecli.cli.main import run

if __name__ == "__main__":
    run()
