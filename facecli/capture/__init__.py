"""What was seen? Images read safely, from files and cameras."""
