"""Messages written by hand, as Go clients send them."""

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"


def varint(number):
    number &= 2**64 - 1
    digits = []
    while number >= 0x80:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def field(number, value):
    """A number, or text, bytes or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def message(*fields):
    return b"".join(field(number, value) for number, value in fields)


def envelope(api_version, kind, *fields):
    named = message((1, api_version), (2, kind))
    return b"k8s\0" + message((1, named), (2, message(*fields)), (3, ""), (4, ""))
