"""The papers for China's filing duty: people counted once, the day of the limit, the deadline."""
