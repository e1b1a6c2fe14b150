"""Metadata: changed by id, checked against what is stored, replaced as a whole."""

from __future__ import annotations

import pytest

CUSTOMERS = "/api/v1/customers"
MANDATORY = "value_is_mandatory"
TOO_LONG = "value_is_too_long"
TAKEN = {"key": ["value_already_exist"]}


def item(key="k", value="v", **more):
    return {"key": key, "value": value, **more}


@pytest.fixture
def stored(upsert):
    """The three metadata items, a, b and c, of the customer acme."""
    metadata = [item(key, f"value of {key}", display_in_invoice=True) for key in "abc"]
    return upsert(external_id="acme", metadata=metadata).json["customer"]["metadata"]


def test_five_items_are_accepted_in_the_order_sent(upsert):
    response = upsert(external_id="acme", metadata=[item(key) for key in "edcba"])

    assert [each["key"] for each in response.json["customer"]["metadata"]] == [*"edcba"]


def test_six_items_are_refused(upsert):
    response = upsert(external_id="acme", metadata=[item(key) for key in "abcdef"])

    assert response.status_code == 422
    assert response.json["error_details"] == {"metadata": ["invalid_count"]}


def test_an_item_is_answered_with_the_documented_keys_in_order(upsert):
    response = upsert(external_id="acme", metadata=[item()])

    answered = response.json["customer"]["metadata"][0]
    assert list(answered) == ["lago_id", "key", "value", "display_in_invoice", "created_at"]
    assert answered == {
        "lago_id": answered["lago_id"],
        "key": "k",
        "value": "v",
        "display_in_invoice": False,
        "created_at": "2026-01-02T03:04:05Z",
    }


@pytest.mark.parametrize(
    ("metadata", "details"),
    [
        pytest.param(item(key=""), {"key": [MANDATORY]}, id="empty key"),
        pytest.param(item(key="  "), {"key": [MANDATORY]}, id="blank key"),
        pytest.param(item(key=None), {"key": [MANDATORY]}, id="null key"),
        pytest.param({"value": "v"}, {"key": [MANDATORY]}, id="no key"),
        pytest.param(item(key="x" * 21), {"key": [TOO_LONG]}, id="long key"),
        pytest.param(item(value=""), {"value": [MANDATORY]}, id="empty value"),
        pytest.param(item(value="\t "), {"value": [MANDATORY]}, id="blank value"),
        pytest.param(item(value=None), {"value": [MANDATORY]}, id="null value"),
        pytest.param({"key": "k"}, {"value": [MANDATORY]}, id="no value"),
        pytest.param(item(value="x" * 41), {"value": [TOO_LONG]}, id="long value"),
        pytest.param({}, {"key": [MANDATORY], "value": [MANDATORY]}, id="empty item"),
        pytest.param(
            item("x" * 21, "x" * 41), {"key": [TOO_LONG], "value": [TOO_LONG]}, id="both long"
        ),
        pytest.param(
            item(value="", key=""), {"key": [MANDATORY], "value": [MANDATORY]}, id="both empty"
        ),
        pytest.param(item(key=5), {"key": ["value_is_invalid"]}, id="key that is a number"),
        pytest.param(item(value=5), {"value": ["value_is_invalid"]}, id="value that is a number"),
        pytest.param(item(value="\0"), {"value": ["value_is_invalid"]}, id="value with NUL"),
        pytest.param(
            item(display_in_invoice="false"),
            {"display_in_invoice": ["value_is_invalid"]},
            id="display_in_invoice that is a text",
        ),
        pytest.param(item(id=5), {"id": ["value_is_invalid"]}, id="id that is a number"),
    ],
)
def test_a_bad_item_is_refused(upsert, client, metadata, details):
    response = upsert(external_id="acme", metadata=[metadata])

    assert response.status_code == 422
    assert response.json["error_details"] == details
    assert list(response.json["error_details"]) == list(details)
    assert client.get(f"{CUSTOMERS}/acme").status_code == 404


