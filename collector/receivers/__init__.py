"""One file a protocol: how requests and files become deliveries."""
