"""The catalogue of events: models, envelope, subjects, streams, schemas."""
