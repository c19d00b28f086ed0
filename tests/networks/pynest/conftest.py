"""An empty kernel for each test."""

import pytest

import tripartite.networks.pynest as face


@pytest.fixture
def nest():
    face.ResetKernel()
    yield face
    face.ResetKernel()
