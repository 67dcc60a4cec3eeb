from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

from einthoven.errors import OptionError
from einthoven.images.export.class_numbers import class_numbers
from einthoven.images.export.label_map import label_map


def read(text: str) -> dict[int, str]:
    """Read a label map as the Object Detection API does, by its string_int_label_map.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="label_map.proto", package="maps", syntax="proto2")
    field = descriptor_pb2.FieldDescriptorProto
    item = file.message_type.add(name="Item")
    item.field.add(name="name", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    item.field.add(name="id", number=2, type=field.TYPE_INT32, label=field.LABEL_OPTIONAL)
    whole = file.message_type.add(name="Map")
    whole.field.add(name="item", number=1, type=field.TYPE_MESSAGE, label=field.LABEL_REPEATED, type_name=".maps.Item")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName("maps.Map"))()
    text_format.Parse(text, message)
    return {one.id: one.name for one in message.item}


def test_numbers_begin_with_one_and_names_come_back_as_they_were() -> None:
    names = ["MLII-N", "V5-/", "it's", 'a "b"', "back\\slash", "é–", "two\nlines", ""]
    assert read(label_map(names)) == dict(enumerate(names, start=1))
    assert read(label_map([])) == {}


@pytest.mark.parametrize("names", [("N", "N"), ("N", "")])
def test_every_class_has_a_name_of_its_own(names: tuple[str, ...]) -> None:
    with pytest.raises(OptionError, match="each must have a name of its own"):
        class_numbers(names)
