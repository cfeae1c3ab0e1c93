"""The durable outbox: what the gateway knows and has not yet delivered."""
