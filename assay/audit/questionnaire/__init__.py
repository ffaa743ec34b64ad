"""The questions an expert asks of inputs before choosing a network, answered by measuring."""

from assay.audit.questionnaire.ask import ask

__all__ = ["ask"]
