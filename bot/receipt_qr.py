"""The receipt's code as a picture that a phone reads: the sheet's address, the code behind #, which no server sees."""

from __future__ import annotations

import segno


def address_of_sheet(code: str, public_url: str) -> str:
    """Where the sheet of ``code`` can be had; the code alone where nobody knows our address (``public_url`` "")."""
    return f"{public_url}/receipt#{code}" if public_url else code


def qr_html(said: str, caption: str) -> str:
    """A QR code of ``said`` as HTML that needs no style and no other file; ``caption`` stands below it."""
    code = segno.make(said, error="m", micro=False)
    drawn = code.svg_inline(border=4, omitsize=True, light="#fff", svgclass=None, lineclass=None)
    drawn = drawn.replace("<svg ", f'<svg role="img" aria-label="{caption}" ', 1)
    return f'<figure class="qr">{drawn}<figcaption>{caption}</figcaption></figure>'
