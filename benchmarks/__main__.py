"""Run every benchmark: ``python -m benchmarks [--quick]``."""

import argparse

from benchmarks import streams

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("--quick", action="store_true", help="small data, to see that all of them run")
streams.run(streams.Settings.quick() if parser.parse_args().quick else streams.Settings())
