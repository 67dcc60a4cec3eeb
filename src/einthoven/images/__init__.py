"""Pictures of ECGs: sheets of paper at true scale."""
