"""Parameters of models: names, units, bounds, and values for many nodes."""

import numpy as np
import pytest

from tripartite import networks as tn
from tripartite.errors import InputError

MODELS = [tn.AdEx, tn.AdExAstro, tn.IafCondAlpha, tn.IafCondAlphaAstro, tn.LiRinzel, tn.Parrot]
MODELS += [tn.Static, tn.Tsodyks, tn.Sic, tn.Poisson, tn.InhomogeneousPoisson, tn.SpikeTimes]
MODELS += [tn.DirectCurrent, tn.StepCurrent, tn.AlternatingCurrent, tn.CurrentNoise]


@pytest.mark.parametrize("model", MODELS)
def test_names_of_nest_lead_there_and_back(model):
    values = model().nest_values()
    assert model.from_nest(values) == model()
    for name, each in model.parameters().items():
        assert each.nest_name == name
        assert each.name.startswith(name)
        assert each.doc.endswith(".")
        if each.role == "series":
            assert getattr(model(), each.name) == ()
        else:
            assert getattr(model(), each.name) == each.default


@pytest.mark.parametrize(
    ("name", "ours"),
    [("C_m", "C_m_pF"), ("tau_syn_ex", "tau_syn_ex_ms"), ("b", "b_pA"), ("V_m", "V_m_mV")],
)
def test_our_name_is_that_of_nest_with_the_unit(name, ours):
    assert tn.AdEx.parameters()[name].name == ours


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="tau_syn_ex"):
        tn.AdEx.from_nest({"tau_syn_exc": 2.0})
    with pytest.raises(TypeError):
        tn.AdEx(tau_syn_ex=2.0)


BAD = [
    (tn.AdEx, "C_m_pF", 0.0),
    (tn.AdEx, "tau_w_ms", -1.0),
    (tn.AdEx, "t_ref_ms", -0.1),
    (tn.AdEx, "Delta_T_mV", -1.0),
    (tn.AdEx, "gsl_error_tol", 0.0),
    (tn.AdEx, "g_ex_nS", -1.0),
    (tn.AdEx, "I_e_pA", np.nan),
    (tn.AdEx, "I_e_pA", np.inf),
    (tn.AdEx, "I_e_pA", "much"),
    (tn.AdEx, "V_m_mV", [-70.0, np.nan]),
    (tn.IafCondAlpha, "tau_syn_in_ms", 0.0),
    (tn.LiRinzel, "Ca_tot_uM", 0.0),
    (tn.LiRinzel, "h_IP3R", 1.1),
    (tn.LiRinzel, "IP3_uM", -0.1),
    (tn.LiRinzel, "Ca_astro_uM", -0.1),
    (tn.LiRinzel, "rate_L_per_ms", -1e-9),
    (tn.Tsodyks, "U", 1.1),
    (tn.Tsodyks, "U", -0.1),
    (tn.Tsodyks, "tau_rec_ms", 0.0),
    (tn.Tsodyks, "tau_psc_ms", 0.0),
    (tn.Tsodyks, "tau_fac_ms", -1.0),
    (tn.Tsodyks, "u", 2.0),
    (tn.Static, "delay_ms", 0.0),
    (tn.Static, "weight", np.inf),
    (tn.Poisson, "rate", -1.0),
    (tn.CurrentNoise, "std_pA", -1.0),
    (tn.CurrentNoise, "dt_ms", 0.0),
    (tn.SpikeTimes, "spike_times_ms", [0.0, 1.0]),
    (tn.StepCurrent, "amplitude_times_ms", [0.0]),
    (tn.InhomogeneousPoisson, "rate_values", [-1.0]),
]


@pytest.mark.parametrize(("model", "name", "value"), BAD)
def test_a_value_beyond_its_bounds_is_named(model, name, value):
    with pytest.raises(InputError, match=name):
        model(**{name: value})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: tn.AdEx(V_reset_mV=0.0), "V_reset must be below V_peak"),
        (lambda: tn.AdEx(V_reset_mV=np.array([-60.0, 1.0])), "V_reset must be below V_peak"),
        (lambda: tn.AdEx(V_peak_mV=-52.0), "V_peak must not be below V_th"),
        (lambda: tn.AdEx(Delta_T_mV=0.05), "overflows"),
        (lambda: tn.IafCondAlpha(V_reset_mV=-55.0), "V_reset must be below V_th"),
        (lambda: tn.Tsodyks(x=0.7, y=0.4), "x . y must be at most 1"),
        (lambda: tn.CurrentNoise(std_pA=1.0, std_mod_pA=2.0), "std_mod_pA"),
    ],
)
def test_values_that_do_not_fit_one_another_are_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_drawn_values_are_checked_where_they_are_drawn():
    net = tn.Network(seed=1)
    with pytest.raises(InputError, match="C_m_pF"):
        net.population("bad", tn.AdEx(C_m_pF=tn.Normal(1.0, 5.0)), 100)
    with pytest.raises(InputError, match="V_reset"):
        net.population("bad", tn.AdEx(V_reset_mV=tn.Uniform(-60.0, 60.0)), 100)
    assert net.populations == []


@pytest.mark.parametrize("shape", [(3,), (5,), (4, 1)])
def test_an_array_must_have_one_number_for_each_node(shape):
    with pytest.raises(InputError, match=r"C_m_pF must be a number or an array of shape \(4,\)"):
        tn.Network(seed=1).population("bad", tn.AdEx(C_m_pF=np.full(shape, 200.0)), 4)


def test_values_are_numbers_where_all_have_the_same_and_arrays_elsewhere():
    drawn = tn.AdEx(I_e_pA=tn.Uniform(1.0, 2.0), b_pA=[1.0, 2.0, 3.0]).drawn(3, seed=5, owner=2)
    assert drawn["C_m"] == 281.0
    assert drawn["b"].tolist() == [1.0, 2.0, 3.0]
    assert drawn["I_e"].shape == (3,)
    again = tn.AdEx(I_e_pA=tn.Uniform(1.0, 2.0)).drawn(3, seed=5, owner=2)["I_e"]
    other = tn.AdEx(I_e_pA=tn.Uniform(1.0, 2.0)).drawn(3, seed=5, owner=3)["I_e"]
    assert np.array_equal(again, drawn["I_e"])
    assert not np.isin(other, again).any()


def test_models_do_not_change():
    with pytest.raises(AttributeError):
        tn.AdEx().C_m_pF = 3.0
