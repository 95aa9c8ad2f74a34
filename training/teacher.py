"""`python -m training.teacher GOLD NEWS OUTPUT --model FOLDER`: labels news with a transformer that learned from gold.

Fine-tunes a sentence transformer of the MPNet kind (all-mpnet-base-v2, Apache-2.0) as a word tagger on GOLD, labels
the texts of NEWS with the mean of several such taggers, and writes their spans to OUTPUT (training/silver.jsonl.xz),
which `training.ner` learns from: what ships runs at the speed of spaCy's tok2vec and never sees the transformer
(distillation: Hinton et al., 2015). GOLD and NEWS are what `python -m training.ner --export` writes. The transformer
reads lower case only, so every word also says how it is written. Needs requirements/teacher.txt and, to end within
minutes, a GPU; it is no part of `make train`.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel

from training.samples import Span, trim

LABELS = ("PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "FAC")
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BI"))
SHAPES = 8
WIDTH = 64
MAX_PIECES = 384
NEW_PARTS = 20  # times the rate of the transformer
_UNKNOWN, _START, _PADDING, _END = 3, 0, 1, 2  # pieces of MPNet
Tensor = Any
Chances = NDArray[np.float32]  # words x tags
Tagger = Any  # a torch module
_WORD = re.compile(r"\w+|[^\w\s]|\n")
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text that the transformer reads at once: its words, their pieces and shapes."""

    text: int
    words: list[tuple[int, int]]
    pieces: list[int]
    firsts: list[int]  # number of the first piece of each word
    shapes: list[int]  # of each piece
    tags: list[int]  # of each word; empty where nothing is known


def shape(word: str, *, starts: bool) -> int:
    """How a word is written.

    0 punctuation, 1 lower, 2 Title, 3 CAPITALS, 4 miXed, 5 with digits, 6 one capital, 7 Title where a sentence starts.
    """
    if not word[0].isalnum():
        return 0
    if any(char.isdigit() for char in word):
        return 5
    if word.islower():
        return 1
    if len(word) == 1:
        return 6
    if word.isupper():
        return 3
    return (7 if starts else 2) if word.istitle() else 4


def windows(texts: Sequence[str], spans: Sequence[Sequence[Any]] | None, tokenizer: Tokenizer) -> list[Window]:
    """The texts cut where a piece more would be too many, at white space."""
    made: list[Window] = []
    for number, text in enumerate(texts):
        words = [match.span() for match in _WORD.finditer(text) if match[0] != "\n"]
        if not words:
            continue
        pieces = [tokenizer.encode(text[start:end], add_special_tokens=False).ids or [_UNKNOWN] for start, end in words]
        tags = _tags(words, spans[number]) if spans is not None else []
        first, size = 0, 0
        for at in range(len(words) + 1):
            if at == len(words) or size + len(pieces[at]) > MAX_PIECES:
                made.append(_window(number, text, words[first:at], pieces[first:at], tags[first:at]))
                first, size = at, 0
            size += len(pieces[at]) if at < len(words) else 0
    return made


def _window(number: int, text: str, words: list[tuple[int, int]], pieces: list[list[int]], tags: list[int]) -> Window:
    flat, firsts, shapes = [_START], [], [0]
    for (start, end), own in zip(words, pieces, strict=True):
        firsts.append(len(flat))
        flat += own
        starts = start == 0 or text[:start].rstrip(" \"“'‘").endswith(("\n", ".", "!", "?"))
        shapes += [shape(text[start:end], starts=starts)] * len(own)
    return Window(number, words, [*flat, _END], firsts, [*shapes, 0], tags)


def _tags(words: Sequence[tuple[int, int]], spans: Sequence[Any]) -> list[int]:
    tags = [0] * len(words)
    for start, end, label in spans:
        inside = [at for at, (first, last) in enumerate(words) if first < end and last > start]
        for at in inside:
            known = TAGS.index(f"{'B' if at == inside[0] else 'I'}-{label}") if label in LABELS else 0
            tags[at] = known
    return tags


def tagger(folder: Path) -> Tagger:
    """The transformer, an embedding of how words are written, and one layer to the tags."""
    body = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    width = AutoConfig.from_pretrained(folder).hidden_size
    shapes = torch.nn.Embedding(SHAPES, width)
    torch.nn.init.zeros_(shapes.weight)
    output = torch.nn.Sequential(torch.nn.Dropout(0.1), torch.nn.Linear(width, len(TAGS)))
    return torch.nn.ModuleDict({"body": body, "shapes": shapes, "output": output})


