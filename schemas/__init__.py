"""The contracts as data: one folder per version of the API, read by ``mockserver.data``."""
