"""Metrics that tricks are judged by: each as one number for every validation example, whose mean is the metric."""
