"""How good a model is: figures, their intervals, calibration, result files and the tables made from them. No torch."""
