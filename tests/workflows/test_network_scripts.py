import pytest

from tripartite.errors import InputError
from tripartite.workflows.network_scripts import read_network_script

GOOD = """
from tripartite import networks as tn
duration = 0.5

def network(seed=3):
    net = tn.Network(seed=seed)
    net.population("cells", tn.AdEx(), 2)
    return net
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "my_network.py"
        path.write_text(text)
        return path

    return write


def test_a_file_gives_its_network_and_times(write):
    script = read_network_script(write(GOOD))
    assert script.network.seed == 3
    assert [each.name for each in script.network.populations] == ["cells"]
    assert (script.duration, script.warm_up) == (0.5, None)


def test_a_seed_is_passed_on(write):
    assert read_network_script(write(GOOD), seed=8).network.seed == 8


def test_a_file_is_not_run_as_a_main_program(write):
    assert read_network_script(write(GOOD + "if __name__ == '__main__': 1 / 0"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", r"must define a function network\(\)"),
        ("network = 3", r"must define a function network\(\)"),
        (
            "def network(): return 3",
            r"what network\(\) of my_network\.py returns must be a Network",
        ),
        ("import nothing_of_this_name", "my_network.py, line 1: ModuleNotFoundError"),
        ("def network():\n    return 1 / 0", "my_network.py, line 2: ZeroDivisionError"),
        ("def network(:", "SyntaxError"),
        (GOOD.replace("0.5", "'long'"), "duration in my_network.py must be a int or float"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(write, text, message):
    with pytest.raises(InputError, match=message):
        read_network_script(write(text))


def test_a_function_without_a_seed_cannot_be_given_one(write):
    path = write("from tripartite import networks as tn\ndef network(): return tn.Network()")
    assert read_network_script(path)
    with pytest.raises(InputError, match="must take a seed"):
        read_network_script(path, seed=1)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"'astrocyte-brunel' or a Python file.*astrocyte-brunnel"):
        read_network_script(tmp_path / "astrocyte-brunnel")
