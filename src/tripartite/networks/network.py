"""The description of a network: populations, connections, and what is to be recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tripartite.core.checks import check_option, check_type
from tripartite.errors import InputError
from tripartite.networks.devices.device import Device
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.nodes import Nodes, Population
from tripartite.networks.parameters import Model
from tripartite.networks.projection import Projection, Role
from tripartite.networks.random_streams import Purpose, RandomStream
from tripartite.networks.realisation import check_sign, realise
from tripartite.networks.rules.all_to_all import AllToAll
from tripartite.networks.synapses.static import Static
from tripartite.networks.synapses.synapse import Synapse
from tripartite.networks.third_factor import ThirdFactor
from tripartite.networks.time_grid import TimeGrid


@dataclass(frozen=True, kw_only=True, eq=False)
class Connection:
    """What one call of `Network.connect` asked for.

    Parameters
    ----------
    number : int
        Which call, from 0.
    pre, post : Nodes
        Sources and targets.
    rule : object
        Connection rule.
    synapse : Synapse
        Model of the connections.
    third : ThirdFactor, optional
        Which third nodes (astrocytes) take part, and how.
    """

    number: int
    pre: Nodes
    post: Nodes
    rule: Any
    synapse: Synapse
    third: ThirdFactor | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Probe:
    """State variables of some nodes, sampled at regular times.

    Parameters
    ----------
    nodes : Nodes
        Nodes of one kind of model.
    variables : tuple of str
        Names as NEST has them, as in ``model.recordables``.
    interval_ms, offset_ms : float
        Time between samples, and time of the sample before the first (ms).
    start_ms, stop_ms : float
        Samples are taken after `start_ms` and not after `stop_ms`.
    """

    nodes: Nodes
    variables: tuple[str, ...]
    interval_ms: float = 1.0
    offset_ms: float = 0.0
    start_ms: float = 0.0
    stop_ms: float = np.inf


class Network:
    """Neurons, astrocytes and devices, and how they are connected: a description that engines run.

    The same seed gives the same connections, drawn parameters and random input, on any number of
    threads.

    Parameters
    ----------
    seed : int
        Seed of everything random, from 0 to 2**64 - 1.
    resolution_ms : float
        Step of the time grid (ms); delays and times of devices are multiples of it.

    Examples
    --------
    >>> from tripartite import networks as tn
    >>> net = tn.Network(seed=1)
    >>> exc = net.population("exc", tn.AdExAstro(I_e_pA=700.0), 8)
    >>> astro = net.population("astro", tn.LiRinzel(), 4)
    >>> third = tn.ThirdFactor(astro, tn.ThirdFactorPool(p=0.5, pool_size=2))
    >>> _ = net.connect(exc, exc, tn.PairwiseBernoulli(p=0.5), tn.Tsodyks(), third=third)
    >>> net
    <Network: 12 nodes in 2 populations (exc 8, astro 4), 1 kind of connection>
    """

    def __init__(self, seed: int = 1, resolution_ms: float = 0.1) -> None:
        check_type(seed, (int, np.integer), name="seed", do="Pass a whole number, e.g. seed=1")
        RandomStream(int(seed), Purpose.VALUES)  # tells now what seed does not hold
        self.seed = int(seed)
        self.grid = TimeGrid(resolution_ms)
        self.populations: list[Population] = []
        self.connections: list[Connection] = []
        self.probes: list[Probe] = []
        self.weighed: list[tuple[int, Role]] = []
        self._spikes_of: list[Nodes] | None = None
        self._realised: dict[int, tuple[Projection, ...]] = {}

    @property
    def resolution_ms(self) -> float:
        """Step of the time grid (ms)."""
        return self.grid.resolution_ms

    def population(self, name: str, model: Model, n: int = 1) -> Nodes:
        """Add nodes of one model and return them.

        Parameters
        ----------
        name : str
            Name of the population, which no other has.
        model : NodeModel or Device
            Model with its parameters.
        n : int
            Number of nodes.

        Raises
        ------
        InputError
            If the name is taken, or `n` is not a whole number of at least 1.
        """
        check_type(name, str, name="name")
        if not name.strip() or not name.isprintable() or set(name) & {"/", ":"}:
            raise InputError(
                "The name of a population must be printable text without '/' and ':'",
                got=repr(name),
                do="Choose a name like 'exc'",
            )
        check_type(model, Model, name="model", do="Pass for example tn.AdExAstro()")
        check_type(n, (int, np.integer), name="n", do="Pass a whole number of nodes")
        if n < 1:
            raise InputError("A population must have at least 1 node", got=n)
        if any(each.name == name for each in self.populations):
            raise InputError("Each population must have a name of its own", got=repr(name))
        added = Population(
            number=len(self.populations),
            name=name,
            model=model,
            size=int(n),
            first_id=self.n_nodes + 1,
        )
        if isinstance(model, NodeModel):
            model.drawn(added.size, self.seed, added.number)  # tells now what does not hold
        self.populations.append(added)
        return Nodes.whole(added)

    def connect(
        self,
        pre: Nodes,
        post: Nodes,
        rule: Any = None,
        synapse: Synapse | None = None,
        *,
        third: ThirdFactor | None = None,
    ) -> Connection:
        """Connect nodes by a rule.

        Parameters
        ----------
        pre, post : Nodes
            Sources and targets.
        rule : connection rule, optional
            Which pairs are connected; by default all.
        synapse : Synapse, optional
            Model of the connections; by default `Static()`.
        third : ThirdFactor, optional
            Third nodes that take part in the connections, and how.

        Returns
        -------
        Connection
            What was asked for; its edges are drawn when they are first needed (`projections`).

        Raises
        ------
        InputError
            If the nodes cannot be connected this way.
        """
        check_type(pre, Nodes, name="pre")
        check_type(post, Nodes, name="post")
        for nodes in (pre, post):
            self._check_own(nodes)
        added = Connection(
            number=len(self.connections),
            pre=pre,
            post=post,
            rule=rule or AllToAll(),
            synapse=synapse or Static(),
            third=third,
        )
        _check_ends(pre, post, added.synapse)
        check_sign(pre, post, added.synapse)
        if third is not None:
            self._check_own(third.nodes)
            _check_ends(pre, third.nodes, third.third_in)
            check_sign(pre, third.nodes, third.third_in)
            _check_ends(third.nodes, post, third.third_out)
        self.connections.append(added)
        return added

    def record(
        self,
        nodes: Nodes,
        *variables: str,
        interval_ms: float = 1.0,
        offset_ms: float = 0.0,
        start_ms: float = 0.0,
        stop_ms: float = np.inf,
    ) -> Probe:
        """Record state variables at regular times, at the ends of steps.

        Parameters
        ----------
        nodes : Nodes
            Whose.
        *variables : str
            Names as NEST has them, as in ``model.recordables``.
        interval_ms, offset_ms : float
            Time between samples, and time of the sample before the first (ms).
        start_ms, stop_ms : float
            Samples are taken after `start_ms` and not after `stop_ms` (ms).

        Raises
        ------
        InputError
            If the nodes have no such variable, or times do not lie on the grid.
        """
        check_type(nodes, Nodes, name="nodes")
        self._check_own(nodes)
        for population in nodes.populations:
            check_type(population.model, NodeModel, name=f"the model of {population.name!r}")
            if not population.model.recordables:  # type: ignore[attr-defined]
                raise InputError(
                    "Nodes must have a state to be recorded",
                    got=f"{population.name!r}, which is {population.model.model_name}",
                    do="Use record_spikes",
                )
            for variable in variables:
                check_option(variable, population.model.recordables, name="each variable")  # type: ignore[attr-defined]
        if not variables:
            raise InputError("At least one variable must be recorded", got="none")
        self.grid.steps(interval_ms, name="interval_ms", least=1)
        for name, time in (("offset_ms", offset_ms), ("start_ms", start_ms), ("stop_ms", stop_ms)):
            if np.isfinite(time):
                self.grid.steps(time, name=name, least=0)
        added = Probe(
            nodes=nodes,
            variables=tuple(variables),
            interval_ms=interval_ms,
            offset_ms=offset_ms,
            start_ms=start_ms,
            stop_ms=stop_ms,
        )
        self.probes.append(added)
        return added

    def record_spikes(self, nodes: Nodes) -> None:
        """Record the spikes of some nodes; without any such call, those of all neurons.

        Parameters
        ----------
        nodes : Nodes
            Whose.
        """
        check_type(nodes, Nodes, name="nodes")
        self._check_own(nodes)
        self._spikes_of = [*(self._spikes_of or []), nodes]

    def record_weights(self, connection: Connection, role: Role = "primary") -> None:
        """Record the weight of each spike at each of some connections.

        The network then runs on one thread.

        Parameters
        ----------
        connection : Connection
            As `connect` returned it.
        role : {"primary", "third_in"}
            Which of its connections.
        """
        check_option(role, ("primary", "third_in"), name="role")
        if (connection.number, role) not in self.weighed:
            self.weighed.append((connection.number, role))

    @property
    def n_nodes(self) -> int:
        """Number of nodes, devices included."""
        return sum(each.size for each in self.populations)

    def recorded_spikes(self) -> Iterator[Nodes]:
        """Yield the nodes whose spikes are recorded."""
        if self._spikes_of is not None:
            yield from self._spikes_of
            return
        for each in self.populations:
            if isinstance(each.model, NodeModel) and each.model.spikes:
                yield Nodes.whole(each)

    def projections(self, *, n_threads: int = 1) -> tuple[Projection, ...]:
        """Return all connections as they are realised, drawing those that are not yet.

        Parameters
        ----------
        n_threads : int
            Threads to draw with; the result does not depend on them.

        Returns
        -------
        tuple of Projection
            In the order of the calls of `connect`.
        """
        for each in self.connections:
            if each.number not in self._realised:
                self._realised[each.number] = realise(each, self.seed, self.grid, n_threads)
        return tuple(part for each in self.connections for part in self._realised[each.number])

    def replace_projections(self, changed: Mapping[int, tuple[Projection, ...]]) -> None:
        """Exchange realised connections, whose values were set by hand.

        Parameters
        ----------
        changed : mapping of int to tuple of Projection
            New projections by the number of their connection.
        """
        self._realised.update(changed)

    def __repr__(self) -> str:
        parts = ", ".join(f"{each.name} {each.size}" for each in self.populations)
        n_connections, n_populations = len(self.connections), len(self.populations)
        return (
            f"<Network: {self.n_nodes} nodes in {n_populations}"
            f" population{'s' * (n_populations != 1)} ({parts}),"
            f" {n_connections} kind{'s' * (n_connections != 1)} of connection>"
        )

    def _check_own(self, nodes: Nodes) -> None:
        for each in nodes.populations:
            if each.number >= len(self.populations) or self.populations[each.number] is not each:
                raise InputError(
                    "Nodes must belong to the network", got=f"nodes of another: {each.name!r}"
                )


def _check_ends(pre: Nodes, post: Nodes, synapse: Synapse) -> None:
    """Raise an `InputError` if connections of this model cannot join these nodes."""
    if not len(pre) or not len(post):
        raise InputError("There must be nodes at both ends of a connection", got="none")
    for population in post.populations:
        model = population.model
        if not isinstance(model, NodeModel):
            raise InputError("Connections must end at neurons or astrocytes", got=population.name)
        if synapse.carries_sic and not model.receives_sic:
            raise InputError(
                "Slow inward currents must end at a model that receives them",
                got=f"{population.name!r}, which is {model.model_name}",
                do="Use AdExAstro or IafCondAlphaAstro",
            )
    for population in pre.populations:
        model = population.model
        sends_sic = isinstance(model, NodeModel) and model.sends_sic
        if synapse.carries_sic != sends_sic:
            raise InputError(
                "Sic connections must start at astrocytes, and only they",
                got=f"{synapse.model_name} from {population.name!r}, which is {model.model_name}",
            )
        if not isinstance(model, NodeModel | Device):
            raise InputError("Connections must start at nodes or devices", got=population.name)
        if isinstance(model, Device) and not isinstance(synapse, Static):
            raise InputError(
                "Connections of devices must be static",
                got=f"{synapse.model_name} from {population.name!r}, which is {model.model_name}",
                do="Connect the device to a Parrot, and that to the targets",
            )
