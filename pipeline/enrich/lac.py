"""Baidu's small lexical analysis network for Chinese, as jieba ships it, run by numpy.

Promises one tag for each character of each text ("PER-B", "LOC-I", "n-B", "O", ...), in order, whatever the text
holds. Memory is bounded by _AT_ONCE characters, not by the texts. It makes no names of the tags: see `chinese`.

Character embeddings, two layers of gated recurrent units in both directions, and the best path of a linear-chain
conditional random field (Jiao, Sun and Sun, "Chinese Lexical Analysis with Deep Bi-GRU-CRF Network", 2018). The
weights are PaddlePaddle's own files: a header, a protocol buffer with type and shape, and little-endian floats.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.enrich.products import one_thread
from pipeline.errors import ModelError
from pipeline.text import fold

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

_SENTENCE = re.compile(r"[^。！？；!?;\n]{0,150}[。！？；!?;\n，、,]?|.", re.DOTALL)
_AT_ONCE = 12_000  # characters, padding included, that go through the network together
_HEADER = 16  # bytes: version, levels of detail, version of the tensor
_UNKNOWN = "OOV"
# The network was trained on simplified, half-width, small characters, these included: other forms have vectors that
# were never trained.
_TRAINED = str.maketrans("。、“”‘’「」『』【】〔〕〈〉—…•‧・", '.,""\'\'""""[][]《》-.···')


@dataclass(frozen=True, slots=True)
class _Layer:
    """One direction of one layer: x @ inputs + bias, then the recurrence with `gates` (n, 2n) and `state` (n, n)."""

    inputs: Floats
    bias: Floats
    gates: Floats
    state: Floats


