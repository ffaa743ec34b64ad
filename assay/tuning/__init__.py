"""Stage 5: which hyperparameters, learning rate first."""
