"""H.264 parameter sets: read them, tell whether those of two streams can live in one MP4 track, and write them. Pure.

An `avc1` track declares its SPS and PPS once, in the `avcC` box. Pictures refer to them by number, and most encoders number theirs 0: a
part from another encoder, copied behind the first, would be decoded with the first part's sets and show garbage. Sets with different
numbers can be declared side by side. (ISO/IEC 14496-15, 5.3.3; ITU-T H.264, 7.3.2.)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

NAL_IDR, NAL_SPS, NAL_PPS = 5, 7, 8
MAXIMUM_SPS = 31  # five bits in avcC
MAXIMUM_PPS = 255  # eight bits in avcC
HIGH_EXTENSION = b"\xfd\xf8\xf8\x00"  # 4:2:0, 8 bits of luma and of chroma, no SPS extensions


class MalformedParameterSets(ValueError):
    """The bytes are no avcC box that we understand."""


@dataclass(frozen=True)
class ParameterSets:
    """The content of an avcC box. `extension` is what follows the sets for the High profiles (chroma format, bit depths)."""

    profile: int
    compatibility: int
    level: int
    length_size: int
    sequence: tuple[bytes, ...]
    picture: tuple[bytes, ...]
    extension: bytes

    @classmethod
    def from_avcc(cls, box: bytes) -> "ParameterSets":
        """Parse the extradata of an H.264 stream in MP4. Raises MalformedParameterSets."""
        if len(box) < 7 or box[0] != 1:
            raise MalformedParameterSets("not an avcC box")
        sequence, position = _read_sets(box, 5, box[5] & 0x1F)
        if position >= len(box):
            raise MalformedParameterSets("no picture parameter sets")
        picture, position = _read_sets(box, position, box[position])
        # Some muxers leave the High profiles' extension out; the caller copies 4:2:0 with 8 bits only, so it is known.
        extension = box[position:] or (HIGH_EXTENSION if box[1] >= 100 else b"")
        return cls(box[1], box[2], box[3], (box[4] & 3) + 1, sequence, picture, extension)

    @classmethod
    def from_annex_b(cls, stream: bytes) -> "ParameterSets":
        """Parse what an encoder announces: start codes, 4:2:0 and 8 bits a sample assumed. Raises MalformedParameterSets."""
        units = [unit.strip(b"\x00") for unit in stream.split(b"\x00\x00\x01") if unit.strip(b"\x00")]
        sequence = tuple(unit for unit in units if unit[0] & 0x1F == NAL_SPS)
        picture = tuple(unit for unit in units if unit[0] & 0x1F == NAL_PPS)
        if not sequence or not picture:
            raise MalformedParameterSets("the encoder announced no parameter sets")
        profile, compatibility, level = sequence[0][1:4]
        return cls(profile, compatibility, level, 4, sequence, picture, HIGH_EXTENSION if profile >= 100 else b"")

    def avcc(self) -> bytes:
        """The box, ready to be a stream's extradata."""
        head = bytes((1, self.profile, self.compatibility, self.level, 0xFC | (self.length_size - 1)))
        sequence = bytes((0xE0 | len(self.sequence),)) + b"".join(len(item).to_bytes(2, "big") + item for item in self.sequence)
        picture = bytes((len(self.picture),)) + b"".join(len(item).to_bytes(2, "big") + item for item in self.picture)
        return head + sequence + picture + self.extension

    def numbered(self) -> dict[tuple[int, int], bytes]:
        """Each set under its kind (SPS or PPS) and number."""
        return {(item[0] & 0x1F, set_number(item)): item for item in (*self.sequence, *self.picture)}


def merge(first: ParameterSets, second: ParameterSets) -> ParameterSets | None:
    """Both sets in one, or None when they cannot share a track: another profile, or one number that means two things."""
    if (first.profile, first.length_size, first.extension) != (second.profile, second.length_size, second.extension):
        return None
    known, added = first.numbered(), second.numbered()
    if any(known.get(number, item) != item for number, item in added.items()):
        return None
    merged = replace(
        first,
        compatibility=first.compatibility & second.compatibility,
        level=max(first.level, second.level),
        sequence=tuple(dict.fromkeys((*first.sequence, *second.sequence))),
        picture=tuple(dict.fromkeys((*first.picture, *second.picture))),
    )
    return merged if len(merged.sequence) <= MAXIMUM_SPS and len(merged.picture) <= MAXIMUM_PPS else None


def units(packet: bytes, length_size: int) -> Iterator[bytes]:
    """The NAL units of one length-prefixed packet; a unit that claims more bytes than are left ends the walk."""
    position = 0
    while position + length_size < len(packet):
        size = int.from_bytes(packet[position : position + length_size], "big")
        position += length_size
        if size == 0 or position + size > len(packet):
            return
        yield packet[position : position + size]
        position += size


def set_number(unit: bytes) -> int:
    """The number by which pictures refer to an SPS (seq_parameter_set_id) or PPS (pic_parameter_set_id)."""
    payload = unit[:16].replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention
    return _exp_golomb(payload[4:] if unit[0] & 0x1F == NAL_SPS else payload[1:])


def _exp_golomb(payload: bytes) -> int:
    bits = "".join(f"{byte:08b}" for byte in payload[:8])
    zeros = len(bits) - len(bits.lstrip("0"))
    if 2 * zeros + 1 > len(bits):
        raise MalformedParameterSets("a parameter set without a number")
    return int(bits[zeros : 2 * zeros + 1], 2) - 1


def _read_sets(box: bytes, position: int, count: int) -> tuple[tuple[bytes, ...], int]:
    """`count` length-prefixed sets after the count byte at `position`, and the position behind them."""
    position += 1
    sets: list[bytes] = []
    for _ in range(count):
        size = int.from_bytes(box[position : position + 2], "big")
        item = box[position + 2 : position + 2 + size]
        if size < 2 or len(item) != size:
            raise MalformedParameterSets("a parameter set is cut off")
        sets.append(item)
        position += 2 + size
    return tuple(sets), position
