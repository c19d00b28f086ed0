"""Shards in s3 buckets, on a server of the same protocol where one is installed."""

import socket

import numpy as np
import pytest

import tripartite as tp

boto3 = pytest.importorskip("boto3", reason="boto3, s3fs and moto[server] are not installed")
pytest.importorskip("s3fs", reason="boto3, s3fs and moto[server] are not installed")
server = pytest.importorskip("moto.server", reason="moto[server] is not installed")


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=port)
    running.start()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}")
    client.create_bucket(Bucket="frames")
    samples = ({"x": np.full((300, 300), i, "float32")} for i in range(30))
    tp.write_samples(samples, tmp_path / "f.tar", maxcount=10)
    for path in tmp_path.glob("f-*"):
        client.upload_file(str(path), "frames", f"data/{path.name}")
    yield tp.Remote(storage={"endpoint_url": f"http://127.0.0.1:{port}"}, retries=1)
    running.stop()


@pytest.mark.parametrize("source", ["data/f-{000000..000002}.tar", "data/", "data/*.tar"])
def test_a_bucket_is_read_like_a_folder(bucket, source):
    dataset = tp.Dataset(f"s3://frames/{source}", remote=bucket)
    assert len(dataset) == 30
    assert dataset[17].x[0, 0] == 17
    seen = [x[0, 0] for batch in dataset.shuffled(batch_size=7, seed=0) for x in batch.x]
    assert sorted(seen) == list(range(30))


def test_a_missing_object_is_named(bucket):
    with pytest.raises(tp.TripartiteError, match=r"not found: s3://frames/none\.tar"):
        len(tp.Dataset("s3://frames/none.tar", remote=bucket))