def test_a_blank_key_that_is_too_long_has_both_codes(upsert):
    response = upsert(external_id="acme", metadata=[item(key=" " * 21)])

    assert sorted(response.json["error_details"]["key"]) == [MANDATORY, TOO_LONG]


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param(item("k" * 20, "v" * 40), id="as long as allowed"),
        pytest.param(item("\u00e9" * 20, "\U0001f600" * 40), id="counted in characters"),
        pytest.param(item(" k ", " v "), id="with outer spaces, which are kept"),
    ],
)
def test_an_item_at_the_limits_is_stored_as_sent(upsert, metadata):
    response = upsert(external_id="acme", metadata=[metadata])

    answered = response.json["customer"]["metadata"][0]
    assert {key: answered[key] for key in ("key", "value")} == metadata


def test_only_the_first_bad_item_is_answered_and_all_are_explained(upsert):
    metadata = [item("fine"), item("x" * 21), item("other", ""), item("fine")]

    response = upsert(external_id="acme", metadata=metadata)

    lines = response.headers["Mock-Explanation"].split(" | ")
    assert response.json["error_details"] == {"key": [TOO_LONG]}
    assert [line.partition(":")[0] for line in lines] == [
        "/customer/metadata/1/key",
        "/customer/metadata/2/value",
        "/customer/metadata/3/key",
    ]


def test_the_same_key_twice_in_one_request_is_refused(upsert):
    response = upsert(external_id="acme", metadata=[item("a"), item("a", "other")])

    assert response.json["error_details"] == TAKEN


def test_keys_that_differ_in_case_are_two_keys(upsert):
    response = upsert(external_id="acme", metadata=[item("a"), item("A")])

    assert [each["key"] for each in response.json["customer"]["metadata"]] == ["a", "A"]


def test_two_customers_may_have_the_same_key(upsert, stored):
    response = upsert(external_id="other", metadata=[item("a")])

    assert response.status_code == 200
    assert response.json["customer"]["metadata"][0]["lago_id"] not in {
        each["lago_id"] for each in stored
    }


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        pytest.param({}, False, id="absent"),
        pytest.param({"display_in_invoice": None}, False, id="null"),
        pytest.param({"display_in_invoice": False}, False, id="false"),
        pytest.param({"display_in_invoice": True}, True, id="true"),
    ],
)
def test_an_item_is_displayed_only_if_asked_for_on_updates_too(upsert, stored, more, shown):
    created = upsert(external_id="new", metadata=[item(**more)])
    updated = upsert(external_id="acme", metadata=[{"id": stored[0]["lago_id"], **more}])

    answers = [each.json["customer"]["metadata"][0] for each in (created, updated)]
    assert [each["display_in_invoice"] for each in answers] == [shown, shown]


def test_an_id_is_ignored_when_a_customer_is_created(upsert, stored):
    metadata = [item("a", id=stored[0]["lago_id"]), item("b", id="no uuid")]

    response = upsert(external_id="new", metadata=metadata)

    ids = {each["lago_id"] for each in response.json["customer"]["metadata"]}
    assert response.status_code == 200
    assert len(ids) == 2
    assert not ids & {stored[0]["lago_id"], "no uuid"}


def test_an_item_named_by_id_is_changed_in_place(upsert, stored, clock):
    clock.advance(days=1)
    named = {"id": stored[0]["lago_id"], "key": "new", "value": "also new"}

    response = upsert(external_id="acme", metadata=[named])

    changed = {"key": "new", "value": "also new", "display_in_invoice": False}
    assert response.json["customer"]["metadata"] == [stored[0] | changed]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="neither key nor value"),
        pytest.param({"key": "new"}, id="a key"),
        pytest.param({"value": "new"}, id="a value"),
        pytest.param({"key": "a"}, id="its own key"),
    ],
)
def test_an_item_named_by_id_keeps_what_is_absent(upsert, stored, change):
    named = {"id": stored[0]["lago_id"], "display_in_invoice": True, **change}

    response = upsert(external_id="acme", metadata=[named])

    assert response.json["customer"]["metadata"] == [stored[0] | change]


