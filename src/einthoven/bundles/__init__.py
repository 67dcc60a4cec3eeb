"""Trained models as folders: a network, a card that says what it is, and checksums; and what runs them."""
