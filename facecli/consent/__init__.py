"""May we? Purposes, subjects, consents, and the gate that answers."""
