"""What twelve leads show: what a network sees of a record, what can be measured in it, what drove an answer."""
