"""Who may open it? Key slots and the sources of keys."""
