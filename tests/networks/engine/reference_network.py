"""What a network does by definition: every node and every connection has a state of its own.

Nothing is merged, skipped or vectorised, and nothing is shared with the engine but the description:
plain Python that can be read beside the equations. All times are in steps of the grid.
"""

from collections import defaultdict
from math import ceil, e, exp, expm1, floor, inf, log, pi, sin

from tripartite import networks as tn
from tripartite.networks.models.node_model import NodeModel

# Runge-Kutta-Fehlberg 4(5).
STAGES = (
    (1 / 4,),
    (3 / 32, 9 / 32),
    (1932 / 2197, -7200 / 2197, 7296 / 2197),
    (439 / 216, -8, 3680 / 513, -845 / 4104),
    (-8 / 27, 2, -3544 / 2565, 1859 / 4104, -11 / 40),
)
FIFTH = (16 / 135, 0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55)
ERROR = (1 / 360, 0, -128 / 4275, -2197 / 75240, 1 / 50, 2 / 55)


def ahead(y, h, weights, slopes):
    return [a + h * sum(w * k[i] for w, k in zip(weights, slopes)) for i, a in enumerate(y)]  # noqa: B905


def substep(slopes, y, now, end, trial, absolute, relative):
    """One accepted substep with the step control of the GNU Scientific Library."""
    h, reaches = (end - now, True) if trial > end - now else (trial, False)
    while True:
        k = [slopes(y)]
        for weights in STAGES:
            k.append(slopes(ahead(y, h, weights, k)))
        after = ahead(y, h, FIFTH, k)
        off = ahead([0.0] * len(y), h, ERROR, k)
        scales = [absolute + relative * abs(h * slope) for slope in slopes(after)]
        q = max(abs(a) / scale for a, scale in zip(off, scales, strict=True))
        reached = end if reaches else now + h
        if q > 1.1:
            shorter = h * max(0.2, 0.9 * q**-0.2)
            if shorter < h and reached + shorter != reached:
                h, reaches = shorter, False
                continue
        elif q < 0.5:
            return after, reached, h * (5.0 if q == 0 else min(5.0, max(1.0, 0.9 * q ** (-1 / 6))))
        return after, reached, h


def alpha_slopes(dg, g, tau):
    return -dg / tau, dg - g / tau


class Node:
    """What every node has: parameters by NEST's names, a state, and what acts on it."""

    def __init__(self, model, values, dt):
        self.p, self.dt = values, dt
        self.y = [values.get(name, 0.0) for name in model.State._fields]
        self.names = model.State._fields
        self.trial, self.rest = dt, 0
        self.stimulus = self.sic = 0.0
        self.n_rest = ceil(floor(1000 * values.get("t_ref", 0) + 0.5) / round(1000 * dt))

    def integrate(self, absolute, relative, after=None):
        now = 0.0
        while now < self.dt:
            self.y, now, self.trial = substep(
                self.slopes, self.y, now, self.dt, self.trial, absolute, relative
            )
            if after is not None:
                after()

    def receive(self, excited, inhibited):
        self.y[1] += excited * e / self.p["tau_syn_ex"]
        self.y[3] += inhibited * e / self.p["tau_syn_in"]

    def value(self, name):
        others = {"I_SIC": self.sic, "SIC": self.sic, "t_ref_remaining": self.rest * self.dt}
        return self.y[self.names.index(name)] if name in self.names else others[name]


class AdEx(Node):
    def slopes(self, y):
        p, (V, dg_ex, g_ex, dg_in, g_in, w) = self.p, y
        v = p["V_reset"] if self.rest > 0 else min(V, p["V_peak"])
        current = p["I_e"] + self.stimulus + self.sic - w - p["g_L"] * (v - p["E_L"])
        current -= g_ex * (v - p["E_ex"]) + g_in * (v - p["E_in"])
        if p["Delta_T"] > 0:
            current += p["g_L"] * p["Delta_T"] * exp((v - p["V_th"]) / p["Delta_T"])
        dV = 0.0 if self.rest > 0 else current / p["C_m"]
        excited = alpha_slopes(dg_ex, g_ex, p["tau_syn_ex"])
        inhibited = alpha_slopes(dg_in, g_in, p["tau_syn_in"])
        return [dV, *excited, *inhibited, (p["a"] * (v - p["E_L"]) - w) / p["tau_w"]]

    def advance(self):
        self.spikes = 0
        tolerance = self.p["gsl_error_tol"]
        self.integrate(tolerance, tolerance, self.reset)
        self.rest -= self.rest > 0
        return self.spikes

    def reset(self):
        p = self.p
        if self.rest > 0:
            self.y[0] = p["V_reset"]
        elif self.y[0] >= (p["V_peak"] if p["Delta_T"] > 0 else p["V_th"]):
            self.y[0] = p["V_reset"]
            self.y[5] += p["b"]
            self.rest = self.n_rest + 1 if self.n_rest else 0
            self.spikes += 1