class Tagger:
    """The loaded network. Not changed by use."""

    def __init__(self, folder: Path) -> None:
        """With the files of `folder`. Raises OSError or ValueError if they are not there or do not fit."""
        weights = folder / "model_baseline"
        self._words = {word: number for number, word in _dictionary(folder / "word.dic")}
        self._tags = [tag for _, tag in sorted(_dictionary(folder / "tag.dic"))]
        self._unknown = self._words[_UNKNOWN]
        self._embedding = _tensor(weights / "word_emb")
        self._layers = [(_layer(weights, number), _layer(weights, number + 1)) for number in (0, 2)]
        self._emission = _tensor(weights / "fc_4.w_0"), _tensor(weights / "fc_4.b_0")
        self._start, self._stop, *_ = crf = _tensor(weights / "crfw")
        self._transitions = crf[2:]

    @classmethod
    @functools.cache
    def load(cls) -> Tagger:
        """With the weights of the installed jieba, which is not imported. Raises ModelError if they are not there."""
        package = find_spec("jieba")
        try:
            if package is None or package.origin is None:
                raise FileNotFoundError("the package jieba is not installed")
            return cls(Path(package.origin).parent / "lac_small")
        except (OSError, ValueError, KeyError) as error:
            raise ModelError("jieba.lac_small", f"the weights do not load: {error}") from error

    def tag(self, texts: Sequence[str]) -> list[list[str]]:
        """The tag of each character of each text."""
        tags = [["O"] * len(text) for text in texts]
        with one_thread():
            for batch in _batches(texts):
                ids = [self._ids(texts[number][start:end]) for number, start, end in batch]
                for (number, start, end), path in zip(batch, self._paths(ids), strict=True):
                    tags[number][start:end] = [self._tags[tag] for tag in path]
        return tags

    def _ids(self, text: str) -> list[int]:
        return [self._words.get(char, self._unknown) for char in fold(text).translate(_TRAINED)]

    def _paths(self, ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        lengths = np.array([len(each) for each in ids])
        padded = np.zeros((len(ids), int(lengths.max())), dtype=np.int64)
        for row, each in zip(padded, ids, strict=True):
            row[: len(each)] = each
        states: Floats = self._embedding[padded.T]  # (time, batch, width)
        for forward, backward in self._layers:
            turned = _turned(states, lengths)
            states = np.concatenate([_run(forward, states), _turned(_run(backward, turned), lengths)], axis=2)
        weights, bias = self._emission
        return self._viterbi(states @ weights + bias, lengths)

    def _viterbi(self, scores: Floats, lengths: Numbers) -> Iterator[list[int]]:
        """The best path of each sequence; `scores` are (time, batch, tags)."""
        best = scores[0] + self._start
        kept, froms = [best], []
        for step in scores[1:]:
            ways = best[:, :, None] + self._transitions
            froms.append(ways.argmax(axis=1))
            best = ways.max(axis=1) + step
            kept.append(best)
        for number, length in enumerate(lengths):
            tag = int((kept[length - 1][number] + self._stop).argmax())
            path = [tag]
            for back in reversed(froms[: length - 1]):
                tag = int(back[number, tag])
                path.append(tag)
            yield path[::-1]


def _run(layer: _Layer, inputs: Floats) -> Floats:
    """Hidden states (time, batch, n) of a gated recurrent unit over `inputs` (time, batch, width)."""
    size = len(layer.state)
    projected = inputs @ layer.inputs + layer.bias
    hidden = np.zeros((inputs.shape[1], size), dtype=np.float32)
    states = np.empty((*inputs.shape[:2], size), dtype=np.float32)
    for at, step in enumerate(projected):
        gates = _sigmoid(step[:, : 2 * size] + hidden @ layer.gates)
        update, reset = gates[:, :size], gates[:, size:]
        proposed = np.tanh(step[:, 2 * size :] + (reset * hidden) @ layer.state)
        hidden = hidden + update * (proposed - hidden)
        states[at] = hidden
    return states


def _sigmoid(values: Floats) -> Floats:
    half = np.float32(0.5)
    shares: Floats = half * np.tanh(half * values) + half
    return shares


def _turned(states: Floats, lengths: Numbers) -> Floats:
    """Each sequence backwards, its padding left at the end."""
    steps = np.arange(len(states))[:, None]
    order = np.where(steps < lengths, lengths - 1 - steps, steps)
    turned: Floats = np.take_along_axis(states, order[:, :, None], axis=0)
    return turned


def _batches(texts: Sequence[str]) -> Iterator[list[tuple[int, int, int]]]:
    """(number of the text, start, end) of its sentences, those of like length together."""
    pieces = [
        (number, *sentence.span())
        for number, text in enumerate(texts)
        for sentence in _SENTENCE.finditer(text)
        if sentence[0]
    ]
    pieces.sort(key=lambda piece: piece[2] - piece[1], reverse=True)
    batch: list[tuple[int, int, int]] = []
    for piece in pieces:
        if batch and (len(batch) + 1) * (batch[0][2] - batch[0][1]) > _AT_ONCE:
            yield batch
            batch = []
        batch.append(piece)
    if batch:
        yield batch


def _layer(folder: Path, number: int) -> _Layer:
    recurrent = _tensor(folder / f"gru_{number}.w_0")
    size = len(recurrent)
    flat = recurrent.ravel()  # gates and state stand one after the other, not side by side
    bias = _tensor(folder / f"fc_{number}.b_0") + _tensor(folder / f"gru_{number}.b_0")[0]
    gates, state = flat[: 2 * size * size], flat[2 * size * size :]
    return _Layer(_tensor(folder / f"fc_{number}.w_0"), bias, gates.reshape(size, 2 * size), state.reshape(size, size))


def _tensor(path: Path) -> Any:
    """A dense tensor of 32-bit floats."""
    data = path.read_bytes()
    start = _HEADER + 4
    end = start + int.from_bytes(data[_HEADER:start], "little")
    _, *shape = _numbers(data[start:end])
    return np.frombuffer(data, dtype="<f4", offset=end).reshape(shape).astype(np.float32)


def _numbers(message: bytes) -> Iterator[int]:
    """The values of a protocol buffer whose fields are all integers: a tag, then base 128, lowest first."""
    at = 0
    while at < len(message):
        at += 1
        value = shift = 0
        while True:
            value |= (message[at] & 0x7F) << shift
            shift += 7
            at += 1
            if message[at - 1] < 0x80:
                break
        yield value


def _dictionary(path: Path) -> list[tuple[int, str]]:
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [(int(row[0]), row[1]) for row in rows if len(row) == 2]
