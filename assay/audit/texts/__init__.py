"""Columns of running text: length, vocabulary, empty, odd and repeated texts."""
