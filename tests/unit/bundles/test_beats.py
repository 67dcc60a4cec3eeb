"""What bundles are asked of beats."""

from __future__ import annotations

import pytest

from einthoven.bundles.beats import class_stream
from einthoven.bundles.bundle import Bundle
from einthoven.errors import BundleError


@pytest.mark.parametrize("name", ["mitdb-aami", "mitdb-normal"])
def test_a_network_that_looks_at_later_beats_is_no_stream(name: str) -> None:
    with pytest.raises(BundleError, match=f"bundle {name} looks at whole recordings; a stream needs a causal one"):
        class_stream(Bundle.load(name), 2, 360)
