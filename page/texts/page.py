"""Texts that all tabs share, and those about uploads."""

TEXTS: dict[str, tuple[str, str]] = {
    "language": ("en", "zh"),  # as an instrument's label, tells its script the page's language
    "header_title": ("Diffusion, hands on", "动手理解扩散模型"),
    "header_lead": (
        "Watch pictures dissolve into noise, and noise turn into pictures.",
        "看图片如何变成噪声，噪声又如何变成图片。",
    ),
    "header_skip": ("Skip to the content", "跳到正文"),
    "header_other_language": ("中文", "English"),
    "header_other_code": ("zh-CN", "en"),
    "header_dark": ("Dark", "深色"),
    "header_light": ("Light", "浅色"),
    "header_tour": ("Tour", "导览"),
    "header_new": ("New here? Take the tour", "第一次来？跟着导览走"),
    "header_share": ("Share", "分享"),
    "header_present": ("Present", "演示模式"),
    "header_leave": ("Leave (Esc)", "退出演示（Esc）"),
    "header_room": (
        "In the room: {pages} · drawing: {drawing}, in line: {next} · "
        "training: {training}, in line: {waiting}",
        "在场：{pages} · 正在生成：{drawing}，排队：{next} · 正在训练：{training}，排队：{waiting}",
    ),
    "comma": (", ", "，"),
    "settings": ("Settings", "设置"),
    "close": ("Close", "关闭"),
    "seed": ("Seed", "随机种子"),
    "stop": ("Stop", "停止"),
    "stopping": ("Stopping …", "正在停止……"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    # over Gradio's messages, as it names their kinds
    "message_Error": ("Error", "错误"),
    "message_Warning": ("Warning", "警告"),
    "message_Info": ("Info", "提示"),
    "message_Success": ("Success", "成功"),
    "show_code": ("Show the code", "查看代码"),
    "names_elsewhere": (
        "What other tools call these samplers, and the spacing of their steps:",
        "这些采样器及其步的间距在其他工具中的名称：",
    ),
    "download_png": ("Download PNG", "下载 PNG"),
    "download_gif": ("Download GIF", "下载 GIF"),
    "schedule_linear": ("Linear", "线性"),
    "schedule_quadratic": ("Quadratic", "二次"),
    "schedule_cosine": ("Cosine", "余弦"),
    "schedule_sigmoid": ("Sigmoid", "Sigmoid"),
    "schedule_rectified_flow": ("Rectified flow", "整流流"),
    "schedule_edm": ("EDM", "EDM"),
    "schedule_shifted_cosine": ("Shifted cosine", "平移余弦"),
    "schedule_laplace": ("Laplace", "拉普拉斯"),
    "schedule_sigmoid_jabri": ("Sigmoid in ᾱ", "ᾱ 的 sigmoid"),
    "schedule_drawn": ("Drawn", "手绘"),
    "schedule_drawn_zero": ("Drawn, zero terminal SNR", "手绘，末端信噪比为零"),
    # options after a schedule's name, of which {value} is a number
    "schedule_shift": ("shift {value}", "平移 {value}"),
    "schedule_input_scale": ("input × {value}", "输入 × {value}"),
    "schedule_zero_terminal": ("zero terminal SNR", "末端信噪比为零"),
    "class_T-shirt/top": ("T-shirt", "T 恤"),
    "class_Trouser": ("Trouser", "裤子"),
    "class_Pullover": ("Pullover", "套头衫"),
    "class_Dress": ("Dress", "连衣裙"),
    "class_Coat": ("Coat", "外套"),
    "class_Sandal": ("Sandal", "凉鞋"),
    "class_Shirt": ("Shirt", "衬衫"),
    "class_Sneaker": ("Sneaker", "运动鞋"),
    "class_Bag": ("Bag", "包"),
    "class_Ankle boot": ("Ankle boot", "短靴"),
    "class_Smiley": ("Smiley", "笑脸"),
    "class_Person": ("Person", "人物"),
    "class_Animal or plant": ("Animal or plant", "动物或植物"),
    "class_Food": ("Food", "食物"),
    "class_Place or vehicle": ("Place or vehicle", "地点或交通工具"),
    "class_Activity": ("Activity", "活动"),
    "class_Object": ("Object", "物品"),
    "class_Symbol": ("Symbol", "符号"),
    "class_Flag": ("Flag", "旗帜"),
    "model_none": (
        "You have not trained a model yet. Train one in the Train tab, or choose the pretrained "
        "one.",
        "你还没有训练模型。请先在“训练”中训练一个，或选择预训练模型。",
    ),
    "model_gone": (
        "The model that you trained has been deleted. Train another, or choose the pretrained "
        "one. A checkpoint that you downloaded works with python -m ddpm sample.",
        "你训练的模型已被删除。请重新训练，或选择预训练模型。下载过的模型可用于 python -m ddpm "
        "sample。",
    ),
    "whole_range": (
        "{name} must be a whole number from {low} to {high}.",
        "{name}必须是 {low} 到 {high} 之间的整数。",
    ),
    "pair_range": (
        "{name} must be two whole numbers from {low} to {high}, the lower first.",
        "{name}必须是 {low} 到 {high} 之间的两个整数，小的在前。",
    ),
    "number_range": (
        "{name} must be a number from {low} to {high}.",
        "{name}必须是 {low} 到 {high} 之间的数。",
    ),
    "text_most": (
        "{name} must be a text of at most {most} characters.",
        "{name}必须是文本，最多 {most} 个字符。",
    ),
    "flag": ("{name} must be true or false.", "{name}必须是 true 或 false。"),
    "choice": ("{name} must be one of: {choices}.", "{name}必须是以下选项之一：{choices}。"),
    # names, and texts of any schedule: see ddpm/schedules/text_form.py
    "choice_or_form": (
        "{name} must be one of: {choices}; or the text of one, such as rectified_flow~shift_3 or "
        "drawn~0_12~0.4_1.5~1_-9. A drawn schedule has 2 to 32 points u_logSNR, u in order from 0 "
        "to 1, log-SNR from 30 to -30 and never rising.",
        "{name}必须是以下选项之一：{choices}；或者写成文本，例如 rectified_flow~shift_3 或 "
        "drawn~0_12~0.4_1.5~1_-9。手绘的噪声调度有 2 到 32 个点，每个点写作 u_logSNR："
        "u 在 0 到 1 之间依次增大，对数信噪比在 30 到 -30 之间，且不上升。",
    ),
    "pool_full": (
        "The line is full: {waiting} are waiting already. Please try again in a minute.",
        "现在人太多：已有 {waiting} 人在排队。请一分钟后再试。",
    ),
    "run_running": (
        "You already have a run in progress or in line. Stop it, or wait until it ends.",
        "你已有一个任务在运行或排队。请先停止它，或等它结束。",
    ),
    "events_many": (
        "You have sent too many requests at once. Wait until some of them are done.",
        "你一次发送的请求太多。请等其中一些完成后再试。",
    ),
    "answers_unread": (
        "Your connection has not received the last answers yet. Try again in a moment.",
        "之前的结果还没有传到你这里。请稍后再试。",
    ),
    "event_unheard": (
        "This run was ended because nobody followed it. Start it again and read its stream.",
        "没有人接收这次运行的结果，因此已将它结束。请重新开始，并读取它的数据流。",
    ),
    "runs_unheard": (
        "Many runs from your network were never followed. Please try again in a minute.",
        "你所在的网络启动了很多没有人接收结果的运行。请一分钟后再试。",
    ),
    "requests_many": (
        "Too many requests from your network. Please wait a few seconds.",
        "你所在的网络发送的请求太多。请等几秒钟再试。",
    ),
    "sessions_many": (
        "Too many new visitors from your network in this minute. Please try again in a minute.",
        "这一分钟里，你所在的网络有太多新访客。请一分钟后再试。",
    ),
    "sessions_full": (
        "The server is full. Please try again in a few minutes.",
        "服务器已满。请过几分钟再试。",
    ),
    "files_repeated": (
        "The same file is listed more than once. Send each picture once.",
        "同一个文件出现了不止一次。每张图片只需发送一次。",
    ),
    "uploads_large": (
        "This is more than may be uploaded at once. Choose fewer or smaller files.",
        "一次上传的内容太多。请减少文件数量，或换小一些的文件。",
    ),
    "uploads_length": (
        "An upload must say how long it is: send a Content-Length header.",
        "上传时必须说明长度：请发送 Content-Length 标头。",
    ),
    "uploads_full": (
        "Too many uploads from your network at the moment. Please try again in a minute.",
        "你所在的网络目前上传的文件太多。请一分钟后再试。",
    ),
    "server_busy": (
        "The server is overloaded. Please try again in a minute.",
        "服务器繁忙，请一分钟后再试。",
    ),
    "server_closing": (
        "The server is shutting down, and your run had not begun. Please try again in a minute.",
        "服务器即将关闭，你的任务尚未开始。请稍等一分钟再试。",
    ),
    "worker_ended": (
        "The process that computed this crashed, hung or ran out of memory, and has been "
        "restarted. Please try again.",
        "执行这项计算的进程崩溃、卡住或内存不足，现已重新启动。请再试一次。",
    ),
    "server_restarts": (
        "The server is restarting. Please load the page again in a minute.",
        "服务器正在重启，请过一分钟再打开页面。",
    ),
    "line_lost": (
        "Connection lost. Your run is still going. Reconnecting …",
        "连接已断开。运行中的任务仍在继续，正在重新连接……",
    ),
    "line_back": ("Reconnected. Your run kept going.", "已重新连接：断线期间任务一直在继续。"),
    "line_again": (
        "The server that had your run has ended. Another server takes it over.",
        "原来运行任务的服务器已停止，任务由另一台服务器接手。",
    ),
    "line_repeat": (
        "The connection was lost before the answer came. Please try again.",
        "连接在结果返回之前断开了，请重试。",
    ),
    "line_no_link": (
        "This file carries no settings of this page. Open a PNG or GIF that was downloaded here.",
        "这个文件不含本页的设置。请打开从本页下载的 PNG 或 GIF。",
    ),
    "line_gone": (
        "The connection was lost for too long. Please load the page again.",
        "连接断开太久，请重新打开页面。",
    ),
    "disk_full": (
        "The server's disk is full: it can't store any more files. Please try again later.",
        "服务器的磁盘已满，无法再保存文件。请稍后再试。",
    ),
    "disk_read_only": (
        "The server can't write to its disk, so it can't store files. Please try again later.",
        "服务器的磁盘不可写入，无法保存文件。请稍后再试。",
    ),
    "disk_failed": (
        "The server couldn't read or write a file. Please try again later.",
        "服务器读写文件时出错。请稍后再试。",
    ),
    "request_name": (
        "The name of a session may have letters, digits, - and _, at most {most} of them.",
        "会话名只能包含字母、数字、- 和 _，最多 {most} 个字符。",
    ),
    "request_large": (
        "This request is too large: at most {most} bytes are accepted here.",
        "请求太大：这里最多接受 {most} 字节。",
    ),
    "request_shape": (
        "This request has too many parts. Send fewer files at a time.",
        "请求包含的内容太多。请一次少发送一些文件。",
    ),
    "request_slow": (
        "This request took too long to arrive. Please try again.",
        "请求传输超时。请重试。",
    ),
    "request_failed": (
        "Something went wrong on the server. Please try again.",
        "服务器出错了。请重试。",
    ),
    "request_kind": (
        "The server can't make sense of a value in this request. Load the page again, and choose "
        "from what it offers.",
        "服务器无法理解请求中的某个值。请重新打开页面，并从页面提供的选项中选择。",
    ),
    "request_json": ("This request is not valid JSON.", "请求不是有效的 JSON。"),
    "request_text": (
        "This request contains text with half a character (a lone surrogate).",
        "请求的文字中含有不完整的字符（孤立的代理项）。",
    ),
    "upload_none": (
        "There is no picture: upload one, paste one, or click an example.",
        "没有图片：请上传、粘贴，或点击一个示例。",
    ),
    "upload_foreign": (
        "This picture was not uploaded here. Choose a file from your own device.",
        "这张图片不是在这里上传的。请选择你自己设备上的文件。",
    ),
    "upload_url": (
        "Links are not followed. Save the picture to your device and upload the file.",
        "这里不支持网址。请先把图片保存到你的设备，再上传文件。",
    ),
    "upload_empty": (
        "This file is empty (0 bytes). Choose another picture.",
        "这个文件是空的（0 字节）。请换一张图片。",
    ),
    "upload_svg": (
        "SVG is a drawing without pixels. Export it as PNG and upload that.",
        "SVG 是矢量图，没有像素。请导出为 PNG 再上传。",
    ),
    "upload_unknown": (
        "This file is not a picture that we can read. Upload PNG, JPEG, WebP, GIF, BMP or TIFF.",
        "无法识别这个文件。请上传 PNG、JPEG、WebP、GIF、BMP 或 TIFF 图片。",
    ),
    "upload_heic": (
        "This is a HEIC photo, as iPhones take them. Save or export it as JPEG and upload that.",
        "这是 HEIC 照片（iPhone 的默认格式）。请另存或导出为 JPEG 再上传。",
    ),
    "upload_large": (
        "This picture has too many pixels: more than 8 megapixels, or 70 for a JPEG, 25 for a "
        "progressive one. Shrink it: 1000 × 1000 is plenty.",
        "图片像素太多：上限为 800 万像素，JPEG 为 7000 万，渐进式 JPEG 为 2500 万。"
        "请先缩小，1000 × 1000 就足够了。",
    ),
    "upload_slow": (
        "This picture takes too long to open. Save it again as PNG or JPEG, or choose another one.",
        "打开这张图片耗时过长。请重新保存为 PNG 或 JPEG，或换一张。",
    ),
    "upload_memory": (
        "This picture takes too much memory to open. Save it again as PNG or JPEG, or choose "
        "another one.",
        "打开这张图片占用内存过多。请重新保存为 PNG 或 JPEG，或换一张。",
    ),
    "upload_metadata": (
        "What this file says about its picture (EXIF, comments, profiles) is damaged or far too "
        "long. Save the picture again without it.",
        "这个文件的附加信息（EXIF、注释、配置文件等）已损坏或过多。请去除附加信息后重新保存图片。",
    ),
    "upload_busy": (
        "Many pictures are being opened just now. Please try again in a minute.",
        "正在打开的图片太多。请稍等一分钟再试。",
    ),
    "upload_damaged": (
        "This picture is damaged or incomplete. Save it again, or choose another one.",
        "图片已损坏或不完整。请重新保存，或换一张。",
    ),
}
