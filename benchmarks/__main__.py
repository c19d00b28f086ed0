"""Run benchmarks: ``python -m benchmarks [--quick]``, or one: ``python -m benchmarks networks``."""

import argparse
import sys

from benchmarks import networks, streams

SUBJECTS = {"streams": streams, "networks": networks}

if len(sys.argv) > 1 and sys.argv[1] in SUBJECTS:
    SUBJECTS[sys.argv.pop(1)].main()  # which has options of its own
else:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small data, to see that all run")
    quick = parser.parse_args().quick
    for subject in SUBJECTS.values():
        subject.run(subject.Settings.quick() if quick else subject.Settings())
