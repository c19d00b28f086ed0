"""Kernel attributes, functions of the module, and errors."""

import subprocess
import sys

import numpy as np
import pytest

from tripartite.errors import InputError, TripartiteError
from tripartite.networks.pynest import errors


def test_attributes_are_read_and_set_like_variables(nest):
    nest.resolution = 0.5
    nest.set(local_num_threads=2, rng_seed=7)
    nest.SetKernelStatus({"print_time": True, "overwrite_files": True})
    assert nest.get("resolution") == nest.resolution == 0.5
    assert nest.total_num_virtual_procs == 2
    assert nest.GetKernelStatus(["rng_seed", "print_time"]) == (7, True)
    assert nest.kernel_status["overwrite_files"] is True
    assert nest.tics_per_step == 500
    nest.ResetKernel()
    assert nest.get() == nest.GetKernelStatus()
    assert (nest.resolution, nest.local_num_threads, nest.rng_seed) == (0.1, 1, 143202461)
    assert nest.print_time is False


def test_attributes_are_listed(nest):
    assert {"resolution", "Create", "raster_plot", "get", "set", "num_connections"} <= set(
        dir(nest)
    )


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("resolution", 0.00015, "KernelException"),
        ("resolution", -1.0, "KernelException"),
        ("rng_seed", 0, "BadProperty"),
        ("rng_seed", 2**32, "BadProperty"),
        ("rng_seed", 1.5, "TypeMismatch"),
        ("rng_type", "dice", "BadProperty"),
        ("local_num_threads", 0, "BadProperty"),
        ("print_time", 1, "TypeMismatch"),
        ("data_path", "/no/such/folder", "BadProperty"),
        ("biological_time", 3.0, "BadProperty"),
        ("num_connections", 3, "UnknownAttribute"),
        ("min_delay", 0.5, "BadProperty"),
        ("use_wfr", True, "NotImplemented"),
        ("resolutoin", 0.1, "UnknownAttribute"),
        ("Create", None, "UnknownAttribute"),
    ],
)
def test_attributes_that_cannot_be_set_say_so(nest, name, value, error):
    with pytest.raises(getattr(nest.NESTErrors, error)):
        setattr(nest, name, value)


def test_unknown_attributes_offer_the_nearest(nest):
    with pytest.raises(AttributeError, match="Did you mean 'resolution'"):
        _ = nest.resolutoin
    with pytest.raises(KeyError, match="Did you mean 'rng_seed'"):
        nest.get("rng_sed")
    with pytest.raises(ValueError, match="is read only"):
        nest.SetKernelStatus({"network_size": 5})
    with pytest.raises(ValueError, match="must be known"):
        nest.set(bar=1)


@pytest.mark.parametrize(
    "name", ["spatial", "Disconnect", "CollocatedSynapses", "ll_api", "server"]
)
def test_what_is_not_supported_is_named(nest, name):
    with pytest.raises(AttributeError, match=f"must be supported.*{name}"):
        getattr(nest, name)


@pytest.mark.parametrize(("name", "value"), [("resolution", 0.2), ("local_num_threads", 2)])
def test_the_grid_and_the_threads_are_fixed_with_the_first_node(nest, name, value):
    nest.Create("parrot_neuron")
    setattr(nest, name, getattr(nest, name))
    with pytest.raises(nest.NESTError):
        setattr(nest, name, value)
    nest.rng_seed = 3
    assert nest.rng_seed == 3


def test_delays_can_be_bounded(nest):
    assert (nest.min_delay, nest.max_delay) == (0.1, 0.1)
    nest.set(min_delay=0.5, max_delay=2.0)
    parrots = nest.Create("parrot_neuron", 2)
    nest.Connect(parrots, parrots, syn_spec={"delay": 1.5})
    with pytest.raises(nest.NESTErrors.BadDelay):
        nest.Connect(parrots, parrots, syn_spec={"delay": 3.0})
    assert (nest.min_delay, nest.max_delay) == (0.5, 2.0)
    with pytest.raises(nest.NESTErrors.BadProperty):
        nest.set(min_delay=2.0, max_delay=1.0)


def test_delays_are_those_of_all_connections(nest):
    parrots, recorder = nest.Create("parrot_neuron", 2), nest.Create("spike_recorder")
    nest.Connect(parrots, parrots, syn_spec={"delay": 1.5})
    assert (nest.min_delay, nest.max_delay) == (1.5, 1.5)
    nest.Connect(parrots, recorder, syn_spec={"delay": 3.0})
    nest.Connect(parrots, parrots, "one_to_one", {"delay": [0.5, 1.0]})
    assert (nest.min_delay, nest.max_delay) == (0.5, 3.0)


def test_verbosity_is_kept(nest):
    nest.set_verbosity("M_ERROR")
    assert nest.get_verbosity() == nest.verbosity == nest.VerbosityLevel.ERROR == 30
    nest.verbosity = nest.VerbosityLevel.WARNING
    assert nest.get_verbosity() == 20
    with pytest.raises(nest.NESTErrors.BadProperty, match="Did you mean 'ERROR'"):
        nest.set_verbosity("M_EROR")


def test_there_is_one_process(nest):
    assert (nest.Rank(), nest.NumProcesses(), nest.num_processes) == (0, 1, 1)
    nest.SyncProcesses()
    assert "tsodyks_synapse" in nest.Models("synapses", "syn")


@pytest.mark.parametrize(
    "name", ["BadProperty", "IllegalConnection", "UnknownNode", "BadDelay", "NumericalInstability"]
)
def test_errors_bear_the_names_of_nest_and_are_ours(name):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.NESTError)
    assert issubclass(kind, InputError)
    assert issubclass(kind, TripartiteError)


def test_time_runs_on_from_call_to_call(nest):
    nest.Create("parrot_neuron")
    nest.Simulate(5.0)
    nest.Prepare()
    nest.Run(1.0)
    nest.Run(0.5)
    nest.Cleanup()
    with nest.RunManager():
        nest.Run(1.0)
    nest.Simulate(0.0)
    assert nest.biological_time == 7.5
    assert nest.time_simulate > 0


def test_a_failed_call_leaves_the_kernel_ready(nest):
    nest.Create("parrot_neuron")
    for time, error in {0.05: "BadParameter", -1.0: "BadParameter", "a": "BadType"}.items():
        with pytest.raises(getattr(nest.NESTErrors, error)):
            nest.Simulate(time)
    nest.Simulate(1.0)
    assert nest.biological_time == 1.0


def test_runs_need_preparation_once(nest):
    with pytest.raises(nest.NESTError, match="Prepare"):
        nest.Run(1.0)
    nest.Prepare()
    for call in (nest.Prepare, lambda: nest.Simulate(1.0)):
        with pytest.raises(nest.NESTError, match="Cleanup"):
            call()
    nest.Cleanup()


def test_the_progress_goes_to_standard_error(nest, capsys):
    nest.print_time = True
    nest.Create("iaf_cond_alpha")
    nest.Simulate(10.0)
    told = capsys.readouterr()
    assert "100%] 10.0 of 10 ms" in told.err
    assert told.out == ""


def test_importing_the_face_draws_nothing():
    code = "import sys, tripartite.networks.pynest; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_an_unstable_neuron_is_named(nest):
    neuron = nest.Create("aeif_cond_alpha", 2, {"I_e": [0.0, -1e6]})
    with pytest.raises(nest.NESTErrors.NumericalInstability, match="2"):
        nest.Simulate(100.0)
    assert np.isfinite(neuron[0].V_m)
