"""One run of one system, in a process of its own: prints its numbers as JSON.

Runs under any interpreter that has the system: ``python _networks_workers.py SYSTEM TASK
SETTINGS``, with the settings as JSON.
"""

import json
import sys
import time

import numpy as np

SEED = 100
N_EXCITATORY, N_INHIBITORY, N_ASTROCYTES, N_TRACED = 8000, 2000, 10000, 50
NOISE_HZ, P_THIRD, POOL_SIZE, W_A2N = 2000.0, 0.5, 10, 0.01
# What the costs of single operations are measured with.
EVENT_SOURCES, EVENT_TARGETS, EVENT_HZ, SIC_SOURCES = 1000, 1000, 50.0, 100


def measure(call):
    """Return the wall and CPU seconds of a call, and what it returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return time.perf_counter() - wall, time.process_time() - cpu, result


class Tripartite:
    """The library, through the functions that users call."""

    def __init__(self):
        from tripartite import networks

        self.tn = networks
        for needed in ("Simulation", "AdExAstro", "ThirdFactor"):  # names are loaded when used
            getattr(networks, needed)
        from tripartite.networks.results import Collector, recording_of
        from tripartite.workflows.astrocyte_brunel import astrocyte_brunel

        self.astrocyte_brunel, self.collect, self.record = astrocyte_brunel, Collector, recording_of

    def load(self, precision="exact", threads=1):
        """Compile what is needed, or load it: run a small network for a moment."""
        net = self.astrocyte_brunel(0.01, n_recorded=10, n_traced=5)
        self._run(self._simulation(net, precision, threads), 20)

    def _simulation(self, net, precision="exact", threads=1):
        return self.tn.Simulation(net, precision=precision, n_threads=threads)

    def _run(self, simulation, n_steps):
        collector = self.collect(simulation.network)
        for chunk in simulation.run(n_steps):
            collector.add(chunk)
        return collector

    def example(self, scale, p, ms, threads, precision):
        def build():
            n = round(scale * (N_EXCITATORY + N_INHIBITORY))
            net = self.astrocyte_brunel(scale, seed=SEED, p=p, n_recorded=n, n_traced=N_TRACED)
            return net, net.projections(n_threads=threads)

        load = measure(lambda: self.load(precision, threads))[0]
        built, built_cpu, (net, projections) = measure(build)
        n_steps = round(ms / net.resolution_ms)
        run, run_cpu, collector = measure(
            lambda: self._run(self._simulation(net, precision, threads), n_steps)
        )
        result, _, recording = measure(
            lambda: self.record(net, collector, n_steps, engine="kernel", precision=precision)
        )
        ids, steps = collector.spikes()
        return {
            "load": load,
            "build": built,
            "build_cpu": built_cpu,
            "simulate": run,
            "simulate_cpu": run_cpu,
            "result": result,
            "n_connections": sum(each.n_connections for each in projections),
            "n_spikes": len(ids),
            "rate": float((steps > 1000).sum() / len(recording.spikes) / max(ms / 1e3 - 0.1, 0.1)),
            "calcium": float(recording.signals["astro_Ca_astro"].d[-1].mean()),
            "n_events": _count_events(ids, projections),
            "n_sic_pairs": sum(
                len(each.edges.targets) for each in projections if each.role == "third_out"
            ),
        }

    def cost(self, kind, n, ms):
        """Return what a simulated second of a network without most of its parts costs."""
        tn = self.tn
        net = tn.Network(seed=SEED)
        if kind != "astrocytes":
            neurons = net.population("neurons", tn.AdExAstro(tau_syn_ex_ms=2.0), n)
        if kind == "input":
            net.connect(net.population("noise", tn.Poisson(rate=NOISE_HZ)), neurons)
        if kind in ("astrocytes", "both", "sic"):
            model = tn.LiRinzel(IP3_uM=0.5, IP3_0_uM=0.5, Ca_astro_uM=0.3)
            astro = net.population("astro", model, n)
        if kind == "sic":
            net.connect(astro, neurons, tn.FixedIndegree(indegree=SIC_SOURCES), tn.Sic(weight=1e-6))
        if kind in ("unwired", "wired"):
            parrots = net.population("parrots", tn.Parrot(), EVENT_SOURCES)
            net.connect(net.population("noise", tn.Poisson(rate=EVENT_HZ)), parrots)
            net.record_spikes(parrots)
        if kind == "wired":
            rule = tn.FixedOutdegree(outdegree=EVENT_TARGETS)
            net.connect(parrots, neurons, rule, tn.Tsodyks(weight=1e-6, delay_ms=2.0))
        n_made = sum(each.n_connections for each in net.projections())
        simulation = self._simulation(net)

        def run(ms):
            collector = self._run(simulation, round(ms / net.resolution_ms))
            return len(collector.spikes()[0])

        return {"n_connections": n_made, **_per_second(run, ms)}


def _per_second(run, ms):
    """Return CPU seconds and spikes per simulated second, without what each run begins with."""
    run(ms / 10)
    _, short_cpu, n_short = measure(lambda: run(ms / 10))
    _, long_cpu, n_long = measure(lambda: run(ms))
    seconds = 0.9e-3 * ms
    return {"cpu": (long_cpu - short_cpu) / seconds, "n_spikes": (n_long - n_short) / seconds}


def _count_events(ids, projections):
    """Return how many connections spikes went through."""
    n = 0
    counts = np.bincount(ids)
    for each in projections:
        if each.role != "third_out":
            sources = each.pre.ids
            known = sources < len(counts)
            n += int(counts[sources[known]] @ each.edges.out_degrees()[known])
    return n


class Nest:
    """NEST, through PyNEST, as its own documentation uses it."""

    def __init__(self):
        import nest

        self.nest = nest

    def load(self, precision="exact", threads=1):
        """Do nothing: all of it is compiled and loaded."""

    def _empty(self, threads):
        nest = self.nest
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.local_num_threads = threads
        nest.rng_seed = SEED
        return nest

    def example(self, scale, p, ms, threads, precision):
        nest = self._empty(threads)
        built, built_cpu, (neurons, exc, astro) = measure(lambda: self._build(scale, p))
        spikes = nest.Create("spike_recorder")
        nest.Connect(neurons, spikes)
        state = nest.Create("multimeter", params={"record_from": ["IP3", "Ca_astro"]})
        nest.Connect(state, astro[:N_TRACED])
        current = nest.Create("multimeter", params={"record_from": ["I_SIC"]})
        nest.Connect(current, exc[:N_TRACED])
        run, run_cpu, _ = measure(lambda: nest.Simulate(ms))
        result, _, (times, traces) = measure(lambda: (spikes.events["times"], state.events))
        last = traces["times"] == traces["times"].max()
        return {
            "load": 0.0,
            "build": built,
            "build_cpu": built_cpu,
            "simulate": run,
            "simulate_cpu": run_cpu,
            "result": result,
            "n_connections": nest.num_connections,
            "n_spikes": len(times),
            "rate": float((times > 100.0).sum() / len(neurons) / max(ms / 1e3 - 0.1, 0.1)),
            "calcium": float(traces["Ca_astro"][last].mean()),
        }

    def _build(self, scale, p):
        nest = self.nest
        synapses = {"tau_syn_ex": 2.0, "tau_syn_in": 4.0}
        model = "aeif_cond_alpha_astro"
        exc = nest.Create(model, round(scale * N_EXCITATORY), params=synapses)
        inh = nest.Create(model, round(scale * N_INHIBITORY), params=synapses)
        ip3 = {"IP3": 0.4, "delta_IP3": 0.5, "tau_IP3": 2.0}
        astro = nest.Create("astrocyte_lr_1994", round(scale * N_ASTROCYTES), params=ip3)
        noise = nest.Create("poisson_generator", params={"rate": NOISE_HZ})
        plastic = {"synapse_model": "tsodyks_synapse", "weight": 1.0, "delay": 2.0, "tau_psc": 2.0}
        nest.Connect(noise, exc + inh)
        nest.TripartiteConnect(
            exc,
            exc + inh,
            astro,
            conn_spec={"rule": "pairwise_bernoulli", "p": p},
            third_factor_conn_spec={
                "rule": "third_factor_bernoulli_with_pool",
                "p": P_THIRD,
                "pool_size": POOL_SIZE,
            },
            syn_specs={
                "primary": dict(plastic),
                "third_in": dict(plastic),
                "third_out": {"synapse_model": "sic_connection", "weight": W_A2N},
            },
        )
        inhibiting = plastic | {"weight": -4.0, "delay": 1.0, "tau_psc": 4.0}
        nest.Connect(inh, exc + inh, {"rule": "pairwise_bernoulli", "p": p}, inhibiting)
        return exc + inh, exc, astro

    def cost(self, kind, n, ms):
        """Return what a simulated second of a network without most of its parts costs."""
        nest = self._empty(1)
        if kind != "astrocytes":
            neurons = nest.Create("aeif_cond_alpha_astro", n, params={"tau_syn_ex": 2.0})
        if kind == "input":
            nest.Connect(nest.Create("poisson_generator", params={"rate": NOISE_HZ}), neurons)
        if kind in ("astrocytes", "both", "sic"):
            state = {"IP3": 0.5, "IP3_0": 0.5, "Ca_astro": 0.3}
            astro = nest.Create("astrocyte_lr_1994", n, params=state)
        if kind == "sic":
            rule = {"rule": "fixed_indegree", "indegree": SIC_SOURCES}
            sic = {"synapse_model": "sic_connection", "weight": 1e-6}
            nest.Connect(astro, neurons, rule, sic)
        spikes = nest.Create("spike_recorder")
        if kind in ("unwired", "wired"):
            parrots = nest.Create("parrot_neuron", EVENT_SOURCES)
            nest.Connect(nest.Create("poisson_generator", params={"rate": EVENT_HZ}), parrots)
            nest.Connect(parrots, spikes)
        else:  # so that all exchange equally often
            nest.Connect(neurons if kind != "astrocytes" else nest.Create("parrot_neuron"), spikes)
        if kind == "wired":
            rule = {"rule": "fixed_outdegree", "outdegree": EVENT_TARGETS}
            plastic = {"synapse_model": "tsodyks_synapse", "weight": 1e-6, "delay": 2.0}
            nest.Connect(parrots, neurons, rule, plastic)

        def run(ms):
            before = spikes.n_events
            nest.Simulate(ms)
            return spikes.n_events - before

        return {"n_connections": nest.num_connections, **_per_second(run, ms)}


class Limits:
    """What one core of this machine can do at most, in loops as simple as the operations allow."""

    def __init__(self):
        import numba

        self.njit = numba.njit

    def rates(self, n):
        """Return floating-point operations, and additions to scattered places, per second."""

        @self.njit(fastmath={"contract"})
        def multiply_and_add(values, times):
            for _ in range(times):
                for i in range(values.size):
                    x = y = values[i]
                    for _ in range(32):
                        x = x * y + 0.5
                    values[i] = x * 1e-9

        @self.njit
        def scatter(totals, targets, weight):
            for target in targets:
                totals[target] += weight

        values, totals = np.full(1024, 0.5), np.zeros(N_EXCITATORY + N_INHIBITORY)
        rows = np.random.default_rng(0).integers(0, len(totals), (n // 1000, 1000), dtype=np.int32)
        rows.sort(axis=1)
        targets = rows.ravel()
        multiply_and_add(values, 1)
        scatter(totals, targets[:1], 1.0)
        times = max(n // 100, 1)
        computing = min(measure(lambda: multiply_and_add(values, times))[1] for _ in range(5))
        adding = min(measure(lambda: scatter(totals, targets, 1.0))[1] for _ in range(5))
        return {"flops": 64 * 1024 * times / computing, "additions": len(targets) / adding}


if __name__ == "__main__":
    name, task, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    importing, _, system = measure({"tripartite": Tripartite, "nest": Nest, "limits": Limits}[name])
    done, _, numbers = measure(lambda: getattr(system, task)(**settings))
    print(json.dumps({"import": importing, "seconds": done, **(numbers or {})}))
