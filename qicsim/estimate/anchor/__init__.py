"""Effects held against trials: trials are simulated, and rows of parameters are weighted by what studies found."""