class Iaf(Node):
    def slopes(self, y):
        p, (V, dg_ex, g_ex, dg_in, g_in) = self.p, y
        v = p["V_reset"] if self.rest > 0 else min(V, p["V_th"])
        current = p["I_e"] + self.stimulus + self.sic - p["g_L"] * (v - p["E_L"])
        current -= g_ex * (v - p["E_ex"]) + g_in * (v - p["E_in"])
        dV = 0.0 if self.rest > 0 else current / p["C_m"]
        excited = alpha_slopes(dg_ex, g_ex, p["tau_syn_ex"])
        return [dV, *excited, *alpha_slopes(dg_in, g_in, p["tau_syn_in"])]

    def advance(self):
        self.integrate(1e-3, 0.0)
        resting, spiking = self.rest > 0, self.rest == 0 and self.y[0] >= self.p["V_th"]
        self.rest = self.n_rest if spiking else self.rest - resting
        if resting or spiking:
            self.y[0] = self.p["V_reset"]
        return int(spiking)


class Astrocyte(Node):
    def slopes(self, y):
        p, (P, C, h) = self.p, y
        c = min(max(C, 0.0), p["Ca_tot"])
        E = (p["Ca_tot"] - c) / p["ratio_ER_cyt"]
        m, n = P / (P + p["Kd_IP3_1"]), c / (c + p["Kd_act"])
        channel = p["ratio_ER_cyt"] * p["rate_IP3R"] * (m * n * h) ** 3 * (E - c)
        pump = p["rate_SERCA"] * c**2 / (p["Km_SERCA"] ** 2 + c**2)
        opening = p["Kd_inh"] * (P + p["Kd_IP3_1"]) / (P + p["Kd_IP3_2"])
        return [
            (p["IP3_0"] - P) / p["tau_IP3"],
            channel - pump + p["ratio_ER_cyt"] * p["rate_L"] * (E - c) + self.stimulus,
            p["k_IP3R"] * (opening * (1 - h) - c * h),
        ]

    def advance(self):
        self.integrate(1e-3, 0.0)
        self.y[1] = min(max(self.y[1], 0.0), self.p["Ca_tot"])
        above = (self.y[1] - self.p["SIC_th"]) * 1000
        self.sic = self.p["SIC_scale"] * log(above) if above > 1 else 0.0
        return 0

    def receive(self, excited, inhibited):
        assert inhibited == 0
        self.y[0] += self.p["delta_IP3"] * excited


class Parrot(Node):
    def advance(self):
        return 0


KINDS = {"adex": AdEx, "iaf": Iaf, "li_rinzel": Astrocyte, "parrot": Parrot}


class Edge:
    """One connection, with a plasticity and a delay of its own."""

    def __init__(self, source, target, values, delay):
        self.source, self.target, self.delay, self.p = source, target, delay, values
        self.plastic = "tau_rec" in values
        self.x, self.y, self.u = (values.get(name, 0.0) for name in "xyu")
        self.last = 0.0

    def carried(self, now):
        """Weight of a spike at a time (ms)."""
        if not self.plastic:
            return self.p["weight"]
        p, H, self.last = self.p, now - self.last, now
        psc, rec, fac = p["tau_psc"], p["tau_rec"], p["tau_fac"]
        Py, Q = exp(-H / psc), expm1(-H / rec)
        z = 1 - self.x - self.y
        self.x += (Q * rec - (Py - 1) * psc) / (psc - rec) * self.y - Q * z
        self.y *= Py
        self.u *= exp(-H / fac) if fac > 0 else 0.0
        self.u += p["U"] * (1 - self.u)
        released = self.u * self.x
        self.x, self.y = self.x - released, self.y + released
        return released * p["weight"]


