"""The simulated world: the facility register, the peer network, the data files, and the arrays that a run needs."""
