"""Links that open a place in the resident's map app."""

from __future__ import annotations

from urllib.parse import urlencode

from knowledge.schema import Site

#: A marker further off than this would send people to the wrong door; then the app searches the address.
_MARKER_PRECISION_M = 500


def map_url(site: Site) -> str:
    """An Amap link: a marker where the point is precise, a search where only the address is known, else ""."""
    if site.lng is not None and site.lat is not None and (site.precision_m or 0) <= _MARKER_PRECISION_M:
        query = {"position": f"{site.lng:.6f},{site.lat:.6f}", "name": site.name, "coordinate": "gaode"}
        return "https://uri.amap.com/marker?" + urlencode(query)
    if site.address:
        return "https://uri.amap.com/search?" + urlencode({"keyword": site.address, "city": site.city})
    return ""
