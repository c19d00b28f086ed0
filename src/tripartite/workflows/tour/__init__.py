"""The tour: one short section per science, on real recordings.

Each module of this folder whose name does not begin with an underscore is a section. It holds one
function, registered by its decorator, which writes its files below the folder that it is given::

    from tripartite.workflows.tour._registry import section

    @section(name="spikes", title="Place cells of a rat on a linear track", order=20)
    def run(out: Path, report: Callable[[str], None]) -> Section: ...

To add a section, add a file; nothing else changes.
"""
