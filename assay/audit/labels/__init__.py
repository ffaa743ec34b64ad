"""Are the labels right? Several models' probabilities, fused into suspects, proposals and an estimate of the noise."""
