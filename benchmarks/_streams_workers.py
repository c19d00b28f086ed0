"""One measurement of one system, in a process of its own: prints its numbers as JSON.

Runs under any interpreter that has the system: ``python _streams_workers.py SYSTEM TASK FOLDER
N_SAMPLES N_SHARDS``.
"""

import json
import os
import random
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIDE, BATCH, N_SELECTED = 256, 32, 64


def frames(n):
    """Yield images and metadata; a few different images, so that making them costs nothing."""
    images = np.random.default_rng(0).integers(0, 255, (64, SIDE, SIDE), dtype=np.uint8)
    for i in range(n):
        yield images[i % 64], {"t_index": i, "t": i * 0.7, "mouse": f"m{i % 7}"}


def anonymous_mb():
    """Return the memory of this process that no file backs (MB)."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon")) / 1024


def consume(batches, get_image):
    """Touch every batch; return samples, and the peak of anonymous memory."""
    n, peak, total = 0, 0.0, 0
    for k, batch in enumerate(batches):
        image = get_image(batch)
        n += len(image)
        total += int(image[0, 0, 0])
        if k % 64 == 0:
            peak = max(peak, anonymous_mb())
    return n, peak


class Tripartite:
    """The library, all checks on."""

    def __init__(self, folder):
        import tripartite

        self.lib, self.folder = tripartite, folder

        @tripartite.packable
        class Frame:
            image: NDArray
            metadata: dict | None = None

        self.Frame = Frame

    def open(self):
        return self.lib.Dataset(str(self.folder), self.Frame)

    def write(self, n, per_shard):
        samples = (self.Frame(image, metadata) for image, metadata in frames(n))
        self.lib.write_samples(
            samples, self.folder / "frames.tar", maxcount=per_shard, overwrite=True
        )

    def count_without_index(self):
        for sidecar in self.folder.glob("*.idx"):
            sidecar.rename(sidecar.with_suffix(".kept"))
        n = len(self.open())
        for sidecar in self.folder.glob("*.kept"):
            sidecar.replace(sidecar.with_suffix(".idx"))
        return n

    def ordered(self):
        return consume(self.open().ordered(batch_size=BATCH), lambda batch: batch.image)

    def shuffled(self):
        return consume(self.open().shuffled(batch_size=BATCH, seed=0), lambda batch: batch.image)

    def selector(self):
        return self.open().select, 100


class Atdata:
    """atdata, as its own documentation uses it."""

    def __init__(self, folder):
        import atdata

        self.lib, self.folder = atdata, folder

        @atdata.packable
        class Frame:
            image: NDArray
            metadata: dict | None = None

        self.Frame = Frame

    def open(self):
        last = len(list(self.folder.glob("*.tar"))) - 1
        return self.lib.Dataset[self.Frame](f"{self.folder}/frames-{{000000..{last:06d}}}.tar")

    def write(self, n, per_shard):
        self.folder.mkdir(exist_ok=True)
        samples = (self.Frame(image=image, metadata=metadata) for image, metadata in frames(n))
        self.lib.write_samples(samples, str(self.folder / "frames.tar"), maxcount=per_shard)

    def count_without_index(self):
        return len(self.open())

    def ordered(self):
        return consume(self.open().ordered(batch_size=BATCH), lambda batch: batch.image)

    def shuffled(self):
        return consume(self.open().shuffled(batch_size=BATCH), lambda batch: batch.image)

    def selector(self):
        return self.open().select, 1


class Webdataset:
    """Plain webdataset: one .npy and one .json member a sample."""

    def __init__(self, folder):
        import webdataset

        self.lib, self.folder = webdataset, folder

    def write(self, n, per_shard):
        self.folder.mkdir(exist_ok=True)
        with self.lib.ShardWriter(
            f"{self.folder}/frames-%06d.tar", maxcount=per_shard, verbose=0
        ) as sink:
            for i, (image, metadata) in enumerate(frames(n)):
                sink.write({"__key__": f"{i:09d}", "image.npy": image, "metadata.json": metadata})

    def _pipeline(self, *, shuffle):
        urls = sorted(map(str, self.folder.glob("*.tar")))
        dataset = self.lib.WebDataset(urls, shardshuffle=len(urls) if shuffle else False)
        dataset = dataset.shuffle(10_000) if shuffle else dataset
        return dataset.decode().to_tuple("image.npy", "metadata.json").batched(BATCH)

    def ordered(self):
        return consume(self._pipeline(shuffle=False), lambda batch: np.asarray(batch[0]))

    def shuffled(self):
        return consume(self._pipeline(shuffle=True), lambda batch: np.asarray(batch[0]))


def measure(call):
    """Return the wall and CPU seconds of a call, and what it returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def run_task(system, task, n, n_shards):
    """Run one task; return its numbers."""
    if task == "open":
        wall, _, found = measure(system.count_without_index)
        assert found == n, (found, n)
        return {"seconds": wall}
    if task == "select":
        select, rounds = system.selector()
        wanted = [random.Random(k).sample(range(n), N_SELECTED) for k in range(rounds)]
        select(wanted[0])
        wall, cpu, _ = measure(lambda: [len(select(indices)) for indices in wanted])
        n_done, peak = rounds * N_SELECTED, anonymous_mb()
    elif task == "write":
        wall, cpu, _ = measure(lambda: system.write(n, n // n_shards))
        n_done, peak = n, anonymous_mb()
    else:
        wall, cpu, (n_done, peak) = measure(getattr(system, task))
        assert n_done == n, (n_done, n)
    return {"rate": n_done / wall, "cpu_us": cpu / n_done * 1e6, "peak_mb": peak}


def run_limits(folder, n):
    """Return how fast this machine reads a file in order, and copies memory, in frames a second."""
    folder.mkdir(exist_ok=True)
    path = folder / "raw"
    frame = np.zeros((SIDE, SIDE), np.uint8)
    with path.open("wb") as file:
        for _ in range(min(n, 4000)):
            file.write(frame)
    size = path.stat().st_size

    def read():
        block = bytearray(1 << 20)
        with path.open("rb", buffering=0) as file:
            while file.readinto(block):
                pass

    read()
    source, target = np.ones((64, SIDE, SIDE), np.uint8), np.zeros((64, SIDE, SIDE), np.uint8)
    reading = measure(read)[0]
    copying = measure(lambda: [np.copyto(target, source) for _ in range(50)])[0]
    path.unlink()
    return {"read": size / frame.nbytes / reading, "copy": 50 * 64 / copying}


if __name__ == "__main__":
    name, task, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    n_samples, n_shards = int(sys.argv[4]), int(sys.argv[5])
    os.environ.setdefault("TQDM_DISABLE", "1")
    if name == "limits":
        print(json.dumps(run_limits(folder, n_samples)))
    else:
        system = {"tripartite": Tripartite, "atdata": Atdata, "webdataset": Webdataset}[name](
            folder
        )
        print(json.dumps(run_task(system, task, n_samples, n_shards)))
