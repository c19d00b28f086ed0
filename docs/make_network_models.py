"""The page of the models of networks, from the models themselves.

``python docs/make_network_models.py`` writes it; a test fails when it is not what would be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tripartite import networks as tn
from tripartite.networks.models.node_model import NodeModel
from tripartite.networks.parameters import Model, Parameter

PAGE = Path(__file__).parent / "network-models.md"

MODELS: dict[str, tuple[type[Model], ...]] = {
    "Neurons and astrocytes": (
        tn.AdEx,
        tn.AdExAstro,
        tn.IafCondAlpha,
        tn.IafCondAlphaAstro,
        tn.LiRinzel,
        tn.Parrot,
    ),
    "Synapses": (tn.Static, tn.Tsodyks, tn.Sic),
    "Devices": (
        tn.Poisson,
        tn.InhomogeneousPoisson,
        tn.SpikeTimes,
        tn.DirectCurrent,
        tn.StepCurrent,
        tn.AlternatingCurrent,
        tn.CurrentNoise,
    ),
}

INTRODUCTION = """\
# Models of networks

Every parameter of every model, as the models themselves say (`tn.AdEx.parameters()`). This page is
written by `docs/make_network_models.py`. A value may be a number, an array with one number for each
node or connection, or a distribution (`tn.Uniform`, `tn.Normal`, `tn.Lognormal`). Names end in the
unit; the name in NEST is the same without it. "State" marks the initial value of a state variable.
How to use them: [networks](networks.md)."""


def write_page() -> str:
    """Return the text of the page."""
    parts = [INTRODUCTION]
    for heading, models in MODELS.items():
        parts += [f"## {heading}", *(describe_model(model) for model in models)]
    return "\n\n".join(parts) + "\n"


def describe_model(model: type[Model]) -> str:
    """Return the heading of a model, what it is, and the table of its parameters.

    Parameters
    ----------
    model : type of Model
        Any model.
    """
    own = {**vars(model).get("__annotations__", {})}
    parameters = list(model.parameters().values())
    base = model.__bases__[0]
    inherits = base.__name__ in {each.__name__ for group in MODELS.values() for each in group}
    lines = [
        f"### {model.__name__}",
        "",
        (model.__doc__ or "").partition("\n")[0].replace("``", "`"),
    ]
    if issubclass(model, NodeModel) and model.recordables:
        lines += [
            "",
            "Can be recorded: " + ", ".join(f"`{each}`" for each in model.recordables) + ".",
        ]
    if inherits:
        parameters = [each for each in parameters if each.name in own]
        lines += ["", f"Parameters are those of `{base.__name__}`."]
    if parameters:
        lines += ["", *describe_parameters(parameters)]
    return "\n".join(lines)


def describe_parameters(parameters: list[Parameter]) -> Iterator[str]:
    """Yield the lines of a table of parameters.

    Parameters
    ----------
    parameters : list of Parameter
        What stands in it.
    """
    yield "| parameter | in NEST | default | must be | what it is |"
    yield "|---|---|---|---|---|"
    for each in parameters:
        default = "none" if each.role == "series" else f"{each.default:g} {each.unit}".strip()
        doc = f"State: {each.doc[0].lower()}{each.doc[1:]}" if each.role == "state" else each.doc
        name, nest_name = f"`{each.name}`", f"`{each.nest_name}`"
        yield f"| {name} | {nest_name} | {default} | {describe_bounds(each)} | {doc} |"


def describe_bounds(each: Parameter) -> str:
    """Return the bounds of a parameter.

    Parameters
    ----------
    each : Parameter
        Any parameter.
    """
    bounds = {">": each.above, "≥": each.at_least, "<": each.below, "≤": each.at_most}
    return ", ".join(f"{sign} {bound:g}" for sign, bound in bounds.items() if bound is not None)


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
