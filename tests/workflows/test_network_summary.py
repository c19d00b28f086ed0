import numpy as np
import pynapple as nap
import pytest

from tripartite.core.recording import Recording
from tripartite.errors import InputError
from tripartite.workflows.network_summary import draw_network, find_activity, measure_network

SUPPORT = nap.IntervalSet(0, 1)


@pytest.fixture
def recording():
    trains = {1: np.arange(1, 101) / 100, 2: np.arange(1, 51) / 50, 3: np.array([0.05])}
    times = np.arange(1, 1001) / 1000
    return Recording(
        source="simulated",
        spikes=nap.TsGroup(
            {unit: nap.Ts(t=t, time_support=SUPPORT) for unit, t in trains.items()},
            time_support=SUPPORT,
            metadata={"population": ["exc", "exc", "inh"]},
        ),
        signals={
            "astro_IP3": nap.TsdFrame(t=times, d=np.outer(times, [1.0, 3.0]), time_support=SUPPORT)
        },
        metadata={"duration": 1.0, "populations": {"exc": 2}, "astro_IP3_unit": "uM"},
    )


def test_the_warm_up_is_drawn_and_left_out_of_the_numbers(recording):
    activity = measure_network(recording, warm_up=0.1)
    assert activity.firing.n_spikes.tolist() == [90 + 45, 0]
    np.testing.assert_allclose(activity.firing.rate, [75, 0])
    assert len(activity.rates.rate) == 200
    assert len(activity.averages["IP3"].time) == 1000
    np.testing.assert_allclose(activity.settled["IP3"].time[[0, -1]], [0.1, 1.0])


def test_findings_hold_mean_deviation_and_n(recording):
    exc, inh, ip3 = find_activity(measure_network(recording))
    assert (exc.name, exc.value, exc.unit) == ("Rate of exc", "75 ± 35", "Hz")
    assert "over 2 recorded nodes with 150 spikes" in exc.meaning
    assert inh.value == "1"
    assert "regularity is not known" in inh.meaning
    assert (ip3.value, ip3.unit) == ("1.00 ± 0.71", "µM")
    assert "At the end of the run it is 2.0 ± 1.4 µM." in ip3.meaning


def test_tables_hold_every_bin_and_time(recording):
    tables = {n: table for n, (table, _) in measure_network(recording).to_tables().items()}
    assert {name: len(table) for name, table in tables.items()} == {
        "firing": 2, "rates": 200, "averages": 1000,
    }  # fmt: skip
    assert set(tables["averages"]["variable"]) == {"IP3"}


def test_only_what_was_recorded_is_drawn(recording, tmp_path):
    lone = recording.replace(spikes=None)
    figures = draw_network(tmp_path, lone, measure_network(lone), prefix="network/")
    assert [figure.path for figure in figures] == ["network/dynamics.png"]
    quiet = recording.replace(signals={})
    figures = draw_network(tmp_path, quiet, measure_network(quiet))
    assert [figure.path for figure in figures] == ["raster.png"]
    assert "IP3" not in str(measure_network(quiet).to_tables())


def test_a_recording_of_nothing_is_refused(recording):
    with pytest.raises(InputError, match="must record"):
        measure_network(recording.replace(spikes=None, signals={}))
