"""NATS JetStream: the only room that imports nats."""
