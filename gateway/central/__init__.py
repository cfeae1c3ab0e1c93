"""Central consumers: dispatch, loyalty, surveillance."""
