"""Stage 6: squeeze out what is left: longer training, averaging, ensembles, distillation, refusal."""