@pytest.mark.parametrize(
    ("change", "details"),
    [
        pytest.param({"key": ""}, {"key": [MANDATORY]}, id="empty key"),
        pytest.param({"key": "x" * 21}, {"key": [TOO_LONG]}, id="long key"),
        pytest.param({"value": None}, {"value": [MANDATORY]}, id="null value"),
        pytest.param({"key": "b"}, TAKEN, id="the key of another stored item"),
    ],
)
def test_an_item_named_by_id_is_checked_like_a_new_one(upsert, client, stored, change, details):
    response = upsert(external_id="acme", metadata=[{"id": stored[0]["lago_id"], **change}])

    assert response.json["error_details"] == details
    assert client.get(f"{CUSTOMERS}/acme").json["customer"]["metadata"] == stored


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param("11111111-1111-4111-8111-111111111111", id="unknown"),
        pytest.param("no uuid", id="not a UUID"),
        pytest.param("", id="empty"),
        pytest.param(None, id="null"),
    ],
)
def test_an_id_that_names_no_item_of_the_customer_makes_a_new_one(upsert, stored, foreign):
    response = upsert(external_id="acme", metadata=[item("new", id=foreign)])

    (made,) = response.json["customer"]["metadata"]
    assert made["key"] == "new"
    assert made["lago_id"] not in {foreign, *(each["lago_id"] for each in stored)}


def test_the_id_of_another_customer_s_item_makes_a_new_one(upsert, client, stored):
    theirs = stored[0]

    response = upsert(external_id="new", metadata=[])
    response = upsert(external_id="new", metadata=[item("a", "mine", id=theirs["lago_id"])])

    assert response.json["customer"]["metadata"][0]["lago_id"] != theirs["lago_id"]
    assert client.get(f"{CUSTOMERS}/acme").json["customer"]["metadata"] == stored


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({}, id="no id"),
        pytest.param({"id": "11111111-1111-4111-8111-111111111111"}, id="an unknown id"),
    ],
)
def test_a_new_item_may_not_have_a_stored_key_even_if_its_item_is_about_to_go(upsert, foreign):
    response = upsert(external_id="acme", metadata=[item("a", "other", **foreign)])

    assert response.json["error_details"] == TAKEN


def test_a_lago_id_in_the_request_is_no_id(upsert, stored):
    response = upsert(external_id="acme", metadata=[stored[0]])

    assert response.json["error_details"] == TAKEN
    assert f'"id": "{stored[0]["lago_id"]}"' in response.headers["Mock-Explanation"]


def test_a_refused_item_rolls_the_whole_update_back(upsert, client, stored):
    named = {"id": stored[1]["lago_id"], "value": "changed"}

    refused = upsert(external_id="acme", name="New", metadata=[named, item("new"), item("a")])

    after = client.get(f"{CUSTOMERS}/acme").json["customer"]
    assert refused.json["error_details"] == TAKEN
    assert after["name"] is None
    assert after["metadata"] == stored


def test_stored_items_that_are_neither_named_nor_new_are_removed(upsert, stored):
    named = {"id": stored[1]["lago_id"], "display_in_invoice": True}

    response = upsert(external_id="acme", metadata=[item("new"), named])

    kept = response.json["customer"]["metadata"]
    assert {each["key"] for each in kept} == {"b", "new"}
    assert stored[1] in kept


@pytest.mark.usefixtures("stored")
def test_different_keys_without_ids_replace_all(upsert):
    response = upsert(external_id="acme", metadata=[item("x"), item("y")])

    assert [each["key"] for each in response.json["customer"]["metadata"]] == ["x", "y"]


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({}, id="absent"),
        pytest.param({"metadata": None}, id="null"),
    ],
)
def test_metadata_that_is_not_sent_is_untouched(upsert, stored, attributes):
    response = upsert(external_id="acme", **attributes)

    assert response.json["customer"]["metadata"] == stored


@pytest.mark.usefixtures("stored")
def test_an_empty_list_removes_all(upsert):
    response = upsert(external_id="acme", metadata=[])

    assert response.json["customer"]["metadata"] == []


