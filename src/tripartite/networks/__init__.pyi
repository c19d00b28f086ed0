from .checkpoint import load_checkpoint as load_checkpoint, save_checkpoint as save_checkpoint
from .devices.alternating_current import AlternatingCurrent as AlternatingCurrent
from .devices.current_noise import CurrentNoise as CurrentNoise
from .devices.direct_current import DirectCurrent as DirectCurrent
from .devices.inhomogeneous_poisson import InhomogeneousPoisson as InhomogeneousPoisson
from .devices.poisson import Poisson as Poisson
from .devices.spike_times import SpikeTimes as SpikeTimes
from .devices.step_current import StepCurrent as StepCurrent
from .distributions import Lognormal as Lognormal, Normal as Normal, Uniform as Uniform
from .engine.chunk import Chunk as Chunk
from .engine.simulation import Simulation as Simulation
from .interruption import RunInterrupted as RunInterrupted
from .models.adex import AdEx as AdEx, AdExAstro as AdExAstro
from .models.iaf import IafCondAlpha as IafCondAlpha, IafCondAlphaAstro as IafCondAlphaAstro
from .models.li_rinzel import LiRinzel as LiRinzel
from .models.parrot import Parrot as Parrot
from .network import Network as Network
from .nodes import Nodes as Nodes
from .recorded import (
    SpikeSample as SpikeSample,
    TraceSample as TraceSample,
    read_recorded as read_recorded,
)
from .rules.all_to_all import AllToAll as AllToAll
from .rules.fixed_indegree import FixedIndegree as FixedIndegree
from .rules.fixed_outdegree import FixedOutdegree as FixedOutdegree
from .rules.fixed_total_number import FixedTotalNumber as FixedTotalNumber
from .rules.one_to_one import OneToOne as OneToOne
from .rules.pairwise_bernoulli import PairwiseBernoulli as PairwiseBernoulli
from .rules.pairwise_poisson import PairwisePoisson as PairwisePoisson
from .rules.symmetric_pairwise_bernoulli import (
    SymmetricPairwiseBernoulli as SymmetricPairwiseBernoulli,
)
from .rules.third_factor import ThirdFactorPool as ThirdFactorPool
from .simulate import simulate as simulate, simulate_to_disk as simulate_to_disk
from .synapses.sic import Sic as Sic
from .synapses.static import Static as Static
from .synapses.tsodyks import Tsodyks as Tsodyks
from .third_factor import ThirdFactor as ThirdFactor
