"""What the user gave, read and used without a trace."""
