import numpy as np
import pynapple as nap
import pytest

from tripartite.analysis.track import linearise
from tripartite.core.recording import Recording
from tripartite.errors import InputError
from tripartite.testing.synthetic.linear_track import make_linear_track
from tripartite.workflows.linear_track import TrackSettings, analyse_linear_track

SETTINGS = TrackSettings(
    run_speed=8.0, rest_speed=4.0, max_offset=20.0, sigma_bins=0.8, n_shuffles=200
)


@pytest.fixture(scope="module")
def recording():
    return make_linear_track(n_laps=25, seed=4)


@pytest.fixture(scope="module")
def session(recording):
    return analyse_linear_track(recording, SETTINGS)


@pytest.fixture(scope="module")
def units(recording):
    return recording.truth["units"].set_index("unit")


def test_the_linear_position_is_the_true_one(recording, session):
    truth = recording.truth["linear_position"].values
    np.testing.assert_allclose(session.linear.position.values, truth, atol=3)
    exact = linearise(recording.signals["position"], recording.truth["vertices"])
    np.testing.assert_allclose(exact.position.values, truth, atol=1.5)


def test_rest_and_runs_are_the_true_ones(recording, session):
    truth = recording.intervals["rest"].values[0]
    # The last pause, at the end of the track, cannot be told from rest.
    np.testing.assert_allclose(session.rest.values[0], truth, atol=2.5)
    for name, sign in (("outbound", 1), ("inbound", -1)):
        true_velocity = np.gradient(recording.truth["linear_position"].values) * 60
        position = session.linear.position
        inside = np.isin(position.t, position.restrict(session.directions[name].runs).t)
        # Smoothing by 0.25 s lengthens each run of 5 to 10 s a little at both ends.
        assert np.mean(sign * true_velocity[inside] > 8) > 0.93
        assert np.mean(inside[sign * true_velocity > 8]) > 0.98


def test_place_cells_are_the_planted_ones(session, units):
    for name, result in session.directions.items():
        tuned = set(units.index[(units["direction"] == name) & units["tuned"]])
        found = set(result.place_cells.tolist())
        assert tuned <= found
        assert not found & set(units.index[~units["tuned"]])


def test_fields_are_where_they_were_planted(session, units):
    for name, result in session.directions.items():
        fields = result.fields.to_frame()
        for unit, truth in units[units["direction"] == name].iterrows():
            best = fields[fields["unit"] == unit].sort_values("peak_rate").iloc[-1]
            blurred = np.hypot(truth["sigma"], 0.8 * 5.0)
            assert best["peak_position"] == pytest.approx(truth["centre"], abs=8)
            assert best["peak_rate"] == pytest.approx(
                truth["rate"] * truth["sigma"] / blurred, rel=0.3
            )
            if not best["cut"]:
                width = 2 * blurred * np.sqrt(2 * np.log(5))
                assert best["width"] == pytest.approx(width, abs=13)


def test_maps_of_tuned_units_are_stable_and_silent_the_other_way(session, units):
    for name, result in session.directions.items():
        tuned = ((units["direction"] == name) & units["tuned"]).to_numpy()
        other = ((units["direction"] != name) & units["tuned"]).to_numpy()
        assert result.stability.correlation[tuned].min() > 0.8
        assert np.nanmax(result.maps.rate[other]) < 1.0


def test_information_is_that_of_the_planted_maps(session, units):
    for name, result in session.directions.items():
        x, occupancy = result.maps.grid.centres, result.maps.occupancy
        for unit, truth in units[units["direction"] == name].iterrows():
            ratio = np.exp(-0.5 * ((x - truth["centre"]) / truth["sigma"]) ** 2)
            p = occupancy / occupancy.sum()
            ratio /= np.sum(p * ratio)
            bits = np.sum(p * ratio * np.log2(np.maximum(ratio, 1e-300)))
            assert result.test.information[unit] == pytest.approx(bits, abs=0.35)


def test_synchrony_is_where_it_was_planted(recording, session):
    moments = recording.truth["synchrony"]
    found = [np.abs(session.synchrony.peak - moment).min() < 0.05 for moment in moments]
    assert np.mean(found) > 0.9
    assert len(session.synchrony.peak) <= len(moments) + 2
    assert session.synchrony_by_chance.mean() < len(moments) / 3


def test_rates_in_rest_are_the_planted_ones(recording, session):
    rest = session.states.states.index("rest")
    planted = 0.5 + 2 * 0.7 * len(recording.truth["synchrony"]) / 120
    assert session.states.rate[:, rest].mean() == pytest.approx(planted, rel=0.15)


def test_the_same_seed_gives_the_same_session():
    first, second = (make_linear_track(n_laps=2, seed=3) for _ in range(2))
    other = make_linear_track(n_laps=2, seed=4)
    for unit in first.spikes:
        np.testing.assert_array_equal(first.spikes[unit].t, second.spikes[unit].t)
    assert any(len(first.spikes[u]) != len(other.spikes[u]) for u in first.spikes)


def test_results_are_tables(session, units):
    frame = session.to_frame()
    assert len(frame) == 2 * len(units)
    assert {"unit", "direction", "information", "p_value", "correlation", "place_cell"} <= set(
        frame
    )


def test_a_simulated_session_goes_through_nwb(recording, tmp_path):
    back = Recording.from_nwb(recording.to_nwb(tmp_path / "session.nwb"))
    assert back.source == "simulated"
    assert back.truth["units"].equals(recording.truth["units"])


def test_an_animal_that_never_runs_is_an_error(recording):
    still = recording.intervals["rest"]
    resting = recording.replace(
        signals={"position": recording.signals["position"].restrict(still)},
        spikes=recording.spikes.restrict(still),
    )
    settings = TrackSettings(run_speed=50.0, rest_speed=40.0, max_offset=20.0)
    with pytest.raises(InputError, match="run and rest"):
        analyse_linear_track(resting, settings)


def test_a_recording_without_position_is_an_error(recording):
    with pytest.raises(InputError, match="position"):
        analyse_linear_track(recording.replace(signals={}), SETTINGS)


@pytest.mark.parametrize(
    "options", [{"n_laps": 0}, {"n_tuned": 0, "n_untuned": 0}, {"rest_duration": 5.0}]
)
def test_a_session_of_nothing_is_refused(options):
    with pytest.raises(InputError):
        make_linear_track(**options)


def test_a_session_without_synchrony_or_tuned_units_can_be_made():
    session = make_linear_track(n_laps=1, n_tuned=0, n_untuned=2, n_synchrony=0, rest_duration=3.0)
    assert len(session.spikes) == 2
    assert isinstance(session.truth["linear_position"], nap.Tsd)
