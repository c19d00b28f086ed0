"""The page of the models says what the models say."""

import inspect
import pkgutil
import runpy
from importlib import import_module
from pathlib import Path

import pytest

from tripartite.networks import devices, models, synapses
from tripartite.networks.parameters import Model

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def maker():
    return runpy.run_path(str(DOCS / "make_network_models.py"))


def find_models():
    for package in (models, synapses, devices):
        for part in pkgutil.iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{part.name}")
            for _, value in inspect.getmembers(module, inspect.isclass):
                if (
                    issubclass(value, Model)
                    and value.model_name
                    and value.__module__ == module.__name__
                ):
                    yield value


def test_the_page_is_what_the_models_say(maker):
    page = (DOCS / "network-models.md").read_text("utf-8")
    assert page == maker["write_page"](), "write it anew: python docs/make_network_models.py"


def test_no_model_is_missing(maker):
    described = {model for group in maker["MODELS"].values() for model in group}
    assert described == set(find_models())
