"""The fields of a model: what a value may be, said once.

Three styles, freely mixed in one class: `book_id = Identifier(required=True)`,
`book_id: Identifier(required=True)`, and plain `book_id: str`. pydantic validates all three.
"""

from ddd_kit.fields.containers import Dict, List
from ddd_kit.fields.embedded import (
    HasMany,
    HasOne,
    Reference,
    ValueObject,
    ValueObjectFromEntity,
    ValueObjectList,
)
from ddd_kit.fields.simple import (
    Auto,
    Boolean,
    Custom,
    Date,
    DateTime,
    Decimal,
    Float,
    Identifier,
    Integer,
    Status,
    String,
    Text,
)
from ddd_kit.fields.spec import FieldSpec

__all__ = [
    "Auto",
    "Boolean",
    "Custom",
    "Date",
    "DateTime",
    "Decimal",
    "Dict",
    "FieldSpec",
    "Float",
    "HasMany",
    "HasOne",
    "Identifier",
    "Integer",
    "List",
    "Reference",
    "Status",
    "String",
    "Text",
    "ValueObject",
    "ValueObjectFromEntity",
    "ValueObjectList",
]

FIELD_FUNCTIONS = (
    *(Auto, Boolean, Custom, Date, DateTime, Decimal, Dict, Float, HasMany, HasOne, Identifier, Integer),
    *(List, Reference, Status, String, Text, ValueObject, ValueObjectList),
)
