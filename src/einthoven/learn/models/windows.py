"""Signals of any length as windows that overlap, whose features are pooled: the same in training, use and ONNX."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad


class Windows(nn.Module):
    """Cuts signals into windows, and takes the largest of what was found in those of a signal.

    As Min et al., CinC 2020, have it: windows of about 4 s that overlap by about 1 s, at 500 Hz 2,048 and 512 samples.
    The last window ends where the signal ends, so it overlaps by more; a signal shorter than a window has zeros behind.

    Parameters
    ----------
    length
        Samples of a window; 0 where all of a signal is one.
    overlap
        Samples that a window shares with the one before.

    Raises
    ------
    ValueError
        The windows do not move on.
    """

    def __init__(self, length: int, overlap: int) -> None:
        super().__init__()
        if length < 0 or not 0 <= overlap < max(length, 1):
            raise ValueError(f"windows of {length} samples that overlap by {overlap}: they must move on")
        self.length, self.step = length, length - overlap

    def forward(self, signal: Tensor) -> Tensor:
        """Return all windows, item by item: shape (item x window, lead, length), of signals (item, lead, sample)."""
        if not self.length:
            return signal
        spare = torch.sym_max(signal.shape[2] - self.length, 0)  # type: ignore[no-untyped-call]
        signal = pad(signal, (0, spare + self.length - signal.shape[2]))
        number = (spare + self.step - 1) // self.step + 1
        first = (torch.arange(number, device=signal.device) * self.step).clamp(max=spare)
        cut = signal[:, :, first[:, None] + torch.arange(self.length, device=signal.device)]
        return cut.transpose(1, 2).flatten(0, 1)

    def largest(self, found: Tensor, n_items: int) -> Tensor:
        """Return the largest of each number over the windows of an item: shape (item, number)."""
        return torch.unflatten(found, 0, (n_items, -1)).amax(1) if self.length else found
