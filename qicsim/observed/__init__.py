"""What observed scores say: levels of facilities, targets of a calibration, the natural experiment of joining."""
