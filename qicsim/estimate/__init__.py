"""What is estimated from data: calibration."""
