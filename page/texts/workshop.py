"""Texts of links, of what a visitor shares or takes home, and of the tour's strip. The tour's own
are in page/workshop/tour.yaml.
"""

TEXTS: dict[str, tuple[str, str]] = {
    "link_long": (
        "This link is too long to be one of this page, so it was ignored.",
        "这个链接太长，不是本页的链接，已忽略。",
    ),
    "link_unknown": (
        "This link leads to a place that this page doesn't have, so it was ignored.",
        "链接指向的位置在本页不存在，已忽略。",
    ),
    "link_version": (
        "This link was made by another version of this page, so it was ignored.",
        "这个链接来自本页的另一个版本，已忽略。",
    ),
    "link_ignored": (
        "Part of the link was ignored, because this page doesn't take it: {names}.",
        "链接中有一部分无法识别，已忽略：{names}。",
    ),
    "link_more": ("a setting that isn't here", "本页没有的设置"),
    "share_title": ("Share what is on the screen", "分享当前画面"),
    "share_copy_link": ("Copy link", "复制链接"),
    "share_copy_code": ("Copy the program", "复制程序"),
    "share_copied": ("Copied", "已复制"),
    "share_close": ("Close", "关闭"),
    "share_link": ("Link to this page as it is now", "当前页面的链接"),
    "share_qr": ("QR code of the link", "链接的二维码"),
    "share_no_qr": (
        "This link is too long for a QR code.",
        "链接太长，无法生成二维码。",
    ),
    "share_alone": (
        "Only this computer can open this address. For others in the room, start the page with: "
        "python app.py --host 0.0.0.0",
        "只有这台电脑能打开这个地址。要让同一房间的人也能打开，请这样启动："
        "python app.py --host 0.0.0.0",
    ),
    "share_left_out": (
        "A link carries neither your pictures nor your model.",
        "链接中不包含你的图片和你训练的模型。",
    ),
    "share_program": ("As Python", "对应的 Python 程序"),
    "share_program_info": (
        "Makes the same pictures, from the same seed, without the page. It needs the package ddpm "
        "of this project: pip install . in its folder.",
        "不用本页，从同样的随机种子得到同样的图片。需要本项目的 ddpm 包：在项目文件夹中运行 "
        "pip install .",
    ),
    "share_notebook": ("Download as a notebook", "下载为 notebook"),
    "as_python": ("As Python: what is on the screen", "当前画面对应的 Python 程序"),
    # the tour's strip; tour.js fills in {step} and {count}
    "tour_name": ("Tour", "导览"),
    "tour_step": ("{step} / {count}", "{step} / {count}"),
    "tour_back": ("Previous step", "上一步"),
    "tour_next": ("Next step", "下一步"),
    "tour_try": ("Try it", "试一试"),
    "tour_answer": ("Answer", "答案"),
    "tour_code": ("QR code of this step: enlarge it", "这一步的二维码：点击放大"),
    "tour_close": ("Close the tour", "关闭导览"),
    "tour_paper": ("Where it is written: ", "出处："),
}
