"""The WeChat doors: an official account (公众号, 服务号) as ``wechat``, WeCom (企业微信) as ``wecom``."""
