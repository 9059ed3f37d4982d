"""The custody report: one document that accounts for everything held. One file a section."""
