"""How much more data would help: errors on growing subsets, several laws, and a band instead of one number."""

from assay.audit.learning_curve.classes import class_gains
from assay.audit.learning_curve.curve import Curve
from assay.audit.learning_curve.measure import measure_curve
from assay.audit.learning_curve.prediction import Prediction, predict_error
from assay.audit.learning_curve.sizes import log_spaced_sizes
from assay.audit.learning_curve.telling import Unit, describe_curve

__all__ = [
    "Curve",
    "Prediction",
    "Unit",
    "class_gains",
    "describe_curve",
    "log_spaced_sizes",
    "measure_curve",
    "predict_error",
]