def scored(model: Tagger, pieces: Tensor, shapes: Tensor, mask: Tensor) -> Tensor:
    """Windows x pieces x tags: what the model thinks of each tag, before a softmax."""
    embedded = model["body"].get_input_embeddings()(pieces) + model["shapes"](shapes)
    hidden = model["body"](inputs_embeds=embedded, attention_mask=mask).last_hidden_state
    return model["output"](hidden)


def batches(made: Sequence[Window], random: Random | None, *, pieces: int) -> Iterator[list[Window]]:
    """Windows of about one length together; in random order for training."""
    order = sorted(made, key=lambda window: len(window.pieces) + (random.random() * 8 if random else 0))
    grouped: list[list[Window]] = [[]]
    for window in order:
        if grouped[-1] and (len(grouped[-1]) + 1) * len(window.pieces) > pieces:
            grouped.append([])
        grouped[-1].append(window)
    if random:
        random.shuffle(grouped)
    yield from grouped


def tensors(batch: Sequence[Window], device: str) -> list[Tensor]:
    """Pieces, shapes, mask and tags, each windows x pieces; no tag at pieces that start no word."""
    longest = max(len(window.pieces) for window in batch)
    pieces, shapes, mask = (np.zeros((len(batch), longest), dtype=np.int64) for _ in range(3))
    pieces[:] = _PADDING
    tags = np.full((len(batch), longest), _IGNORED)
    for row, window in enumerate(batch):
        size = len(window.pieces)
        pieces[row, :size], shapes[row, :size], mask[row, :size] = window.pieces, window.shapes, 1
        if window.tags:
            tags[row, window.firsts] = window.tags
    return [torch.from_numpy(array).to(device) for array in (pieces, shapes, mask, tags)]


def trained(made: Sequence[Window], folder: Path, *, seed: int, epochs: int, rate: float, device: str) -> Tagger:
    """A tagger fine-tuned for `epochs`; the rate rises for a tenth of the steps, then falls."""
    torch.manual_seed(seed)
    random = Random(seed)
    model = tagger(folder).to(device).train()
    rates = {"body": rate, "shapes": rate * NEW_PARTS, "output": rate * NEW_PARTS}
    groups = [{"params": model[name].parameters(), "lr": rates[name]} for name in rates]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    total = epochs * sum(1 for _ in batches(made, None, pieces=2048))
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (total / 10), max(0.0, (total - step) / (total * 0.9)))
    )
    began, step = time.time(), 0
    for epoch in range(epochs):
        losses = []
        for batch in batches(made, random, pieces=2048):
            pieces, shapes, mask, tags = tensors(batch, device)
            with torch.autocast(device, dtype=torch.bfloat16):
                logits = scored(model, pieces, shapes, mask)
                loss = torch.nn.functional.cross_entropy(
                    logits.flatten(0, 1).float(), tags.flatten(), ignore_index=_IGNORED, label_smoothing=0.02
                )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            step += 1
            if step % 20 == 0:
                losses.append(loss.item())
        print(f"seed {seed} epoch {epoch} loss {np.mean(losses):.4f} {time.time() - began:.0f} s", flush=True)
    return model.eval()


def probabilities(models: Sequence[Tagger], made: Sequence[Window], device: str) -> Iterator[tuple[Window, Chances]]:
    """Words x tags of each window, the mean of the models."""
    for batch in batches(made, None, pieces=16_384):
        pieces, shapes, mask, _ = tensors(batch, device)
        with torch.inference_mode(), torch.autocast(device, dtype=torch.bfloat16):
            outputs = [torch.softmax(scored(model, pieces, shapes, mask).float(), -1) for model in models]
        mean = torch.stack(outputs).mean(0).cpu().numpy()
        for row, window in enumerate(batch):
            yield window, mean[row, window.firsts]


_FORBIDDEN = np.array(
    [[tag[0] == "I" and before[1:] != tag[1:] for tag in TAGS] for before in TAGS]
)  # "I-X" follows "B-X" or "I-X"


