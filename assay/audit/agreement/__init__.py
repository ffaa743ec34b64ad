"""How far people agree with each other, themselves, the truth and a model; and what they say together."""

from assay.audit.agreement.annotations import Annotations
from assay.audit.agreement.dawid_skene import DawidSkene, fuse_annotators, majority_labels
from assay.audit.agreement.estimate import Estimate
from assay.audit.agreement.human_baseline import describe_person
from assay.audit.agreement.kappa import cohen_kappa, fleiss_kappa, pairwise_agreement
from assay.audit.agreement.measure import Agreement, measure_agreement
from assay.audit.agreement.reading import read_annotations
from assay.audit.agreement.telling import describe_agreement

__all__ = [
    "Agreement",
    "Annotations",
    "DawidSkene",
    "Estimate",
    "cohen_kappa",
    "describe_agreement",
    "describe_person",
    "fleiss_kappa",
    "fuse_annotators",
    "majority_labels",
    "measure_agreement",
    "pairwise_agreement",
    "read_annotations",
]
