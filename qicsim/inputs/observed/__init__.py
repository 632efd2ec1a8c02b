"""What observed scores say: levels of facilities, targets for a calibration, the natural experiment of joining."""
