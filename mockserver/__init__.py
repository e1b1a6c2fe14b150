"""A stand-in for Lago's customers API that explains every refusal.

The package itself imports nothing, so that ``--help``, a health check and other people's
test suites do not pay for Flask, jsonschema or Faker.
"""
