"""Plays WeChat's part: pushes what a user sends to a server, takes its replies and serves the API that it calls.

Written from the published protocol alone and apart from ``bot/channels/wechat``: it has its own cipher and its own
XML, so that a mistake of the channel's is not made here as well. What the documents leave open is an assumption,
said where it is made.

``python -m tools.wechat_simulator`` chats through it; ``WeChat`` (wechat.py) is the whole of it for tests.
"""
