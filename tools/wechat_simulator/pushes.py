"""What a user does in WeChat, as the push that it makes (the fields are those of the published examples)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional

from tools.wechat_simulator.xml_text import Value

#: Kinds of customer-service window: after a message of the user's, or after a tap, a follow or a scan.
Window = Literal["message", "tap"]


@dataclass(frozen=True)
class Push:
    """One push. ``fields`` lack what every push has: both names, the time and the id."""

    #: MsgType, or the event's name.
    kind: str
    fields: dict[str, Value]
    #: The user's own bubble; "" where WeChat shows none.
    shown: str
    #: The window that it opens for customer-service messages.
    opens: Optional[Window] = None
    #: Whether the user may see a reply, and the notice where none comes. The documents say only that some events
    #: allow no reply; assumed of unsubscribe (nobody is there), VIEW and LOCATION (they happen by the way).
    answerable: bool = True

    @property
    def is_event(self) -> bool:
        return self.fields.get("MsgType") == "event"


def text(content: str, menu_id: str = "") -> Push:
    """A typed message; ``menu_id``: the id of the line of a ``msgmenu`` that was tapped."""
    fields: dict[str, Value] = {"MsgType": "text", "Content": content}
    if menu_id:
        fields["bizmsgmenuid"] = menu_id
    return Push("text", fields, content, "message")


def voice(recognition: Optional[str]) -> Push:
    """A spoken message; ``recognition`` None where the account has not switched recognition on."""
    fields: dict[str, Value] = {"MsgType": "voice", "MediaId": "media-voice", "Format": "amr"}
    if recognition is not None:
        fields["Recognition"] = recognition
    return Push("voice", fields, f"〔语音〕{recognition or ''}", "message")


def image() -> Push:
    """A picture."""
    fields: dict[str, Value] = {"MsgType": "image", "PicUrl": "https://example.org/picture.jpg", "MediaId": "media"}
    return Push("image", fields, "〔图片〕", "message")


def video(short: bool = False) -> Push:
    """A video, or a short one."""
    kind = "shortvideo" if short else "video"
    return Push(kind, {"MsgType": kind, "MediaId": "media-video", "ThumbMediaId": "media-thumb"}, "〔视频〕", "message")


def location(lat: float, lng: float, label: str = "", scale: int = 16) -> Push:
    """A place that the user chose on the map, degrees. ``Location_X`` is the latitude."""
    fields: dict[str, Value] = {"MsgType": "location", "Location_X": lat, "Location_Y": lng, "Scale": scale,
                                "Label": label}
    return Push("location", fields, f"〔位置〕{label or f'{lat}, {lng}'}", "message")


def link(title: str, description: str, url: str) -> Push:
    """An article that the user shares with the account."""
    fields: dict[str, Value] = {"MsgType": "link", "Title": title, "Description": description, "Url": url}
    return Push("link", fields, f"〔链接〕{title}", "message")


def subscribe(scene: str = "") -> Push:
    """The user follows the account; with the ``scene`` of the QR code by which they came."""
    more: dict[str, Value] = {"EventKey": f"qrscene_{scene}", "Ticket": "ticket"} if scene else {"EventKey": ""}
    return _event("subscribe", more, opens="tap")


def unsubscribe() -> Push:
    """The user leaves."""
    return _event("unsubscribe", {"EventKey": ""}, answerable=False)


def click(key: str, name: str = "") -> Push:
    """A tap on a menu entry of type ``click``; ``name`` is what stands on it."""
    return _event("CLICK", {"EventKey": key}, shown=f"〔菜单〕{name or key}", opens="tap")


def view(url: str) -> Push:
    """A tap on a menu entry that opens a page."""
    return _event("VIEW", {"EventKey": url, "MenuId": 424242}, answerable=False)


def location_report(lat: float, lng: float, precision: float = 40.0) -> Push:
    """Where the phone is, as it reports by itself; degrees, precision in metres."""
    return _event("LOCATION", {"Latitude": lat, "Longitude": lng, "Precision": precision}, answerable=False)


def scan(scene: str) -> Push:
    """A follower scans a QR code of the account."""
    return _event("SCAN", {"EventKey": scene, "Ticket": "ticket"}, opens="tap")


def scancode(key: str, result: str, wait: bool = True) -> Push:
    """A menu entry that scans a code and sends what it says."""
    event = "scancode_waitmsg" if wait else "scancode_push"
    info: dict[str, Value] = {"ScanType": "qrcode", "ScanResult": result}
    return _event(event, {"EventKey": key, "ScanCodeInfo": info}, opens="tap")


def _event(event: str, more: dict[str, Value], *, shown: str = "", opens: Optional[Window] = None,
           answerable: bool = True) -> Push:
    return Push(event, {"MsgType": "event", "Event": event, **more}, shown, opens, answerable)
