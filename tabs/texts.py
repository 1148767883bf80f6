"""Every sentence of the page, in English and Chinese.

The Chinese terms are those of The Annotated Diffusion Model, the notebook this page grew from.
"""

from __future__ import annotations

import json

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
    "noise_denoise": ("Denoise from here", "从这里开始去噪"),
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
    # --- any tab
    "model_none": (
        "You have not trained a model yet. Train one in the Train tab, or choose the pretrained "
        "one.",
        "你还没有训练模型。请先在“训练”中训练一个，或选择预训练模型。",
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
    # scrubber.js takes these in turn; it fills in {step} of {steps}, {t}, {calls}, …
    "scrubber_words": (
        "What the sampler holds, xₜ|What the network believes is behind it, x̂₀|Play|Pause|"
        "Where in the run|Press “Generate” to begin.|"
        "Step {step} of {steps} · t = {t}|Step {step} of {steps} · done, x₀|"
        "Network calls: {calls} · {seconds} s · {device}|"
        "for guidance, each call on a doubled batch",
        "采样器当前的图像 xₜ|网络猜测的原图 x̂₀|播放|暂停|"
        "在过程中的位置|点击“生成”开始。|"
        "第 {step} 步，共 {steps} 步 · t = {t}|第 {step} 步，共 {steps} 步 · 完成，x₀|"
        "网络调用：{calls} 次 · {seconds} 秒 · {device}|因使用引导，每次调用的批大小加倍",
    ),
    "generate_from_picture": (
        "Start from a picture: draw or upload",
        "从一张图片开始：画一张，或上传",
    ),
    "generate_from_picture_info": (
        "Draw a garment in grey on black, roughly. It is covered with noise, and the network "
        "finishes it. Under “What to draw” you can say what it is.",
        "在黑底上用灰色粗略地画一件服装。它会被加上噪声，再由神经网络完成。"
        "可以在“画什么”中说明它是什么。",
    ),
    "generate_upload": ("Upload a picture", "上传图片"),
    "generate_noise": ("How much noise to put on it", "加多少噪声"),
    "generate_noise_info": (
        "Left keeps the picture, right only its rough layout. The number is t.",
        "左侧保留图片，右侧只保留大致布局。数字是时间步 t。",
    ),
    "generate_finish": ("Finish this picture", "完成这张图片"),
    # pad.js takes these in turn
    "pad_words": (
        "Sketch pad, 28 × 28 pixels|White|Light grey|Dark grey|Black (eraser)|Brush|Undo|Clear|"
        "Invert",
        "画板，28 × 28 像素|白色|浅灰|深灰|黑色（橡皮）|画笔|撤销|清空|反相",
    ),
    "pad_empty": (
        "The sketch pad is empty: draw something on it, or upload a picture.",
        "画板是空的：请先画点什么，或上传一张图片。",
    ),
    "pad_wrong": (
        "This is not a drawing: expected base64 of 28 × 28 grey levels.",
        "这不是有效的画：应为 28 × 28 个灰度值的 base64 编码。",
    ),
    "generate_equation": (
        f"One step of DDPM: {P_STEP}, with {X_START}.",
        f"DDPM 的一步：{P_STEP}，其中 {X_START}。",
    ),
    # what compare.py fills in: {value}, {calls} of {steps}, {row} of {rows}, {seconds}, {device}
    "compare_title": (
        "Compare: the same noise, one setting changed",
        "对比：相同的噪声，只改变一项设置",
    ),
    "compare_intro": (
        "Choose what changes from row to row. All else is as set above, and every row starts "
        "from the same noise: whatever differs within a column comes from that setting alone.",
        "选择逐行改变的设置。其余设置与上方相同，且每一行都从相同的噪声出发："
        "同一列中的差别只来自这项设置。",
    ),
    "compare_axis": ("What changes", "改变什么"),
    "compare_go": ("Compare", "对比"),
    "compare_noise": ("The noise", "噪声"),
    "compare_noise_same": (
        "the same x<sub>T</sub><br>for every row",
        "每一行的 x<sub>T</sub><br>都相同",
    ),
    "compare_steps": ("Steps: {value}", "步数：{value}"),
    "compare_guidance": ("Guidance {value:g}", "引导强度 {value:g}"),
    "compare_seed": ("Seed {value}", "随机种子 {value}"),
    "compare_same": ("In every row: ", "每一行都是："),
    "compare_step": ("Step {calls} / {steps}", "第 {calls} / {steps} 步"),
    "compare_calls": ("Network calls: {calls}", "网络调用：{calls} 次"),
    "compare_wait": ("Starting …", "正在开始……"),
    "compare_now": ("Row {row} of {rows}", "第 {row} 行，共 {rows} 行"),
    "compare_done": (
        "{rows} rows, {seconds:.1f} s of sampling · {device}",
        "共 {rows} 行，采样用时 {seconds:.1f} 秒 · {device}",
    ),
    "compare_needs_class": (
        "Guidance pulls towards a class, and “Anything” is none: choose one under “What to "
        "draw”, then compare again.",
        "引导会拉向某个类别，而“任意”不是类别：请先在“画什么”中选择一个类别，再对比。",
    ),
    "compare_look_sampler": (
        "<b>Look at</b> whites, blacks and fine detail. DDIM, DPM-Solver++ and DEIS head for the "
        "same picture: with 10 calls DDIM is still grey and smooth, the other two are almost "
        "there. DDPM adds fresh noise at every step, so it ends elsewhere. Then try 5 steps, and "
        "50.",
        "<b>请看</b>白色、黑色和细节。DDIM、DPM-Solver++ 和 DEIS 走向同一张图片：调用 10 次时，"
        "DDIM 仍然发灰、过于平滑，另外两种已几乎到位。DDPM 每一步都加入新的噪声，所以终点不同。"
        "再试试 5 步和 50 步。",
    ),
    "compare_look_steps": (
        "<b>Look at</b> the row from which a column hardly changes: more network calls only cost "
        "time from there on. DDIM gets there later than DPM-Solver++, and DDPM never: its noise "
        "is new each time.",
        "<b>请看</b>每一列从哪一行起几乎不再变化：再多的网络调用只是花时间。DDIM 比 "
        "DPM-Solver++ 更晚到达；DDPM 不会停下，因为它的噪声每次都是新的。",
    ),
    "compare_look_schedule": (
        "<b>Look at</b> how alike the rows are: the network is the same, and a schedule only "
        "decides at which noise levels it is asked. With DDIM and 5 steps that choice shows.",
        "<b>请看</b>各行有多相似：网络是同一个，方差表只决定在哪些噪声水平上询问它。"
        "选 DDIM 和 5 步，差别就会显现。",
    ),
    "compare_look_guidance": (
        "<b>Look at</b> what is given up. 0 ignores the class; more guidance makes it plainer, "
        "then whiter and cruder, with less variety. Above 1 the network looks at every picture "
        "twice, with and without the class: see the time.",
        "<b>请看</b>付出了什么代价。0 会忽略类别；引导越强，类别越鲜明，随后变得更白、更粗糙，"
        "多样性也更低。大于 1 时，网络对每张图片要看两遍（带类别和不带类别）：请看用时。",
    ),
    "compare_look_label": (
        "<b>Look at</b> what a column keeps: its brightness and pattern come from the noise, the "
        "kind of garment from the class.",
        "<b>请看</b>同一列中保留了什么：明暗和花纹来自噪声，是哪种服装则由类别决定。",
    ),
    # --- Train
    "train_tab": ("Train", "训练"),
    "train_intro": (
        "A fresh network learns to tell noise from garments. The pictures below always start from "
        "the same noise: what changes is what it has learned.",
        "一个全新的网络学习区分噪声与服装。下方的图片始终从相同的噪声出发：变化的是它学到的东西。",
    ),
    "train_preset": ("Recipe to start from", "起始配方"),
    "train_preset_info": (
        "Fills in the fields below, which you may then change. On two cores the first takes a "
        "minute, the others hours. A run ends after 30 minutes, with what it learned by then.",
        "自动填写下面各项，之后可以随意修改。在两核 CPU 上，第一个约需一分钟，其余需要数小时。"
        "训练满 30 分钟会结束，并保留已学到的内容。",
    ),
    "train_preset_minute": ("A minute", "一分钟"),
    "train_preset_notebook": ("The notebook's, repaired", "笔记本的（已修正）"),
    "train_preset_base": ("The pretrained model's", "预训练模型的"),
    "train_schedule": ("Noise schedule", "方差表"),
    "train_T": ("T, the number of noise levels", "时间步数 T"),
    "train_objective": ("What the network predicts", "网络预测的目标"),
    "train_objective_eps": ("The noise ε", "噪声 ε"),
    "train_objective_v": ("Their mix v", "二者的混合 v"),
    "train_objective_x0": ("The picture x₀", "图像 x₀"),
    "train_loss": ("Loss", "损失函数"),
    "train_loss_l1": ("L1", "L1"),
    "train_loss_l2": ("L2", "L2"),
    "train_loss_huber": ("Huber", "Huber"),
    "train_block": ("Block", "模块类型"),
    "train_block_resnet": ("ResNet", "ResNet"),
    "train_block_convnext": ("ConvNeXt", "ConvNeXt"),
    "train_dim": ("Width of the network", "网络宽度"),
    "train_steps": ("Training steps", "训练步数"),
    "train_batch_size": ("Batch size", "批大小"),
    "train_rate": ("Learning rate", "学习率"),
    "train_go": ("Start training", "开始训练"),
    "train_leave": ("Leave the queue", "退出排队"),
    "train_use": ("Use this model in Generate", "在“生成”中使用此模型"),
    "train_download": ("Download the checkpoint", "下载检查点"),
    "train_bad_choice": (
        "{name} must be one of {known}, not {value}.",
        "{name} 必须是 {known} 之一，而不是 {value}。",
    ),
    "train_bad_number": (
        "{name} must be a number from {low} to {high}.",
        "{name} 必须是 {low} 到 {high} 之间的数。",
    ),
    "train_running": (
        "Your run is still under way. Stop it first: it keeps what it learned.",
        "你的训练仍在进行。请先点击停止：已学到的内容会保留。",
    ),
    "train_diverged": (
        "The loss is no longer a finite number at step {step}. Training stopped and kept the "
        "weights before it. Try a smaller learning rate.",
        "第 {step} 步的损失不再是有限的数。训练已停止，并保留了此前的权重。请尝试更小的学习率。",
    ),
    # what progress.js writes on the page; it fills in what stands in braces
    "train_js_phase_empty": (
        "Press “Start training”: first garments after about half a minute.",
        "点击“开始训练”：约半分钟后开始出现服装的样子。",
    ),
    "train_js_phase_data": ("Loading the pictures to learn from …", "正在加载训练图片……"),
    "train_js_phase_waiting": (
        "Others are training. Your run begins when one of theirs ends.",
        "其他人正在训练。其中一个结束后，你的训练就会开始。",
    ),
    "train_js_phase_left": (
        "You left the queue: this run did not begin, so nothing was learned.",
        "你已退出排队：这次训练没有开始，因此没有学到任何内容。",
    ),
    "train_js_phase_loading": ("Building the network …", "正在搭建网络……"),
    "train_js_phase_training": ("Learning …", "正在学习……"),
    "train_js_phase_done": (
        "Done. The model is yours: use it in Generate, or download it.",
        "训练完成。模型归你了：可以在“生成”中使用，也可以下载。",
    ),
    "train_js_phase_stopped": (
        "Stopped after step {step}. What it learned by then is kept.",
        "在第 {step} 步后停止。此前学到的内容已保留。",
    ),
    "train_js_phase_out_of_time": (
        "The time for one run was up after step {step}. What it learned by then is kept.",
        "单次训练的时间在第 {step} 步后用完。此前学到的内容已保留。",
    ),
    "train_js_phase_diverged": (
        "The loss is no longer finite after step {step}: the weights of that step are kept. "
        "Try a smaller learning rate.",
        "第 {step} 步之后损失不再是有限的数：已保留该步的权重。请尝试更小的学习率。",
    ),
    "train_js_progress": ("Progress of the run", "训练进度"),
    "train_js_real": (
        "What it learns from: two real pictures of each class",
        "学习的对象：每个类别两张真实图片",
    ),
    "train_js_samples": (
        "Two of each class, drawn by the network as it is now; a classifier recognises "
        "{recognised} of 20",
        "网络目前画出的图片，每个类别两张；分类器认出其中 {recognised} / 20",
    ),
    "train_js_data": (
        "Learns from {source}: {count} pictures.",
        "训练数据：{source}，共 {count} 张。",
    ),
    "train_js_source_idx": ("Fashion-MNIST on this machine", "本机上的 Fashion-MNIST"),
    "train_js_source_hub": ("Fashion-MNIST from Hugging Face", "Hugging Face 上的 Fashion-MNIST"),
    "train_js_source_shipped": (
        "the part of Fashion-MNIST that ships with the code",
        "随代码附带的 Fashion-MNIST 子集",
    ),
    "train_js_step": ("Step", "步"),
    "train_js_rate": ("Steps per second", "每秒步数"),
    "train_js_left": ("Time left", "剩余时间"),
    "train_js_took": ("Time so far", "已用时间"),
    "train_js_loss": ("Loss", "损失"),
    "train_js_memory": ("Memory of the program", "程序占用内存"),
    "train_js_device": ("Computed on", "计算设备"),
    "train_js_threads": ("CPU, {threads} threads", "CPU，{threads} 个线程"),
    "train_js_plot": ("Loss", "损失"),
    "train_js_step_axis": ("step", "步"),
    "train_js_log": ("Logarithmic axis", "对数坐标"),
    "train_js_line": (
        "Thin: each batch. Thick: its running average.",
        "细线：每个批次。粗线：滑动平均。",
    ),
    "train_js_keep": ("Keep this curve for comparison", "保留这条曲线，以便比较"),
    "train_js_current": ("This run", "本次训练"),
    "train_js_kept": ("Kept", "保留"),
    "train_js_remove": ("Remove this curve", "移除这条曲线"),
    "train_js_of_20": ("{recognised} of 20 recognised", "认出 {recognised} / 20"),
    "train_js_units": (
        "These runs differ in {what}, so their losses are not on the same scale. Compare "
        "the shapes, the pictures and how many are recognised, not the heights.",
        "这些训练的{what}不同，损失不在同一尺度上。请比较曲线形状、图片和认出的数量，而不是高低。",
    ),
    "train_js_and": (" and ", "和"),
    "train_js_label_schedule": ("noise schedule", "方差表"),
    "train_js_label_objective": ("what is predicted", "预测目标"),
    "train_js_label_loss": ("kind of loss", "损失函数"),
    "train_js_is_preset": ("{value}", "{value}"),
    "train_js_is_schedule": ("{value}", "{value}"),
    "train_js_is_T": ("T = {value}", "T = {value}"),
    "train_js_is_objective": ("predicts {value}", "预测 {value}"),
    "train_js_is_loss": ("{value}", "{value}"),
    "train_js_is_block": ("{value}", "{value}"),
    "train_js_is_dim": ("width {value}", "宽度 {value}"),
    "train_js_is_steps": ("{value} steps", "{value} 步"),
    "train_js_is_batch_size": ("batches of {value}", "批大小 {value}"),
    "train_js_is_rate": ("learning rate {value}", "学习率 {value}"),
    "train_js_is_seed": ("seed {value}", "种子 {value}"),
    "train_js_objective_eps": ("ε", "ε"),
    "train_js_objective_x0": ("x₀", "x₀"),
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


def script_words(prefix: str, *shared: str) -> str:
    """A first line for a script: WORDS, by language, the sentences under `prefix` without it.

    `shared` are more prefixes, whose keys stay whole.
    """
    keys = [key for key in TEXTS if key.startswith((prefix, *shared))]
    words = {
        language: {key.removeprefix(prefix): TEXTS[key][k] for key in keys}
        for k, language in enumerate(TEXTS["noise_language"])
    }
    return f"const WORDS = {json.dumps(words, ensure_ascii=False)};\n"