def decoded(window: Window, chances: Chances) -> list[Span]:
    """The best sequence of tags as spans (Viterbi)."""
    logs = np.log(chances + 1e-9)
    score = np.where([tag[0] == "I" for tag in TAGS], -np.inf, logs[0])
    back = []
    for row in logs[1:]:
        paths = np.where(_FORBIDDEN, -np.inf, score[:, None])
        back.append(paths.argmax(0))
        score = paths.max(0) + row
    best = [int(score.argmax())]
    for pointers in reversed(back):
        best.append(int(pointers[best[-1]]))
    best.reverse()
    spans: list[Span] = []
    for tag, (start, end) in zip(best, window.words, strict=True):
        if TAGS[tag][0] == "B":
            spans.append((start, end, TAGS[tag][2:]))
        elif TAGS[tag][0] == "I":
            spans.append((spans.pop()[0], end, TAGS[tag][2:]))
    return spans


def labelled(models: Sequence[Tagger], texts: Sequence[str], tokenizer: Tokenizer, device: str) -> list[list[Span]]:
    """The spans of each text, without articles and possessives."""
    found: list[list[Span]] = [[] for _ in texts]
    for window, chances in probabilities(models, windows(texts, None, tokenizer), device):
        text = texts[window.text]
        spans = ((*trim(text, start, end), label) for start, end, label in decoded(window, chances))
        found[window.text] += [span for span in spans if span[0] < span[1]]
    return [sorted(spans) for spans in found]


CONTEXTS = ("{}", "{} said", "in {}", "with {}.")  # of a word with a capital, beside the word alone in lower case


def word_vectors(model: Tagger, words: Sequence[str], tokenizer: Tokenizer, device: str, *, width: int) -> Chances:
    """Words x `width`: what the tagger thinks of each word where little else is said, in its main components."""
    parts = []
    for contexts in (CONTEXTS, ("{}",)):
        total = torch.zeros(len(words), model["output"][1].in_features, device=device)
        for context in contexts:
            at = context[: context.index("{")].count(" ")
            shown = [word.capitalize() if contexts is CONTEXTS else word for word in words]
            made = windows([context.format(word) for word in shown], None, tokenizer)
            for batch in batches(made, None, pieces=32_768):
                pieces, shapes, mask, _ = tensors(batch, device)
                with torch.inference_mode(), torch.autocast(device, dtype=torch.bfloat16):
                    embedded = model["body"].get_input_embeddings()(pieces) + model["shapes"](shapes)
                    hidden = model["body"](inputs_embeds=embedded, attention_mask=mask).last_hidden_state.float()
                rows = torch.tensor([window.text for window in batch], device=device)
                firsts = torch.tensor([window.firsts[at] for window in batch], device=device)
                total[rows] += hidden[torch.arange(len(batch), device=device), firsts]
        parts.append(total / len(contexts))
    known = torch.cat(parts, 1)
    known = (known - known.mean(0)) / known.std(0).clamp_min(1e-6)
    torch.manual_seed(0)
    left, values, _ = torch.pca_lowrank(known, q=width, center=False, niter=4)
    found = left * values
    print("variance kept", float(values.square().sum() / known.square().sum()), flush=True)
    return np.asarray((found / found.std()).cpu().numpy(), dtype=np.float32)


def _read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("news", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--words", type=Path, help="lower-case words, one a line, to make vectors of")
    parser.add_argument("--vectors", type=Path, help="file of the vectors, .npz")
    parser.add_argument("--models", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=5e-5)
    options = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    gold = _read(options.gold)
    made = windows([row["text"] for row in gold], [row["spans"] for row in gold], tokenizer)
    print(len(made), "windows", sum(len(window.words) for window in made), "words", flush=True)
    models = [
        trained(made, options.model, seed=seed, epochs=options.epochs, rate=options.rate, device=device)
        for seed in range(options.models)
    ]
    if options.words:
        words = options.words.read_text(encoding="utf-8").split()
        np.savez_compressed(
            options.vectors,
            words=np.array(words),
            vectors=word_vectors(models[0], words, tokenizer, device, width=WIDTH).astype(np.float16),
        )
    news = _read(options.news)
    spans = labelled(models, [row.pop("text") for row in news], tokenizer, device)
    with lzma.open(options.output, "wt", encoding="utf-8", preset=9) as file:
        for row, found in zip(news, spans, strict=True):
            print(json.dumps(row | {"spans": found}, separators=(",", ":")), file=file)


if __name__ == "__main__":
    main()
