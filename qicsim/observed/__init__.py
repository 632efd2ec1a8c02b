"""What observed scores say: estimated levels of facilities, targets for a calibration, the natural experiment of joining."""
