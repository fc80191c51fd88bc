"""A collector of traces for one machine: takes OTLP/HTTP and shows what belongs together as bars over time."""
