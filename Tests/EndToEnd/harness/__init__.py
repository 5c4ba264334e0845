"""What the end-to-end tests share: a gateway to talk to, clients, functions to run."""
