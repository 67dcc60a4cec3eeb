"""Signals, arrays in and arrays out: filters, resampling, lead laws, quality, and a simulated heart."""
