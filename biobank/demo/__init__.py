"""A believable programme on embedded parts: one of everything at every stage, and a visit that walks by itself."""