def test_the_answer_s_items_sent_back_with_id_for_lago_id_change_nothing(upsert, stored):
    names = ("key", "value", "display_in_invoice")
    sent = [{"id": each["lago_id"]} | {key: each[key] for key in names} for each in stored]

    response = upsert(external_id="acme", metadata=sent)

    assert response.json["customer"]["metadata"] == stored


def test_a_key_is_free_once_an_earlier_item_of_the_list_gave_it_up(upsert, stored):
    renamed = {"id": stored[0]["lago_id"], "key": "old a"}

    response = upsert(external_id="acme", metadata=[renamed, item("a", "new a")])

    keys = {each["key"]: each["value"] for each in response.json["customer"]["metadata"]}
    assert keys == {"old a": "value of a", "a": "new a"}


def test_a_key_is_taken_while_only_a_later_item_of_the_list_gives_it_up(upsert, stored):
    renamed = {"id": stored[0]["lago_id"], "key": "old a"}

    response = upsert(external_id="acme", metadata=[item("a", "new a"), renamed])

    assert response.json["error_details"] == TAKEN


def test_two_items_cannot_swap_their_keys(upsert, stored):
    swapped = [
        {"id": stored[0]["lago_id"], "key": "b"},
        {"id": stored[1]["lago_id"], "key": "a"},
    ]

    response = upsert(external_id="acme", metadata=swapped)

    assert response.json["error_details"] == TAKEN


def test_a_key_whose_item_was_removed_is_free_and_gets_an_item_of_its_own(upsert, stored):
    upsert(external_id="acme", metadata=[])

    response = upsert(external_id="acme", metadata=[item("a")])

    assert response.json["customer"]["metadata"][0]["lago_id"] not in {
        each["lago_id"] for each in stored
    }


def test_an_item_named_twice_is_changed_twice(upsert, stored):
    own = stored[0]["lago_id"]

    response = upsert(
        external_id="acme", metadata=[{"id": own, "key": "new"}, {"id": own, "value": "also new"}]
    )

    (changed,) = response.json["customer"]["metadata"]
    assert (changed["key"], changed["value"]) == ("new", "also new")


def test_keys_stay_unique_when_an_item_is_named_twice(upsert, stored):
    own = stored[0]["lago_id"]
    twice = [{"id": own, "key": "other"}, {"id": own, "value": "x"}]

    response = upsert(external_id="acme", metadata=[*twice, item("a")])

    keys = [each["key"] for each in response.json["customer"]["metadata"]]
    assert len(keys) == len(set(keys))


def test_the_id_of_an_item_depends_on_its_key_not_on_the_order_of_requests(make_client):
    def ids(keys):
        client = make_client()
        for key in keys:
            metadata = [{"key": key, "value": "v"}]
            customer = {"external_id": "a", "metadata": metadata}
            answer = client.post("/api/v1/customers", json={"customer": customer})
            yield key, answer.json["customer"]["metadata"][0]["lago_id"]

    assert dict(ids(["x", "y"])) == dict(ids(["y", "x"]))


def test_items_that_a_list_removes_are_named(upsert):
    upsert(external_id="a", metadata=[{"key": "old", "value": "v"}])

    response = upsert(external_id="a", metadata=[{"key": "new", "value": "v"}])

    assert response.status_code == 200
    assert 'removes the stored "old"' in response.headers["Mock-Explanation"]


def test_an_unknown_id_beside_a_taken_key_is_told(upsert):
    stored = upsert(external_id="a", metadata=[{"key": "k", "value": "v"}]).json["customer"]

    response = upsert(external_id="a", metadata=[{"id": "nope", "key": "k", "value": "v"}])

    assert response.json["error_details"] == {"key": ["value_already_exist"]}
    assert "no item has this id" in response.headers["Mock-Explanation"]
    assert stored["metadata"][0]["lago_id"] in response.headers["Mock-Explanation"]


def test_an_id_that_names_no_stored_item_is_remarked_on(upsert):
    response = upsert(external_id="a", metadata=[{"id": "nope", "key": "k", "value": "v"}])

    assert response.status_code == 200
    assert "/customer/metadata/0/id: [found]" in response.headers["Mock-Explanation"]
