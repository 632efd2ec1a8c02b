"""What comes in: scenarios, the world, files of strangers, observed scores."""
