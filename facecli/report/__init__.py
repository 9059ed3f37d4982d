"""Reports on the data held: counts, checks of the installation, and exports for a subject."""
