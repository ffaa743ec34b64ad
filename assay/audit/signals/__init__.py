"""What can be wrong with a signal: clipping, dead channels, an odd level or strength."""
