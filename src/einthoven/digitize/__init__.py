"""From a page back to a record: vector pages and pictures of ECGs on ruled paper."""
