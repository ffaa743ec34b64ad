"""What is odd about the files that images were read from, by their headers: formats, modes, sizes, ends."""
