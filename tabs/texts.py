"""Every sentence of the page, in English and Chinese.

The Chinese terms are those of The Annotated Diffusion Model, the notebook this page grew from.
"""

from __future__ import annotations

import gradio as gr

LATEX = [{"left": "$", "right": "$", "display": False}]  # gr.Markdown's default is $$ alone

P_STEP = (
    r"$x_{t-1} = \frac{\sqrt{\bar\alpha_{t-1}}\,\beta_t}{1-\bar\alpha_t}\hat x_0"
    r" + \frac{\sqrt{\alpha_t}\,(1-\bar\alpha_{t-1})}{1-\bar\alpha_t} x_t + \sigma_t z$"
)
X_START = (
    r"$\hat x_0 = (x_t - \sqrt{1-\bar\alpha_t}\,\epsilon_\theta(x_t, t)) / \sqrt{\bar\alpha_t}$"
)
LOSS = (
    r"$\| \epsilon - \epsilon_\theta(\sqrt{\bar\alpha_t}\,x_0"
    r" + \sqrt{1-\bar\alpha_t}\,\epsilon,\ t) \|^2$"
)
VELOCITY = r"$v = \sqrt{\bar\alpha_t}\,\epsilon - \sqrt{1-\bar\alpha_t}\,x_0$"

TEXTS: dict[str, tuple[str, str]] = {
    # --- the page
    "title": (
        "# Diffusion, hands on\nWatch pictures dissolve into noise, and noise turn into pictures.",
        "# 动手理解扩散模型\n看图片如何变成噪声，噪声又如何变成图片。",
    ),
    "seed": ("Seed", "随机种子"),
    "stop": ("Stop", "停止"),
    "show_code": ("Show the code", "查看代码"),
    "download_png": ("Download PNG", "下载 PNG"),
    "download_gif": ("Download GIF", "下载 GIF"),
    "schedule_linear": ("Linear", "线性"),
    "schedule_quadratic": ("Quadratic", "二次"),
    "schedule_cosine": ("Cosine", "余弦"),
    "schedule_sigmoid": ("Sigmoid", "Sigmoid"),
    "class_0": ("T-shirt", "T恤"),
    "class_1": ("Trouser", "裤子"),
    "class_2": ("Pullover", "套头衫"),
    "class_3": ("Dress", "连衣裙"),
    "class_4": ("Coat", "外套"),
    "class_5": ("Sandal", "凉鞋"),
    "class_6": ("Shirt", "衬衫"),
    "class_7": ("Sneaker", "运动鞋"),
    "class_8": ("Bag", "包"),
    "class_9": ("Ankle boot", "短靴"),
    # --- Noise
    "noise_tab": ("Noise", "加噪"),
    "noise_intro": (
        "The forward process: a picture dissolves into noise. Every schedule mixes the **same** "
        "picture with the **same** noise, only at another pace. Move *t*, or press play.",
        "前向扩散过程：图片逐渐变成噪声。每种方差表都把**同一张**图片与**同一份**噪声混合，"
        "只是快慢不同。拖动 *t*，或点击播放。",
    ),
    "noise_image": ("Your picture", "你的图片"),
    "noise_examples": ("Or one of these", "或者选一张"),
    "noise_T": ("Steps T", "总步长 T"),
    "noise_seed_info": ("Same seed, same noise ε", "种子相同，噪声 ε 就相同"),
    "noise_schedules": ("Noise schedules", "方差表"),
    "noise_notebook": ("β range as in the notebook", "β 范围与笔记本相同"),
    "noise_notebook_info": (
        "β from 0.0001 to 0.02 whatever T is. See what it does at T = 200.",
        "不论 T 是多少，β 都从 0.0001 到 0.02。看看 T = 200 时会怎样。",
    ),
    "noise_make_gif": ("Make GIF", "生成 GIF"),
    "whole_range": (
        "{name} must be a whole number from {low} to {high}.",
        "{name} 必须是 {low} 到 {high} 之间的整数。",
    ),
    "noise_equation": (
        "$$\\mathbf x_t = \\sqrt{\\bar\\alpha_t}\\;\\mathbf x_0 + \\sqrt{1-\\bar\\alpha_t}\\;"
        "\\epsilon,\\quad \\epsilon\\sim\\mathcal N(\\mathbf 0,\\mathbf I)$$\n"
        "$$\\bar\\alpha_t = \\prod_{s\\le t}(1-\\beta_s)$$",
        "$$\\mathbf x_t = \\sqrt{\\bar\\alpha_t}\\;\\mathbf x_0 + \\sqrt{1-\\bar\\alpha_t}\\;"
        "\\epsilon,\\quad \\epsilon\\sim\\mathcal N(\\mathbf 0,\\mathbf I)$$\n"
        "$$\\bar\\alpha_t = \\prod_{s\\le t}(1-\\beta_s)$$",
    ),
    # what noise.js writes on the page; it fills in {name} and {percent}
    "noise_language": ("en", "zh"),
    "noise_js_play": ("Play", "播放"),
    "noise_js_pause": ("Pause", "暂停"),
    "noise_js_time": ("Time step t", "时间步 t"),
    "noise_js_canvas": (
        "The picture at time t, {name} schedule",
        "时间步 t 的图片，{name}方差表",
    ),
    "noise_js_bad": ("x_T is not noise yet", "x_T 还不是纯噪声"),
    "noise_js_left": ("{percent}% of the picture is left", "图片还剩 {percent}%"),
    "noise_js_signal": ("ᾱ, the picture's share of the power", "ᾱ：图片在功率中所占的比例"),
    "noise_js_snr": ("log-SNR, in decibels", "对数信噪比（分贝）"),
    "noise_example_cat": ("Cat", "猫"),
    "noise_js_copy": ("Copy a link to these settings", "复制这些设置的链接"),
    "noise_js_copied": ("Copied:", "已复制："),
    "noise_js_copy_this": ("Copy this:", "请复制："),
    "noise_js_none": ("Choose at least one schedule.", "请至少选择一种方差表。"),
    # the samples under the notebook's range
    "mismatch_go": (
        "What does the notebook's β range do to samples?",
        "笔记本的 β 范围会给采样带来什么后果？",
    ),
    "mismatch_notebook": ("β as in the notebook", "β 与笔记本相同"),
    "mismatch_rescaled": ("β × 1000/T", "β × 1000/T"),
    "mismatch_setting": ("{name}, T = {T}", "{name}，T = {T}"),
    "mismatch_left": ("{percent}% of the picture is left in x_T", "x_T 中图片还剩 {percent}%"),
    "mismatch_why": (
        "In training, x_T still held {percent}% of a mostly black picture; sampling starts from "
        "pure noise, which is brighter, so bright garments that fill the frame come out, and "
        "hardly a slender one. Both sides use the same exact denoiser and the same noise: only β "
        "differs.",
        "训练时，x_T 里还留有图片的 {percent}%，而图片大部分是黑色的；采样却从更亮的纯噪声开始，"
        "于是得到的多是占满画面的明亮衣物，几乎没有细长的。两边用的是同一个精确的去噪器和同一份噪声："
        "不同的只有 β。",
    ),
    "mismatch_why_same": (
        "At T = {T} nothing of the picture is left in x_T under either range: sampling starts "
        "where training ended, and every class gets its share. Try T = 200.",
        "T = {T} 时，两种范围下 x_T 中都不再有图片：采样的起点就是训练的终点，"
        "每个类别都得到应有的份额。试试 T = 200。",
    ),
    "mismatch_why_cosine": (
        "Cosine fits its β to T by itself: there is no range to get wrong, and both sides are the "
        "same. Choose another schedule to see what can go wrong.",
        "余弦方差表的 β 会自动适应 T：没有会选错的范围，所以两边相同。"
        "请选择另一种方差表，看看会出什么问题。",
    ),
    # its first word tells mismatch.html the language
    "mismatch_words": (
        "en|Samples from the same noise|The classes of 200 samples; the first 40 are shown. "
        "The line marks a fair 10%.",
        "zh|从同一份噪声得到的样本|200 个样本的类别，上方显示前 40 个。竖线是公平的 10%。",
    ),
    # --- uploads, on any tab
    "upload_none": (
        "There is no picture: upload one, paste one, or click an example.",
        "没有图片：请上传、粘贴，或点击一个示例。",
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
    "upload_large": (
        "This picture has more than 8 megapixels. Make it smaller: 1000 × 1000 is plenty.",
        "图片超过 800 万像素。请先缩小，1000 × 1000 就足够了。",
    ),
    "upload_damaged": (
        "This picture is damaged or cut short. Save it again, or choose another one.",
        "图片已损坏或不完整。请重新保存，或换一张。",
    ),
    # --- Generate
    "generate_tab": ("Generate", "生成"),
    "generate_intro": (
        "The reverse process: a network looks at noise, guesses the picture behind it, and takes "
        "a small step towards that guess, again and again.",
        "反向去噪过程：神经网络观察噪声，猜测其后的图像，并朝这个猜测迈出一小步，如此反复。",
    ),
    "generate_model": ("Model", "模型"),
    "generate_model_shipped": ("Pretrained", "预训练模型"),
    "generate_model_trained": ("Trained here", "我训练的模型"),
    "generate_class": ("What to draw", "画什么"),
    "generate_any": ("Anything", "任意"),
    "generate_count": ("How many pictures", "图片数量"),
    "generate_steps": ("Steps (network calls)", "步数（网络调用次数）"),
    "generate_sampler": ("Sampler", "采样器"),
    "generate_schedule": ("Noise schedule", "方差表"),
    "generate_schedule_info": (
        "The same network under another schedule, matched by its log-SNR.",
        "同一个网络，按对数信噪比匹配到另一种方差表。",
    ),
    "generate_guidance": ("Guidance", "引导强度"),
    "generate_guidance_info": (
        "1: as learned. More: insists on the class, with less variety.",
        "1：按学到的分布。更大：更强调类别，但多样性降低。",
    ),
    "generate_go": ("Generate", "生成"),
    "generate_captions": (
        "What the sampler holds, xₜ|What the network believes is behind it, x̂₀",
        "采样器当前的图像 xₜ|网络猜测的原图 x̂₀",
    ),
    "generate_equation": (
        f"One step of DDPM: {P_STEP}, with {X_START}.",
        f"DDPM 的一步：{P_STEP}，其中 {X_START}。",
    ),
    # --- Train
    "train_tab": ("Train", "训练"),
    "train_intro": (
        "A fresh network learns to tell noise from garments. The pictures below always start from "
        "the same noise: what changes is what it has learned.",
        "一个全新的网络学习区分噪声与服装。下方的图片始终从相同的噪声出发：变化的是它学到的东西。",
    ),
    "train_schedule": ("Noise schedule", "方差表"),
    "train_T": ("T, the number of noise levels", "时间步数 T"),
    "train_objective": ("What the network predicts", "网络预测的目标"),
    "train_loss": ("Loss", "损失函数"),
    "train_block": ("Block", "模块类型"),
    "train_dim": ("Width of the network", "网络宽度"),
    "train_steps": ("Training steps", "训练步数"),
    "train_batch_size": ("Batch size", "批大小"),
    "train_rate": ("Learning rate", "学习率"),
    "train_go": ("Start training", "开始训练"),
    "train_loss_plot": ("Loss", "损失"),
    "train_use": ("Use this model in Generate", "在“生成”中使用此模型"),
    "train_download": ("Download the checkpoint", "下载检查点"),
    "train_captions": (
        "Ten classes, drawn by the network as it is now",
        "网络目前画出的十个类别",
    ),
    "train_equation": (
        f"The loss: {LOSS}, for a random picture $x_0$, time $t$ and noise $\\epsilon$; or the "
        f"same for {VELOCITY}, or for $x_0$ itself.",
        f"损失：{LOSS}，其中图像 $x_0$、时间步 $t$ 和噪声 $\\epsilon$ 都是随机抽取的；"
        f"也可以改为预测 {VELOCITY} 或 $x_0$ 本身。",
    ),
}

I18N = gr.I18n(
    en={key: english for key, (english, _) in TEXTS.items()},
    **{code: {key: chinese for key, (_, chinese) in TEXTS.items()} for code in ("zh", "zh-CN")},
)


def text(key: str):
    """The sentence under this key, in the language of whoever looks at the page."""
    if key not in TEXTS:
        raise KeyError(f"no text for {key!r}")
    return I18N(key)


def both(key: str) -> str:
    """The sentence in both languages, for messages that Gradio does not translate."""
    return "<br>".join(TEXTS[key])
