"""Texts of the static edition."""

TEXTS: dict[str, tuple[str, str]] = {
    "static_about": (
        "This is the static edition: everything is computed in your browser, and nothing is sent "
        "anywhere. Training, the exact denoiser and pictures by words are in the full page.",
        "这是静态版：一切都在你的浏览器中计算，不会向任何地方发送数据。"
        "训练、精确去噪器和文字生成图片在完整版中。",
    ),
    "static_offline_ready": (
        "It is kept in this browser, and opens without a network.",
        "本页已保存在这个浏览器中，没有网络也能打开。",
    ),
    "static_offline_wait": (
        "It is being kept in this browser, for use without a network: {part} of {all} files.",
        "正在保存到这个浏览器，以便离线使用：{part} / {all} 个文件。",
    ),
    "static_offline_no": (
        "It can’t be kept for use without a network at this address: browsers allow that only "
        "for https and for this computer’s own addresses.",
        "在这个地址无法保存以供离线使用：浏览器只允许 https 或本机地址这样做。",
    ),
    "static_offline_failed": (
        "It could not be kept for use without a network: this browser has no room, or a file could "
        "not be fetched. Reload the page to try again.",
        "未能保存以供离线使用：浏览器空间不足，或有文件无法下载。请重新加载页面重试。",
    ),
    "static_full": (
        "That is in the full page only: start it with python app.py.",
        "这项功能只在完整版中提供：用 python app.py 启动。",
    ),
    "static_step": (
        "This step needs the full page: start it with python app.py.",
        "这一步需要完整版：用 python app.py 启动。",
    ),
    "static_program": (
        "The full page writes the program: start it with python app.py, and open this link there.",
        "程序由完整版生成：用 python app.py 启动，再在那里打开这个链接。",
    ),
    "static_link_ignored": (
        "Some of this link is ignored, since only the full page has it or no setting takes it: "
        "{names}.",
        "这个链接的部分内容已忽略（只有完整版才有，或取值无效）：{names}。",
    ),
    "static_link_unknown": (
        "This link leads to a place that is only in the full page, or to none.",
        "这个链接指向只有完整版才有的位置，或者不存在的位置。",
    ),
    "static_choose": ("Choose a picture …", "选择图片……"),
    "static_drop": ("or drop one here, or paste it", "或拖放到这里，或粘贴"),
}
