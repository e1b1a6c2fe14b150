"""What a user of the official Python client does, unmodified: run with its interpreter.

    python lago_python.py URL KEY

Prints what happened, as one JSON object, for the test to judge. Works with every release from
0.53.0 on.
"""

import json
import sys

from lago_python_client.client import Client
from lago_python_client.exceptions import LagoApiError
from lago_python_client.models import (
    Customer,
    CustomerBillingConfiguration,
    Metadata,
    MetadataList,
)


def refusal(call, *arguments):
    """Return what the client raises: its status, and the answer as the client has parsed it."""
    try:
        call(*arguments)
    except LagoApiError as error:
        return {"status": error.status_code, "response": error.response}
    return None


def full_customer(**changes):
    """Return a customer with most fields set."""
    attributes = {
        "external_id": "sdk-1",
        "name": "Gavin Belson",
        "country": "US",
        "currency": "USD",
        "timezone": "Europe/Paris",
        "net_payment_term": 30,
        "billing_configuration": CustomerBillingConfiguration(
            invoice_grace_period=3,
            payment_provider="stripe",
            provider_customer_id="cus_12345",
            sync=True,
            sync_with_provider=True,
            document_locale="fr",
            provider_payment_methods=["card", "sepa_debit"],
        ),
        "metadata": MetadataList(
            __root__=[Metadata(key="Purchase Order", value="1234", display_in_invoice=True)]
        ),
    }
    return Customer(**{**attributes, **changes})


def main(url, key):
    """Create, update, list, find, destroy; and be refused with 401, 404 and 422."""
    customers = Client(api_key=key, api_url=url).customers
    strangers = Client(api_key="another-key", api_url=url).customers
    created = customers.create(full_customer())
    updated = customers.create(Customer(external_id="sdk-1", name="Richard Hendricks"))
    for number in range(2, 5):
        customers.create(Customer(external_id=f"sdk-{number}", name="Monica"))
    page = customers.find_all({"per_page": 3, "page": 2})
    found = customers.find("sdk-1")
    destroyed = customers.destroy("sdk-4")
    report = {
        "created": created.dict(),
        "updated": updated.dict(),
        "page": {
            "customers": [each.external_id for each in page["customers"]],
            "meta": page["meta"],
        },
        "found": found.dict(),
        "destroyed": destroyed.external_id,
        "portal_url": customers.portal_url("sdk-1"),
        "checkout_url": customers.checkout_url("sdk-1"),
        "unauthorized": refusal(strangers.find, "sdk-1"),
        "missing": refusal(customers.find, "sdk-4"),
        "invalid": refusal(customers.create, full_customer(country="USA", currency="usd")),
    }
    print(json.dumps(report))


main(*sys.argv[1:])
