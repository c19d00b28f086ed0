"""Running networks in NEST: on clusters of machines, and as the referee of our own engine."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Literal

import numpy as np

from tripartite.core.checks import check_option
from tripartite.core.recording import Recording
from tripartite.errors import InputError, MissingExtraError, SimulationError
from tripartite.networks.devices.device import Device
from tripartite.networks.distributions import Distribution, Lognormal, Normal, Uniform
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.network import Connection, Network, Probe
from tripartite.networks.nodes import Nodes, Population
from tripartite.networks.projection import Projection
from tripartite.networks.realisation import check_weights
from tripartite.networks.results import recording_of
from tripartite.networks.rules.all_to_all import AllToAll
from tripartite.networks.rules.fixed_indegree import FixedIndegree
from tripartite.networks.rules.fixed_outdegree import FixedOutdegree
from tripartite.networks.rules.fixed_total_number import FixedTotalNumber
from tripartite.networks.rules.one_to_one import OneToOne
from tripartite.networks.rules.pairwise_bernoulli import PairwiseBernoulli
from tripartite.networks.rules.pairwise_poisson import PairwisePoisson
from tripartite.networks.rules.symmetric_pairwise_bernoulli import SymmetricPairwiseBernoulli
from tripartite.networks.rules.third_factor import ThirdFactorPool
from tripartite.networks.synapses.synapse import Synapse

Connections = Literal["realised", "rules"]

# So many connections are handed over at once: 16 MB for each of their values.
_BLOCK = 2_000_000
# NEST takes seeds up to this one.
_LAST_SEED = 2**32 - 2

_RULES: Mapping[type, dict[str, Any]] = {
    AllToAll: {"rule": "all_to_all"},
    FixedIndegree: {"rule": "fixed_indegree"},
    FixedOutdegree: {"rule": "fixed_outdegree"},
    FixedTotalNumber: {"rule": "fixed_total_number"},
    OneToOne: {"rule": "one_to_one"},
    PairwiseBernoulli: {"rule": "pairwise_bernoulli"},
    PairwisePoisson: {"rule": "pairwise_poisson"},
    SymmetricPairwiseBernoulli: {
        "rule": "symmetric_pairwise_bernoulli",
        "allow_autapses": False,
        "make_symmetric": True,
    },
    ThirdFactorPool: {"rule": "third_factor_bernoulli_with_pool"},
}
_RULE_FIELDS = {
    "autapses": "allow_autapses",
    "multapses": "allow_multapses",
    "mean": "pairwise_avg_num_conns",
    "n": "N",
}


def simulate_with_nest(
    network: Network,
    n_steps: int,
    *,
    n_threads: int | None = None,
    connections: Connections = "realised",
) -> Recording:
    """Run a network in NEST from time 0, after emptying NEST's kernel.

    Parameters of nodes are the same as in our engine. Random input (Poisson spikes, noise) is drawn
    by NEST and depends on the number of its threads and processes. NEST leaves out the first sample
    of a probe whose offset is one step.

    Parameters
    ----------
    network : Network
        What to run.
    n_steps : int
        Length of the run in steps of the grid.
    n_threads : int, optional
        Threads of each process of NEST; by default 1.
    connections : {"realised", "rules"}
        Whether NEST gets the connections that our engine would have, edge by edge, or draws
        connections of its own by the same rules. The latter serves networks whose edges do not fit
        into the memory of one machine.

    Returns
    -------
    Recording
        As of `tripartite.networks.simulate`. With ``connections="rules"``, ``truth`` has for each
        kind of connection its rule and number in place of the edges. Under MPI each process runs
        the same script and returns what its own nodes did: other nodes are silent and their samples
        are NaN.

    Raises
    ------
    MissingExtraError
        If NEST is not installed.
    InputError
        If NEST has no counterpart of a part of the network.
    SimulationError
        If NEST gives up, for example because a neuron becomes unstable.
    """
    check_option(connections, ("realised", "rules"), name="connections")
    try:
        nest = importlib.import_module("nest")
    except ImportError as error:
        raise MissingExtraError("nest", "nest") from error
    run = _Run(nest, network, n_threads or 1)
    made = None
    if connections == "realised":
        for number, projection in enumerate(network.projections()):
            run.connect_edges(number, projection)
    else:
        made = [each for kind in network.connections for each in run.connect_by_rule(kind)]
    run.record(n_steps)
    run.simulate(n_steps)
    return recording_of(network, run, n_steps, engine="nest", precision="exact", connections=made)


class _Run:
    """A network in NEST's kernel, where nodes have the ids that they have in the network."""

    def __init__(self, nest: Any, network: Network, n_threads: int) -> None:
        self.nest, self.network = nest, network
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.resolution = network.resolution_ms
        nest.local_num_threads = n_threads
        nest.rng_seed = 1 + (network.seed - 1) % _LAST_SEED
        self.created = [self._create(each) for each in network.populations]
        self.spike_recorder: Any = None
        self.multimeters: list[Any] = []

    def _create(self, population: Population) -> Any:
        model, grid = population.model, self.network.grid
        if (
            not isinstance(model, NodeModel | Device)
            or model.model_name not in self.nest.node_models
        ):
            raise InputError(
                "NEST must have each model of the network",
                got=f"{model.model_name} of {population.name!r}",
                do='Run it with engine="kernel"',
            )
        values = model.drawn(population.size, self.network.seed, population.number)
        given: dict[str, Any] = {}
        for name, value in values.items():
            if np.ndim(value):
                given[name] = list(value) if population.size > 1 else value[0]  # type: ignore[index]
            elif np.isfinite(value):  # NEST's own defaults say what is endless
                given[name] = value
        for name, each in model.parameters().items():
            if each.role == "series" and getattr(model, each.name):  # NEST refuses empty lists
                given[name] = list(getattr(model, each.name))
        for times in (name for name in given if name.endswith("_times")):
            given[times] = list(grid.times_ms(np.rint(np.array(given[times]) / grid.resolution_ms)))
        if "spike_multiplicities" in given:
            given["spike_multiplicities"] = [int(n) for n in given["spike_multiplicities"]]
        if "rate_times" in given:
            _start_after_0(given, grid.resolution_ms)
        return self.nest.Create(model.model_name, population.size, params=given)

    def connect_edges(self, number: int, projection: Projection) -> None:
        """Make the connections of a projection, in blocks."""
        edges, values = projection.edges, projection.values
        pre, post = projection.pre, projection.post
        spec, per_edge = self._synapse(f"realised_{number}", projection.synapse, values, pre)
        sources, targets = pre.ids, post.ids
        for begin in range(0, len(edges.targets), _BLOCK):
            entries = np.arange(begin, min(begin + _BLOCK, len(edges.targets)))
            if edges.copies is not None:
                entries = np.repeat(entries, edges.copies[entries])
            rows = np.searchsorted(edges.first, entries, side="right") - 1
            own = {
                name: value[entries] if np.ndim(value) else np.full(len(entries), value)
                for name, value in per_edge.items()
            }
            self.nest.Connect(
                sources[rows], targets[edges.targets[entries]], "one_to_one", {**spec, **own}
            )

    def connect_by_rule(self, connection: Connection) -> Iterator[dict[str, Any]]:
        """Have NEST draw connections; yield what each kind of them is, and how many there are."""
        pre, post, third = connection.pre, connection.post, connection.third
        parts = {"primary": (pre, post, connection.rule, connection.synapse)}
        if third is not None:
            parts["third_in"] = (pre, third.nodes, third.rule, third.third_in)
            parts["third_out"] = (third.nodes, post, third.rule, third.third_out)
        specs = {}
        for role, (sources, targets, _, synapse) in parts.items():
            values = self._drawn_by_nest(synapse, sources, targets)
            name = f"{role}_{connection.number}"
            spec, own = self._synapse(name, type(synapse), values, sources)
            specs[role] = {**spec, **own}
        before, n_thirds = self.nest.num_connections, 0
        ends = self._collection(pre), self._collection(post)
        rule = _nest_rule(connection.rule)
        if third is None:
            self.nest.Connect(*ends, rule, specs["primary"])
        else:
            thirds, model = self._collection(third.nodes), specs["third_out"]["synapse_model"]
            self.nest.TripartiteConnect(*ends, thirds, rule, _nest_rule(third.rule), specs)
            n_thirds = self.nest.GetDefaults(model, "num_connections")
        n_made = self.nest.num_connections - before
        for role, (sources, targets, drawn_by, synapse) in parts.items():
            yield {
                "pre": {each.name: indices for each, indices in sources.parts},
                "post": {each.name: indices for each, indices in targets.parts},
                "role": role,
                "rule": repr(drawn_by),
                "synapse": synapse.model_name,
                "n_connections": n_made - 2 * n_thirds if role == "primary" else n_thirds,
                **{name: str(value) for name, value in synapse.nest_values().items()},
            }

    def _drawn_by_nest(self, synapse: Synapse, pre: Nodes, post: Nodes) -> dict[str, Any]:
        """Return the values of a synapse, with NEST's distributions in place of ours."""
        values = synapse.nest_values()
        for name, value in values.items():
            if isinstance(value, Distribution):
                values[name] = _nest_distribution(self.nest, value)
            elif np.ndim(value):
                raise InputError(
                    "Values of connections that NEST draws must be numbers or distributions",
                    got=f"an array for {name}",
                    do='Use connections="realised"',
                )
        if not isinstance(synapse.delay_ms, Distribution):
            self.network.grid.steps(synapse.delay_ms, name="delay_ms", least=1)
        if not isinstance(synapse.weight, Distribution):
            check_weights(synapse.weight, pre, post)
        return values

    def _synapse(
        self, name: str, synapse: type[Synapse], values: Mapping[str, Any], pre: Nodes
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what NEST is told of all connections of a kind, and of each one.

        Numbers that all share become the defaults of a named variant of the model, so that they
        need not be repeated for each connection.
        """
        if "tau_psc" in values and np.any(values["tau_psc"] == values["tau_rec"]):
            raise InputError(
                "tau_psc_ms must differ from tau_rec_ms in NEST, which divides by their difference",
                got=np.max(values["tau_psc"]),
                do="Change one of them by a millionth",
            )
        if any(isinstance(each.model, Device) for each in pre.populations):
            # All connections of a device must be of one model, those to recorders too.
            return {"synapse_model": synapse.model_name}, dict(values)
        shared = {key: value for key, value in values.items() if isinstance(value, int | float)}
        self.nest.CopyModel(synapse.model_name, name, shared)
        own = {key: value for key, value in values.items() if key not in shared}
        return {"synapse_model": name}, own

    def _collection(self, nodes: Nodes) -> Any:
        """Return nodes as NEST has them."""
        if all(len(chosen) == each.size for each, chosen in nodes.parts):
            first, *others = (self.created[each.number] for each in nodes.populations)
            return sum(others, first)
        return self.nest.NodeCollection(nodes.ids.tolist())

    def record(self, n_steps: int) -> None:
        """Add what records spikes and samples up to a step."""
        stop = float(self.network.grid.times_ms(n_steps))
        if self.nest.num_connections:
            delay = self.nest.min_delay  # recorders must not make NEST exchange more often
        else:
            delay = max(1.0, self.network.resolution_ms)
        ids = [_spiking_ids(nodes) for nodes in self.network.recorded_spikes()]
        if any(len(each) for each in ids):
            senders = self.nest.NodeCollection(np.unique(np.concatenate(ids)).tolist())
            settings = {"time_in_steps": True, "stop": stop}
            self.spike_recorder = self.nest.Create("spike_recorder", params=settings)
            self.nest.Connect(senders, self.spike_recorder, syn_spec={"delay": delay})
        for probe in self.network.probes:
            multimeter = self.nest.Create("multimeter", params=_probe_settings(probe, stop))
            nodes = self._collection(probe.nodes)
            self.nest.Connect(multimeter, nodes, syn_spec={"delay": delay})
            self.multimeters.append(multimeter)

    def simulate(self, n_steps: int) -> None:
        """Run, and a little on, because NEST holds samples back until the next slice."""
        try:
            with self.nest.RunManager():
                self.nest.Run(float(self.network.grid.times_ms(n_steps)))
                self.nest.Run(self.nest.min_delay)
        except self.nest.NESTErrors.KernelException as error:
            raise SimulationError(
                "NEST must be able to run the network", got=" ".join(str(error).split())
            ) from error

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and steps of all spikes, ordered by step, then id."""
        if self.spike_recorder is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        events = self.spike_recorder.events
        ids, steps = (events[name].astype(np.int64) for name in ("senders", "times"))
        order = np.lexsort((ids, steps))
        return ids[order], steps[order]

    def samples(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps and the values of a probe, as `Collector.samples` does."""
        probe, events = self.network.probes[number], self.multimeters[number].events
        steps, rows = np.unique(events["times"].astype(np.int64), return_inverse=True)
        columns = np.searchsorted(probe.nodes.ids, events["senders"])
        values = np.full((len(steps), len(probe.nodes), len(probe.variables)), np.nan)
        for k, variable in enumerate(probe.variables if len(steps) else ()):
            values[rows, columns, k] = events[variable]
        return steps, values


def _start_after_0(given: dict[str, Any], resolution_ms: float) -> None:
    """Move a rate from time 0, which NEST refuses, to the first step; no spike comes before it."""
    times = np.maximum(given["rate_times"], resolution_ms)
    kept = np.append(np.diff(times) > 0, True)[: len(times)]
    given["rate_times"] = list(times[kept])
    given["rate_values"] = list(np.asarray(given["rate_values"])[kept])


def _spiking_ids(nodes: Nodes) -> np.ndarray:
    """Return the ids of the nodes that NEST can record spikes of."""
    ids = [
        each.first_id + chosen
        for each, chosen in nodes.parts
        if getattr(each.model, "spikes", getattr(each.model, "gives", "")) in (True, "spikes")
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *ids])


def _probe_settings(probe: Probe, stop_ms: float) -> dict[str, Any]:
    if "SIC" in probe.variables:
        raise InputError(
            "NEST must be able to record each variable",
            got="SIC, the current that astrocytes send",
            do="Record Ca_astro of the astrocytes, or I_SIC of the neurons",
        )
    return {
        "record_from": list(probe.variables),
        "interval": probe.interval_ms,
        "start": probe.start_ms,
        "stop": max(min(stop_ms, probe.stop_ms), probe.start_ms),
        "time_in_steps": True,
        **({"offset": probe.offset_ms} if probe.offset_ms else {}),
    }


def _nest_rule(rule: Any) -> dict[str, Any]:
    """Return a rule as NEST spells it."""
    if type(rule) not in _RULES:
        raise InputError(
            "NEST must have each rule", got=repr(rule), do='Use connections="realised"'
        )
    given = {each.name: getattr(rule, each.name) for each in fields(rule)}
    named = {_RULE_FIELDS.get(name, name): value for name, value in given.items()}
    return {key: value for key, value in named.items() if value is not None} | _RULES[type(rule)]


def _nest_distribution(nest: Any, distribution: Distribution) -> Any:
    match distribution:
        case Uniform(low=low, high=high):
            return nest.random.uniform(low, high)
        case Normal(mean=mean, sd=sd):
            return nest.random.normal(mean, sd)
        case Lognormal(mean=mean, sd=sd):
            return nest.random.lognormal(mean, sd)
    raise InputError("NEST must have each distribution", got=repr(distribution))
