"""Where characters begin and end in UTF-8 that was cut anywhere."""


def first(chunk: bytes) -> int:
    """How many bytes at the start belong to a character that began before it."""
    for index, byte in enumerate(chunk[:4]):
        if byte & 0xC0 != 0x80:
            return index
    return min(len(chunk), 4)


def last(chunk: bytes) -> int:
    """Where the last whole character ends; never 0 for a chunk that holds one."""
    for back in range(1, min(4, len(chunk)) + 1):
        byte = chunk[-back]
        if byte & 0xC0 == 0x80:
            continue
        width = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        return len(chunk) if width <= back else len(chunk) - back
    return len(chunk)
