"""Makes matplotlib's SVG fit for standing inside a page many times: no document head, no ids that
could meet those of another figure, no more digits than a screen or a printer can show."""

from __future__ import annotations

import re
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_FONT = re.compile(r"\bfont: ([\d.]+px) ([^;]+)")
_LONG = re.compile(r"(\.\d\d)\d+")

ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", _XLINK)


def inline(document: bytes, prefix: str, description: str) -> str:
    """The <svg> element alone, described for those who cannot see it."""
    root = ElementTree.fromstring(document)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", description)
    for parent in root.iter():
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}metadata":
                parent.remove(child)
    for element in root.iter():
        if element.tag == f"{{{_SVG}}}g":
            element.attrib.pop("id", None)
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{prefix}-{value}")
            elif key == f"{{{_XLINK}}}href" and value.startswith("#"):
                element.set(key, f"#{prefix}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{prefix}-"))
            elif key == "style":  # the maker of PDFs does not know the shorthand
                element.set(key, _FONT.sub(r"font-size: \1; font-family: \2", value))
            elif key in ("d", "x", "y", "transform"):
                element.set(key, _LONG.sub(r"\1", value))
    return ElementTree.tostring(root, encoding="unicode")
