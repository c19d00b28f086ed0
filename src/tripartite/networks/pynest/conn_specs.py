"""From the connection rules that scripts name to those of this library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tripartite.networks.edges import Edges
from tripartite.networks.pynest.errors import (
    BadProperty,
    IllegalConnection,
    UnaccessedDictionaryEntry,
    did_you_mean,
    raised_as,
    unsupported,
)
from tripartite.networks.rules.all_to_all import AllToAll
from tripartite.networks.rules.fixed_indegree import FixedIndegree
from tripartite.networks.rules.fixed_outdegree import FixedOutdegree
from tripartite.networks.rules.fixed_total_number import FixedTotalNumber
from tripartite.networks.rules.one_to_one import OneToOne
from tripartite.networks.rules.pairwise_bernoulli import PairwiseBernoulli
from tripartite.networks.rules.pairwise_poisson import PairwisePoisson
from tripartite.networks.rules.rule import AbstractRule, Sides
from tripartite.networks.rules.symmetric_pairwise_bernoulli import SymmetricPairwiseBernoulli
from tripartite.networks.rules.third_factor import ThirdFactorPool

_POOLS = "third_factor_bernoulli_with_pool"
#: The rule of NEST 3.7, which held the primary and the third-factor rule.
TRIPARTITE = "tripartite_bernoulli_with_pool"

# For each rule of NEST its class, and what the parameter is called here that must be given.
_RULES: Mapping[str, tuple[type[AbstractRule], Mapping[str, str]]] = {
    "all_to_all": (AllToAll, {}),
    "one_to_one": (OneToOne, {}),
    "pairwise_bernoulli": (PairwiseBernoulli, {"p": "p"}),
    "symmetric_pairwise_bernoulli": (SymmetricPairwiseBernoulli, {"p": "p"}),
    "pairwise_poisson": (PairwisePoisson, {"pairwise_avg_num_conns": "mean"}),
    "fixed_indegree": (FixedIndegree, {"indegree": "indegree"}),
    "fixed_outdegree": (FixedOutdegree, {"outdegree": "outdegree"}),
    "fixed_total_number": (FixedTotalNumber, {"N": "n"}),
}
_OPTIONS = {"allow_autapses": "autapses", "allow_multapses": "multapses"}

#: Names of all rules, those of third factors apart.
RULES = tuple(_RULES)


@dataclass(frozen=True)
class Pairs(AbstractRule):
    """Connects given pairs.

    Parameters
    ----------
    sources, targets : int64 ndarray of shape (n_connections,)
        Positions of both ends.
    """

    sources: np.ndarray
    targets: np.ndarray

    def _connect(self, sides: Sides) -> Edges:
        return Edges.from_keys(
            self.sources * sides.n_post + self.targets, sides.n_pre, sides.n_post
        )


def rule_name(conn_spec: Any, default: str | None = None) -> str:
    """Return the name of the rule of a specification.

    Parameters
    ----------
    conn_spec : str, dict or None
        What a script passed.
    default : str, optional
        Rule where nothing was passed.
    """
    if conn_spec is None and default is not None:
        return default
    if isinstance(conn_spec, str):
        return conn_spec
    if not isinstance(conn_spec, Mapping) or "rule" not in conn_spec:
        raise BadProperty(
            "A connection specification must have a rule",
            got=repr(conn_spec),
            do='Pass a name or, for example, {"rule": "pairwise_bernoulli", "p": 0.1}',
        )
    return conn_spec["rule"]


def primary_rule(conn_spec: Any) -> AbstractRule:
    """Return the rule that a specification asks for.

    Parameters
    ----------
    conn_spec : str, dict or None
        What a script passed.
    """
    name = rule_name(conn_spec, default="all_to_all")
    if name not in _RULES:
        raise BadProperty(
            "The connection rule must be known", got=repr(name), do=did_you_mean(name, RULES)
        )
    rule, needed = _RULES[name]
    given = (
        {k: v for k, v in conn_spec.items() if k != "rule"}
        if isinstance(conn_spec, Mapping)
        else {}
    )
    if given.pop("make_symmetric", False) and rule is not SymmetricPairwiseBernoulli:
        raise unsupported("make_symmetric", do="Connect in both directions")
    _check_keys(given, [*needed, *_OPTIONS, "make_symmetric"], name)
    missing = needed.keys() - given.keys()
    if missing:
        raise BadProperty(f"The rule {name} must have {', '.join(sorted(missing))}")
    for key, value in given.items():
        if not isinstance(value, (int, float, np.number, np.bool_)):
            raise BadProperty(f"{key} of {name} must be a number", got=type(value).__name__)
    fields = rule.__dataclass_fields__  # type: ignore[attr-defined]
    options = {
        needed.get(key) or _OPTIONS[key]: value
        for key, value in given.items()
        if key in needed or _OPTIONS[key] in fields
    }
    with raised_as(BadProperty, name):
        return rule(**options)


def third_rule(spec: Any, n_third: int) -> ThirdFactorPool:
    """Return the rule of third factors that a specification asks for.

    Parameters
    ----------
    spec : str or dict
        What a script passed.
    n_third : int
        Number of nodes in the third population.
    """
    name = rule_name(spec)
    if name != _POOLS:
        raise IllegalConnection(f"The rule of third factors must be {_POOLS}", got=repr(name))
    given = {k: v for k, v in spec.items() if k != "rule"} if isinstance(spec, Mapping) else {}
    _check_keys(given, ["p", "pool_size", "pool_type"], name)
    return _pools(given, n_third)


def split_tripartite(
    conn_spec: Mapping[str, Any], n_third: int
) -> tuple[AbstractRule, ThirdFactorPool]:
    """Return the two rules that the rule of NEST 3.7 holds.

    Parameters
    ----------
    conn_spec : dict
        What a script passed.
    n_third : int
        Number of nodes in the third population.
    """
    given = {k: v for k, v in conn_spec.items() if k != "rule"}
    known = ["p_primary", "p_third_if_primary", "pool_size", "pool_type", *_OPTIONS]
    _check_keys(given, known, TRIPARTITE)
    primary = {"rule": "pairwise_bernoulli", "p": given.get("p_primary", 1.0)}
    primary |= {key: given[key] for key in _OPTIONS if key in given}
    pools = {key: given[key] for key in ("pool_size", "pool_type") if key in given}
    return primary_rule(primary), _pools(
        {"p": given.get("p_third_if_primary", 1.0), **pools}, n_third
    )


def _pools(given: Mapping[str, Any], n_third: int) -> ThirdFactorPool:
    with raised_as(BadProperty, _POOLS):
        return ThirdFactorPool(**{"pool_size": n_third, **given})


def _check_keys(given: Mapping[str, Any], known: list[str], rule: str) -> None:
    for key in given:
        if key not in known:
            raise UnaccessedDictionaryEntry(
                f"The rule {rule} must have what is set", got=repr(key), do=did_you_mean(key, known)
            )
