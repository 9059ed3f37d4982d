"""The single checks of `facecli doctor`: they look, and change nothing."""
