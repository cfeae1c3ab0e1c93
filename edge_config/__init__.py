"""What a site is: models, the TOML loader with every mistake in one report, example sites.

``loader`` reads a file, ``site`` says what stands in one, ``places`` settles its paths.
"""
