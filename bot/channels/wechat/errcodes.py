"""What WeChat's error codes mean and what the engineer does about them. docs/wechat.md lists the same ones."""

from __future__ import annotations

#: Codes of our own, for calls that came to no answer. WeChat's are -1, 0 and greater.
TIMEOUT, UNREACHABLE, GARBLED = -9001, -9002, -9003

#: The token is no good (any more): the call is tried once more with another.
TOKEN_CODES = frozenset({40001, 40014, 42001})
#: Nothing more may be sent to this resident for now.
WINDOW_CODES = frozenset({45015, 45047})
#: The account lacks the right.
RIGHT_CODES = frozenset({40200, 48001, 50001})

MEANINGS: dict[int, str] = {
    -1: "微信那边繁忙，过一会儿再试",
    40001: "AppSecret 不对，或凭据失效：核对 AppID 和 AppSecret 是同一个公众号的",
    40003: "OpenID 不对：这个人没有关注，或者是别的公众号的",
    40013: "AppID 不对：从公众平台重新复制 LINLITONG_WECHAT_APPID，注意大小写",
    40014: "凭据（access_token）不对：会自动换一个；一直这样就核对 AppID 和 AppSecret",
    40015: "菜单的类型不对：只用 ask、url 和小程序",
    40016: "菜单的个数不对：一级最多 3 个，二级最多 5 个",
    40017: "菜单的类型不对：只用 ask、url 和小程序",
    40018: "菜单的名字太长：一级最多 4 个汉字",
    40019: "菜单要问的话太长：最多 128 个字节，大约 42 个汉字",
    40020: "菜单的网址太长",
    40023: "二级菜单的个数不对：最多 5 个",
    40025: "二级菜单的名字太长：最多 8 个汉字",
    40026: "二级菜单要问的话太长：最多 128 个字节，大约 42 个汉字",
    40027: "二级菜单的网址太长",
    40029: "小程序的登录码不对或用过了：让小程序重新登录",
    40054: "二级菜单的网址不被接受：写完整的 https 网址",
    40055: "菜单的网址不被接受：写完整的 https 网址",
    40200: "这种账号不能这样做：测试号不能发菜单消息，LINLITONG_WECHAT_RIGHTS 只写 service",
    40226: "微信拦下了这个账号的登录（高风险用户）：请他用网页版",
    40125: "AppSecret 不对：在公众平台重置以后，换上新的",
    40164: "这台服务器的 IP 不在白名单里：把下面的 IP 加进公众号的“API IP 白名单”",
    40243: "AppSecret 被冻结了：登录公众平台解冻",
    42001: "凭据（access_token）过期了：会自动换一个",
    43003: "要用 https：检查 LINLITONG_WECHAT_API",
    45002: "话太长：一条最多 2048 个字节",
    45008: "图文太多：一次只能一条",
    45009: "今天调用的次数用完了：到公众平台看用量，可以清零（clear_quota）",
    45011: "调用太频繁：下一分钟再试",
    45015: "超过了能回复的时间（居民 48 小时没有说话，或者取消了关注）",
    45047: "对这位居民发的客服消息到了条数，要等他再说话",
    46003: "现在没有菜单",
    48001: "这个公众号没有这项权限：看公众平台的“接口权限”，并改 LINLITONG_WECHAT_RIGHTS",
    48004: "这项接口被封了：登录公众平台看原因",
    50001: "这个公众号没有授权这项接口",
    50002: "账号受限：登录公众平台看原因",
    TIMEOUT: "微信没有及时答复：检查这台服务器能不能上网、网络通不通",
    UNREACHABLE: "连不上微信：检查这台服务器能不能访问 LINLITONG_WECHAT_API、DNS 和防火墙",
    GARBLED: "微信的答复读不懂：检查 LINLITONG_WECHAT_API 前面有没有代理或登录页",
}


def meaning(code: int) -> str:
    """What ``code`` means, in words of an engineer's; for an unknown one where to look it up."""
    return MEANINGS.get(code, "查微信官方文档的“全局错误码”")
