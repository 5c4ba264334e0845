"""Writes the schemas and documents that schemas.sh measures: the same bytes each time.

    schema_documents.py DIRECTORY

200, 1024 and 102400 stand for the documents' sizes in bytes, which they keep within 6 %: an order's
change of state, an order, and a batch of orders.
"""

import json
import pathlib
import random
import sys

DRAFT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = {"type": "string", "pattern": "^[a-z]{2,4}_[0-9A-Za-z]{8,24}$"}
INSTANT = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
MONEY = {
    "type": "object",
    "properties": {
        "amount": {"type": "number", "minimum": 0, "maximum": 10_000_000},
        "currency": {"enum": ["CHF", "CNY", "EUR", "GBP", "JPY", "SEK", "USD"]},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
ADDRESS = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "street": {"type": "string", "minLength": 1, "maxLength": 200},
        "city": {"type": "string", "minLength": 1, "maxLength": 100},
        "postcode": {"type": "string", "pattern": "^[0-9A-Z][0-9A-Z -]{2,9}$"},
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    },
    "required": ["name", "street", "city", "country"],
    "additionalProperties": False,
}
ITEM = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4,8}$"},
        "title": {"type": "string", "minLength": 1, "maxLength": 120},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
        "price": {"$ref": "#/$defs/money"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 30}, "maxItems": 10},
        "gift": {"type": "boolean"},
    },
    "required": ["sku", "title", "quantity", "price"],
    "additionalProperties": False,
}
ORDER = {
    "type": "object",
    "properties": {
        "id": {"$ref": "#/$defs/identifier"},
        "state": {"enum": ["CREATED", "PAID", "PACKED", "SHIPPED", "DELIVERED", "CANCELLED"]},
        "created": {"$ref": "#/$defs/instant"},
        "customer": {
            "type": "object",
            "properties": {
                "id": {"$ref": "#/$defs/identifier"},
                "email": {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$", "maxLength": 254},
                "since": {"type": "integer", "minimum": 1990},
                "vip": {"type": ["boolean", "null"]},
            },
            "required": ["id", "email"],
            "additionalProperties": False,
        },
        "shipping": {"$ref": "#/$defs/address"},
        "items": {
            "type": "array",
            "items": {"$ref": "#/$defs/item"},
            "minItems": 1,
            "maxItems": 100,
        },
        "total": {"$ref": "#/$defs/money"},
        "weights": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}},
        "note": {"type": ["string", "null"], "maxLength": 500},
    },
    "required": ["id", "state", "created", "customer", "items", "total"],
    "additionalProperties": False,
}
DEFINITIONS = {
    "identifier": IDENTIFIER,
    "instant": INSTANT,
    "money": MONEY,
    "address": ADDRESS,
    "item": ITEM,
    "order": ORDER,
}
CHANGE_SCHEMA = {
    "$schema": DRAFT,
    "type": "object",
    "properties": {
        "order": {"$ref": "#/$defs/identifier"},
        "state": {"$ref": "#/$defs/order/properties/state"},
        "time": {"$ref": "#/$defs/instant"},
        "total": {"$ref": "#/$defs/money"},
        "attempt": {"type": "integer", "minimum": 1},
        "reason": {"type": ["string", "null"], "maxLength": 200},
    },
    "required": ["order", "state", "time", "total"],
    "additionalProperties": False,
    "$defs": DEFINITIONS,
}
ORDER_SCHEMA = {"$schema": DRAFT, "$ref": "#/$defs/order", "$defs": DEFINITIONS}
BATCH_SCHEMA = {
    "$schema": DRAFT,
    "type": "object",
    "properties": {
        "batch": {"$ref": "#/$defs/identifier"},
        "orders": {"type": "array", "items": {"$ref": "#/$defs/order"}, "minItems": 1},
    },
    "required": ["batch", "orders"],
    "additionalProperties": False,
    "$defs": DEFINITIONS,
}

TITLES = ["Espresso machine", "Käsereibe, groß", "Blanket 'Fjäll'", "抹茶茶碗", "Desk lamp, brass"]
CITIES = ["Zürich", "Kyōto", "Göteborg", "Leeds", "Valparaíso", "Springfield"]
TAGS = ["kitchen", "home", "sale", "fragile", "日本", "new"]


class Orders:
    """Made up, from a fixed seed."""

    def __init__(self):
        self.random = random.Random(20250101)

    def identifier(self, prefix):
        letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        return prefix + "_" + "".join(self.random.choices(letters, k=16))

    def instant(self):
        pick = self.random.randrange
        return f"2025-{pick(1, 13):02}-{pick(1, 29):02}T{pick(24):02}:{pick(60):02}:{pick(60):02}Z"

    def money(self):
        return {"amount": self.random.randrange(100, 900_000) / 100, "currency": "EUR"}

    def item(self):
        return {
            "sku": f"KIT-{self.random.randrange(10_000, 10_000_000)}",
            "title": self.random.choice(TITLES),
            "quantity": self.random.randrange(1, 12),
            "price": self.money(),
            "tags": self.random.sample(TAGS, self.random.randrange(4)),
            "gift": self.random.random() < 0.3,
        }

    def order(self, items):
        return {
            "id": self.identifier("ord"),
            "state": self.random.choice(["CREATED", "PAID", "SHIPPED"]),
            "created": self.instant(),
            "customer": {
                "id": self.identifier("cus"),
                "email": f"customer{self.random.randrange(100_000)}@example.com",
                "since": self.random.randrange(1999, 2025),
                "vip": self.random.choice([True, False, None]),
            },
            "shipping": {
                "name": "Åsa Lindqvist",
                "street": f"Storgatan {self.random.randrange(1, 200)} \"C\"",
                "city": self.random.choice(CITIES),
                "postcode": f"{self.random.randrange(10_000, 99_999)}",
                "country": "SE",
            },
            "items": [self.item() for _ in range(items)],
            "total": self.money(),
            "weights": [round(self.random.uniform(0.01, 40), 3) for _ in range(items)],
            "note": self.random.choice([None, "Leave it with the neighbour, please.\nThank you!"]),
        }

    def change(self):
        return {
            "order": self.identifier("ord"),
            "state": "SHIPPED",
            "time": self.instant(),
            "total": self.money(),
            "attempt": 2,
            "reason": "paid by transfer, cleared late by the Zürich bank",
        }

    def batch(self, size):
        """As many orders as fit."""
        batch = {"batch": self.identifier("bat"), "orders": []}
        length = len(encoded(batch))
        while True:
            order = self.order(self.random.randrange(1, 9))
            length += len(encoded(order)) + 1
            if length > size:
                return batch
            batch["orders"].append(order)


def encoded(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def main(directory):
    orders = Orders()
    documents = {
        200: (CHANGE_SCHEMA, orders.change()),
        1024: (ORDER_SCHEMA, orders.order(4)),
        102400: (BATCH_SCHEMA, orders.batch(102400)),
    }
    for size, (schema, document) in documents.items():
        text = encoded(document)
        if abs(len(text) - size) > size * 0.06:
            raise SystemExit(f"the document of {size} bytes has {len(text)}")
        (pathlib.Path(directory) / f"{size}.schema.json").write_bytes(encoded(schema))
        (pathlib.Path(directory) / f"{size}.json").write_bytes(text)


main(sys.argv[1])
