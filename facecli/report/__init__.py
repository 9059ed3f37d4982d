"""What is told about the data that are held: to the person whose they are, and to whoever asks."""
