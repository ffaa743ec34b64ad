"""Curves, recipe, scores and report handed on to TensorBoard, MLflow or W&B, through their own clients."""