def current_at(p, step, dt):
    """What a generator of currents sends at a step."""
    start, stop = ((p.origin_ms + t) / dt for t in (p.start_ms, p.stop_ms))
    if step < 1 or not round(start) <= step < (round(stop) if stop < inf else inf):
        return 0.0
    if isinstance(p, tn.DirectCurrent):
        return p.amplitude_pA
    if isinstance(p, tn.StepCurrent):
        pairs = zip(p.amplitude_times_ms, p.amplitude_values_pA, strict=True)
        return next((v for t, v in reversed(list(pairs)) if round(t / dt) <= step), 0.0)
    angle = 2 * pi * p.frequency * step * dt / 1000 + p.phase_deg * pi / 180
    return p.offset_pA + p.amplitude_pA * sin(angle)


def given_by(p, dt):
    """Steps of a spike generator, with the factor on the weight of each spike."""
    start, stop = ((p.origin_ms + t) / dt for t in (p.start_ms, p.stop_ms))
    spikes = defaultdict(list)
    for k, time in enumerate(p.spike_times_ms):
        step = round((p.origin_ms + time) / dt)
        n = int(p.spike_multiplicities[k]) if p.spike_multiplicities else 1
        if round(start) < step <= (round(stop) if stop < inf else inf):
            spikes[step] += n * [p.spike_weights[k] if p.spike_weights else 1.0]
    return spikes


class ReferenceNetwork:
    """A network that is run step by step."""

    def __init__(self, network):
        self.dt, self.step = network.resolution_ms, 0
        self.nodes, self.currents, self.generators = {}, {}, {}
        for each in network.populations:
            if isinstance(each.model, NodeModel):
                drawn = each.model.drawn(each.size, network.seed, each.number)
                for k, node in enumerate(each.ids.tolist()):
                    values = {
                        n: float(v[k]) if hasattr(v, "shape") else v for n, v in drawn.items()
                    }
                    self.nodes[node] = KINDS[each.model.kind](each.model, values, self.dt)
            else:
                kept = self.generators if each.model.gives == "spikes" else self.currents
                kept |= dict.fromkeys(each.ids.tolist(), each.model)
        self.given = {node: given_by(p, self.dt) for node, p in self.generators.items()}
        self.edges, self.currents_to, self.sic_to = defaultdict(list), [], []
        for each in network.projections():
            self._connect(each)
        self.due = defaultdict(lambda: [0.0, 0.0, 0])
        self.sent = {node: [0.0] for node in self.nodes}
        self.spikes = []

    def _connect(self, projection):
        columns = {name: projection.value(name) for name in projection.values}
        sources, targets = projection.ids()
        for k, (source, target) in enumerate(zip(sources.tolist(), targets.tolist(), strict=True)):
            values = {name: float(column[k]) for name, column in columns.items()}
            edge = Edge(source, target, values, round(values["delay"] / self.dt))
            if projection.synapse.carries_sic:
                self.sic_to.append(edge)
            elif source in self.currents:
                self.currents_to.append(edge)
            else:
                self.edges[source].append(edge)

    def run(self, n_steps):
        """Move on; return after each step so that values can be looked at."""
        for _ in range(n_steps):
            self.step += 1
            yield self._advance(self.step)

    def _advance(self, now):
        fired = [(node, 1.0) for node, n in self.nodes.items() for _ in range(n.advance())]
        for node, each in self.nodes.items():
            excited, inhibited, count = self.due.pop((now, node), (0.0, 0.0, 0))
            if isinstance(each, Parrot):
                fired += count * [(node, 1.0)]
            else:
                each.receive(excited, inhibited)
        self.spikes += sorted((now, node) for node, _ in fired)
        fired += [(node, factor) for node, given in self.given.items() for factor in given[now]]
        for node, factor in fired:
            for edge in self.edges[node]:
                weight = factor * edge.carried(now * self.dt)
                due = self.due[now + edge.delay, edge.target]
                due[0 if weight >= 0 else 1] += abs(weight)
                due[2] += 1
        self._load_currents(now)
        return self

    def _load_currents(self, now):
        """What acts in the next step: currents sent a delay ago."""
        stimulus, sic = defaultdict(float), defaultdict(float)
        for edge in self.currents_to:
            amplitude = current_at(self.currents[edge.source], now - edge.delay, self.dt)
            stimulus[edge.target] += edge.p["weight"] * amplitude
        for node, each in self.nodes.items():
            if isinstance(each, Astrocyte):
                self.sent[node].append(each.sic)
        for edge in self.sic_to:
            if now >= edge.delay:
                sic[edge.target] += edge.p["weight"] * self.sent[edge.source][now - edge.delay]
        for node, each in self.nodes.items():
            each.stimulus = stimulus[node]
            if not isinstance(each, Astrocyte):
                each.sic = sic[node]
