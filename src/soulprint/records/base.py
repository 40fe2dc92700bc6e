"""What all records share: the declarative base and the column types used throughout."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import UserDefinedType

UtcTime = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
UuidKey = Annotated[uuid.UUID, mapped_column(UUID, primary_key=True, default=uuid.uuid4)]
NumberKey = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]


class HalfVector(UserDefinedType[list[float]]):
    """pgvector's `halfvec`, of any number of dimensions; read and written as its text, `[0.1,0.2]`."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "halfvec"


class Bits(UserDefinedType[str]):
    """Postgres's `bit`, of any length, which only its name in quotes has."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return '"bit"'


ischema_names['"bit"'] = Bits
ischema_names["halfvec"] = HalfVector  # by which the migrations are compared with the records


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it so)
        str: Text(),
        datetime: DateTime(timezone=True),
        uuid.UUID: UUID(),
    }
