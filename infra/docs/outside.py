#!/usr/bin/env python3
"""A preprocessor of mdBook: links of a page to files that are not below docs/.

mdBook shows the pages of docs/ alone. A page that is nothing but `{{#include ../../infra/RUNBOOK.md}}` is that file, whose links are
relative to where it lies. So a link to infra/RUNBOOK.md becomes one to that page, and a link to a file that is no page at all
(a script, a schema) becomes its text: the book is also read where the repository is not.
"""
import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
INCLUDE = re.compile(r"\{\{#include (\S+\.md)\}\}\s*")
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")


def chapters(items):
    """All chapters that are pages, those below others, too."""
    for item in items:
        if chapter := item.get("Chapter") if isinstance(item, dict) else None:
            if chapter["path"]:
                yield chapter
            yield from chapters(chapter["sub_items"])


def source(chapter):
    """The file of the repository that a chapter shows."""
    page = DOCS / chapter["source_path"]
    include = INCLUDE.fullmatch(chapter["content"])
    return (page.parent / include[1]).resolve() if include else page


def linked(text, folder, page, pages):
    """The text of a file in `folder` as that of the chapter `page`."""

    def link(match):
        label, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, _, anchor = target.partition("#")
        shown = pages.get((folder / path).resolve())
        if shown is None:
            return label
        return f"[{label}]({os.path.relpath(shown, page.parent)}{'#' if anchor else ''}{anchor})"

    # What stands between fences is no link.
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if part.startswith("```") else LINK.sub(link, part) for part in parts)


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    _, book = json.load(sys.stdin)
    found = list(chapters(book["items"]))
    pages = {source(chapter): DOCS / chapter["path"] for chapter in found}
    for chapter in found:
        file = source(chapter)
        chapter["content"] = linked(file.read_text(), file.parent, DOCS / chapter["path"], pages)
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    main()
