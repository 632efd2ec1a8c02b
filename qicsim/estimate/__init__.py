"""What is estimated from data: effects from trials, and calibration."""
