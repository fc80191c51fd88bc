"""What AAC's headers say about continuing one encoder's packets with another's. Pure. (ISO/IEC 14496-3, 1.6.2.1, 4.4.1 and 4.4.2.)"""

AAC_FRAME_SAMPLES = 1024
_LOW_COMPLEXITY = 2  # audio object type
_SINGLE_CHANNEL, _CHANNEL_PAIR = 0, 1  # id_syn_ele
_LONG_SLOPES = (0, 3)  # window_sequence ONLY_LONG and LONG_STOP; the others end in a short slope
_SAMPLE_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def is_low_complexity(config: bytes | None, sample_rate: int, channels: int) -> bool:
    """Whether a stream is plain AAC-LC of this rate and number of channels, in frames of 1024 samples.

    False for HE-AAC, whose stated rate is double its coded one, for frames of 960 samples, and for layouts that need a description
    of their own.
    """
    if config is None or len(config) < 2:
        return False
    bits = int.from_bytes(config[:2], "big")
    object_type, rate_index, channel_layout, short_frames = bits >> 11, (bits >> 7) & 0xF, (bits >> 3) & 0xF, (bits >> 2) & 1
    rate_matches = rate_index < len(_SAMPLE_RATES) and _SAMPLE_RATES[rate_index] == sample_rate
    return object_type == _LOW_COMPLEXITY and rate_matches and 1 <= channel_layout <= 6 and channel_layout == channels and not short_frames


def ends_in_long_slope(packet: bytes) -> bool:
    """Whether the window of a packet fades out over its whole second half, as the usual packet after it expects.

    False also where it cannot be told from the first bits: two channels with windows of their own.
    """
    if len(packet) < 4:
        return False
    bits = f"{int.from_bytes(packet[:4], 'big'):032b}"
    element = int(bits[:3], 2)
    if element == _SINGLE_CHANNEL:  # tag 4, global_gain 8, reserved 1
        return int(bits[16:18], 2) in _LONG_SLOPES
    if element == _CHANNEL_PAIR and bits[7] == "1":  # tag 4, common_window 1, reserved 1
        return int(bits[9:11], 2) in _LONG_SLOPES
    return False
