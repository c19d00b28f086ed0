"""The module of the face: kernel attributes that are read and set like variables."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from tripartite.networks.pynest import kernel_attributes
from tripartite.networks.pynest.errors import UnknownAttribute, did_you_mean

# Drawing loads matplotlib, so these wait until they are asked for.
_LATE = ("raster_plot", "voltage_trace")
_UNSUPPORTED = (
    *("CollocatedSynapses", "Compartments", "ConnectionRules", "CreateMask", "CreateParameter"),
    *("Disconnect", "DisableStructuralPlasticity", "Displacement", "Distance"),
    *("DumpLayerConnections", "DumpLayerNodes", "EnableStructuralPlasticity"),
    *("FindCenterElement", "FindNearestElement", "GetLocalVPs", "GetPosition", "GetSourceNodes"),
    *("GetSourcePositions", "GetTargetNodes", "GetTargetPositions", "Install", "Mask"),
    *("PlotLayer", "PlotProbabilityParameter", "PlotSources", "PlotTargets", "PrintNodes"),
    *("Receptors", "SelectNodesByMask", "SetAcceptableLatency", "SetMaxBuffered"),
    *("SonataNetwork", "ll_api", "logic", "math", "message", "server", "set_communicator"),
    *("spatial", "spatial_distributions", "visualization", "build_info", "memory_size"),
)


class FaceModule(ModuleType):
    """A module with the attributes of the kernel."""

    def __getattr__(self, name: str) -> Any:
        if name in kernel_attributes.ATTRIBUTES:
            return kernel_attributes.get(name)
        if name == "kernel_status":
            return kernel_attributes.GetKernelStatus()
        if name in _LATE:
            return importlib.import_module(f"{self.__name__}.{name}")
        if name in _UNSUPPORTED:
            raise UnknownAttribute(
                "A name of NEST must be supported by tripartite.networks.pynest", got=name
            )
        raise UnknownAttribute(
            "A name of tripartite.networks.pynest must be known",
            got=repr(name),
            do=did_you_mean(name, dir(self)),
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if name in kernel_attributes.ATTRIBUTES:
            kernel_attributes.put(name, value)
        elif isinstance(value, ModuleType) or name.startswith("__"):
            super().__setattr__(name, value)
        else:
            raise UnknownAttribute(
                "Only attributes of the kernel can be set",
                got=repr(name),
                do=did_you_mean(name, kernel_attributes.ATTRIBUTES),
            )

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *kernel_attributes.ATTRIBUTES, *_LATE, "get", "set"})

    def get(self, *keys: Any) -> Any:
        """Return attributes of the kernel.

        Parameters
        ----------
        *keys : str
            Names; all without.
        """
        if not keys:
            return kernel_attributes.GetKernelStatus()
        return kernel_attributes.GetKernelStatus(keys[0] if len(keys) == 1 else list(keys))

    def set(self, **attributes: Any) -> None:
        """Set attributes of the kernel.

        Parameters
        ----------
        **attributes : object
            Values by name.
        """
        kernel_attributes.SetKernelStatus(attributes)
