"""Faults by the part of the program that they are planted in."""

IMAGES, TABLES, SEQUENCES, LANGUAGE = "images", "tables", "sequences", "language"
SIGNALS, AUTOENCODERS, TWO_NETWORKS = "signals", "autoencoders", "two_networks"
VECTORS = (IMAGES, TABLES, SIGNALS)
LABELLED = (IMAGES, TABLES, SEQUENCES, SIGNALS)
EVERYWHERE = (IMAGES, TABLES, SEQUENCES, LANGUAGE, SIGNALS, AUTOENCODERS)
