"""The mechanisms every use case runs on: catalogue, bus, unit of work, authorizer, streams, scheduler, ports."""
