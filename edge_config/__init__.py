"""What a site is: models, the TOML loader with every mistake in one report, example sites."""
