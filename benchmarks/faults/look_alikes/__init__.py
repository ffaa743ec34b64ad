"""Healthy look-alikes by the part of the program that is unusual in them."""
