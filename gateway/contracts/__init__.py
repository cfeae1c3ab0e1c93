"""The contract with integrators, made from the catalogue: schemas, AsyncAPI, examples, pages."""
