import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np

from tripartite.core.environment import (
    count_cores,
    describe_environment,
    find_version,
    list_requirements,
)


def test_versions_are_those_of_the_running_libraries():
    environment = describe_environment()
    assert environment["numpy"] == np.__version__
    assert environment["python"] == "{}.{}.{}".format(*sys.version_info)


def test_the_date_is_now_in_universal_time():
    date = datetime.fromisoformat(describe_environment()["date"])
    assert abs(datetime.now(UTC) - date) < timedelta(seconds=60)


def test_cores_are_those_that_this_process_may_use():
    assert 1 <= count_cores() <= (os.cpu_count() or 1)
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
        "from tripartite.core.environment import count_cores; print(count_cores())"
    )
    if hasattr(os, "sched_setaffinity"):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert run.stdout.strip() == "1", run.stderr


def test_requirements_are_told_apart_by_extra():
    assert {"numpy", "pynapple", "fsspec"} <= set(list_requirements())
    assert "torch" not in list_requirements()
    assert list_requirements("cloud") == ("gcsfs", "s3fs")


def test_an_absent_library_has_no_version():
    assert find_version("a-library-that-nobody-wrote") is None
