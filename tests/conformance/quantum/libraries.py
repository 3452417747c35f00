"""The peers: imported here for the tests, and never at run time."""

import warnings

with warnings.catch_warnings():
    # QuTiP warns when a plotting library is missing: it is not what is tested.
    warnings.filterwarnings("ignore", module="qutip")
    import qutip
import cvxpy
import qiskit.quantum_info as qiskit
import toqito.channels as toqito_channels
import toqito.state_metrics as toqito_metrics
import toqito.state_ops as toqito_ops
import toqito.state_props as toqito

__all__ = [
    "cvxpy",
    "qiskit",
    "qutip",
    "toqito",
    "toqito_channels",
    "toqito_metrics",
    "toqito_ops",
]
