"""Texts of the instruments in page/widgets; keys begin with the instrument's name."""

TEXTS: dict[str, tuple[str, str]] = {
    "device_thread": ("{threads} thread", "{threads} 个线程"),
    "device_threads": ("{threads} threads", "{threads} 个线程"),
    "device_browser": ("your browser", "你的浏览器"),
    # where a picture was drawn, on a badge; and why it wasn't in this browser
    "drawn_there": ("On the server · {ms} ms a call", "服务器 · 每次调用 {ms} 毫秒"),
    "drawn_here": ("In your browser · {ms} ms a call", "你的浏览器 · 每次调用 {ms} 毫秒"),
    "drawn_slow_tabs": (
        "slower: another tab of this page is drawing too",
        "较慢：本页的另一个标签页也在绘制",
    ),
    "drawn_slow_hidden": (
        "slower: this tab was in the background, where browsers hold pages back",
        "较慢：本标签页曾在后台，浏览器会限制后台页面",
    ),
    "drawn_long": (
        "This takes a while on this device; fewer calls and pictures are much faster.",
        "在这台设备上耗时较长；减少调用次数和图片数量会快得多。",
    ),
    "drawn_long_go": ("Four pictures in two calls", "两次调用，四张图片"),
    "drawn_fetching": ("{part} of {all} MB fetched", "已下载 {part} / {all} MB"),
    "drawn_fetching_there": (
        "On the server · {part} of {all} MB fetched",
        "服务器 · 已下载 {part} / {all} MB",
    ),
    "drawn_by_server": ("The server draws: {why}", "由服务器绘制：{why}"),
    "drawn_not_here": (
        "Nothing was drawn here: {why} The other button has the server draw.",
        "未能在这里绘制：{why}可以用另一个按钮让服务器绘制。",
    ),
    "drawn_no_settings": (
        "a setting is empty or out of its range; this model draws in 1, 2 or 4 network calls.",
        "有一项设置为空或超出范围；这个模型只用 1、2 或 4 次网络调用。",
    ),
    "drawn_no_simd": (
        "this browser is too old to run the model (it needs WebAssembly with SIMD).",
        "这个浏览器版本太旧，无法运行模型（需要支持 SIMD 的 WebAssembly）。",
    ),
    "drawn_no_workers": (
        "this browser allows no background scripts (Web Workers).",
        "这个浏览器不允许后台脚本（Web Worker）。",
    ),
    "drawn_no_memory": (
        "this browser has too little memory for the model. Close other tabs and reload the page "
        "to try again.",
        "这个浏览器的内存不足以运行模型。请关闭其他标签页，再重新加载页面重试。",
    ),
    "drawn_no_damaged": (
        "the model arrived damaged, twice. Reload the page to try again.",
        "模型文件两次下载都已损坏。请重新加载页面重试。",
    ),
    "drawn_no_unreachable": (
        "the model could not be fetched. Reload the page to try again.",
        "无法下载模型。请重新加载页面重试。",
    ),
    "drawn_no_not_finite": (
        "under this noise schedule the network’s output is not finite, so there is no picture. "
        "Choose another schedule.",
        "换用这种噪声调度后，网络的输出不是有效数值，因此没有图片。请另选一种。",
    ),
    # the film; scrubber.js fills in {step} of {steps}, {t}, and {calls} so far
    "scrubber_held": ("The picture so far, xₜ", "当前的图片 xₜ"),
    "scrubber_believed": ("The network’s guess of what it becomes, x̂₀", "网络猜测它最终的样子 x̂₀"),
    "scrubber_place": ("Position in the run", "过程中的位置"),
    "scrubber_empty": ("Press “Draw from noise” to begin.", "点击“从噪声生成”开始。"),
    "scrubber_middle": (
        "Step {step} of {steps} · t = {t}",
        "第 {step} 步，共 {steps} 步 · t = {t}",
    ),
    "scrubber_end": ("Step {step} of {steps} · done, x₀", "第 {step} 步，共 {steps} 步 · 完成，x₀"),
    "scrubber_cut": (
        "Step {step} of {steps} · ended here",
        "第 {step} 步，共 {steps} 步 · 到此为止",
    ),
    "scrubber_opening": (
        "A film recorded earlier, with the pretrained model. The button above makes your own.",
        "这段过程是事先用预训练模型录好的。用上方的按钮画你自己的。",
    ),
    "scrubber_running": ("{seconds} s · {device}", "{seconds} 秒 · {device}"),
    "scrubber_left_s": ("about {left} s left", "大约还需 {left} 秒"),
    "scrubber_schedule": (
        "under another noise schedule than its own: {name}",
        "换用了另一种噪声调度：{name}",
    ),
    "scrubber_done": (
        "Network calls: {calls} · {seconds} s · {device}",
        "网络调用：{calls} 次 · {seconds} 秒 · {device}",
    ),
    "scrubber_stopped": (
        "Stopped after step {calls} of {steps} · {seconds} s · {device}",
        "已在第 {calls} 步停止，共 {steps} 步 · {seconds} 秒 · {device}",
    ),
    "scrubber_out_of_time": (
        "The time limit for one run was reached after step {calls} of {steps} · {device}",
        "第 {calls} 步时已达单次采样的时限，共 {steps} 步 · {device}",
    ),
    "scrubber_left": ("You left the line: nothing was drawn.", "你已退出排队：没有生成图片。"),
    "scrubber_doubled": (
        "guidance doubles the batch of each call",
        "使用引导时，每次调用的批大小加倍",
    ),
    "scrubber_gradient": (
        "each call also asks the classifier for its gradient",
        "每次调用还要计算分类器的梯度",
    ),
    "scrubber_worse": ("each call also asks the worse model", "每次调用还要问一遍较差的模型"),
    "scrubber_within": ("guidance at t = {low} … {high} only", "只在 t = {low}～{high} 引导"),
    # what was drawn in this visit; results.js fills in what stands in braces
    "results_title": ("Drawn in this visit", "本次访问中画的"),
    "results_about": (
        "The latest 20, kept in this browser only. A click opens the settings and draws it again, "
        "or enlarges what no link can.",
        "最近 20 次，只保存在这个浏览器中。点击即可恢复设置，重新绘制；链接无法重现的则放大显示。",
    ),
    "results_way": (
        "{model}: {sampler}, {steps} calls, seed {seed}",
        "{model}：{sampler}，{steps} 次调用，随机种子 {seed}",
    ),
    "results_open": ("Open {subject}: {how}", "打开{subject}：{how}"),
    "results_alone": (
        "Made from a picture or a model of yours, which a link can’t carry.",
        "来自你自己的图片或模型，链接无法携带。",
    ),
    "class_variations": ("Variations of a picture", "一张图片的变体"),
    # figures to take home
    "figure_menu_title": ("Figures for slides", "用于幻灯片的插图"),
    "figure_menu_making": ("Drawing the figure …", "正在绘制插图……"),
    "figure_menu_nothing": (
        "There is nothing to show yet, or it has been deleted: draw something first.",
        "还没有可用的结果，或结果已被删除：请先生成一次。",
    ),
    "figure_menu_wrong": (
        "There is no such figure: expected one of the page's own, as PNG or SVG.",
        "没有这种插图：请从列表中选择，格式为 PNG 或 SVG。",
    ),
    "figure_menu_no_font": (
        "The server has no font with Chinese characters, so the figure's labels are in English.",
        "服务器上没有中文字体，因此图中的文字为英文。",
    ),
    # the sketch pad
    "pad_canvas": ("Sketch pad, 28 × 28 pixels", "画板，28 × 28 像素"),
    "pad_grey_255": ("White", "白色"),
    "pad_grey_170": ("Light grey", "浅灰"),
    "pad_grey_90": ("Dark grey", "深灰"),
    "pad_grey_0": ("Black (eraser)", "黑色（橡皮）"),
    "pad_brush": ("Brush", "画笔"),
    "pad_undo": ("Undo", "撤销"),
    "pad_clear": ("Clear", "清空"),
    "pad_invert": ("Invert", "反相"),
    "pad_empty": (
        "The sketch pad is empty: draw something on it, or upload a picture.",
        "画板是空的：请先画一画，或上传一张图片。",
    ),
    "pad_nothing": (
        "Nothing stands out in this picture: try one of a single garment on a plain background.",
        "这张图片中没有突出的主体：请换一张背景简单、只有一件服装的照片。",
    ),
    "pad_cat": (
        "The network knows garments, not cats: a garment from the data set takes its place, with "
        "the same noise.",
        "网络只认识服装，不认识猫：这里用数据集中的一件服装代替，噪声程度不变。",
    ),
    "pad_wrong": (
        "This is not a drawing: expected base64 of 28 × 28 grey levels.",
        "草图数据无效：应为 28 × 28 个灰度值的 base64 编码。",
    ),
    # a training run
    "progress_phase_empty": (
        "Press “Start training”: the first shapes appear after about half a minute.",
        "点击“开始训练”，约半分钟后能看出轮廓。",
    ),
    "progress_phase_pictures": (
        "They go under “Your pictures”: 10 to 5,000 of them, or a zip.",
        "请放到“你的图片”中：10 到 5000 张，或一个 zip 压缩包。",
    ),
    "progress_phase_data": ("Loading the pictures to learn from …", "正在加载训练图片……"),
    "progress_phase_waiting": (
        "Others are training: you are number {ahead} in line, about {minutes} min. Press “Stop” to "
        "leave the line.",
        "其他人正在训练：你排在第 {ahead} 位，大约还需 {minutes} 分钟。点击“停止”可退出排队。",
    ),
    "progress_phase_left": (
        "You left the line: this run never started, so nothing was learned.",
        "你已退出排队：训练尚未开始，没有可保留的结果。",
    ),
    "progress_phase_loading": ("Building the network …", "正在构建网络……"),
    "progress_phase_training": ("Learning …", "正在学习……"),
    "progress_phase_stopping": ("Stopping after this step …", "完成这一步后停止……"),
    "progress_phase_done": (
        "Done. The model is yours: use it in Generate, or download it.",
        "训练完成。这个模型是你的了：可以在“生成”中使用，也可以下载。",
    ),
    "progress_phase_stopped": (
        "Stopped after step {step}. What it had learned is kept.",
        "已在第 {step} 步后停止。此前学到的内容已保留。",
    ),
    "progress_phase_out_of_time": (
        "The time limit for one run was reached after step {step}. What it had learned is kept.",
        "第 {step} 步时已达单次训练的时限。此前学到的内容已保留。",
    ),
    "progress_phase_diverged": (
        "The loss is no longer finite after step {step}: the weights of that step are kept. "
        "Try a smaller learning rate.",
        "第 {step} 步之后损失发散（不再是有限值）：已保留该步的权重。请减小学习率。",
    ),
    "progress_bar": ("Progress of the run", "训练进度"),
    "progress_real": (
        "What it learns from: two real pictures of each class",
        "训练数据示例：每类两张真实图片",
    ),
    "progress_real_own": (
        "What it learns from: the first of your pictures",
        "训练数据示例：你的前几张图片",
    ),
    "progress_real_none": ("Choose your pictures first", "请先选择图片"),
    "progress_drawn": (
        "Twenty pictures drawn by the network in its current state",
        "网络当前画出的 20 张图片",
    ),
    "progress_recognised": (
        "Two of each class, drawn just now with guidance 2; a classifier recognises "
        "{recognised} of 20",
        "每类两张，刚刚以引导强度 2 画出；分类器认出 20 张中的 {recognised} 张",
    ),
    "progress_data": (
        "Training data: {source} ({count} pictures).",
        "训练数据：{source}，共 {count} 张。",
    ),
    "progress_source_own": ("your own pictures", "你自己的图片"),
    "progress_source_idx": ("Fashion-MNIST on this machine", "本机上的 Fashion-MNIST"),
    "progress_source_hub": ("Fashion-MNIST from Hugging Face", "Hugging Face 上的 Fashion-MNIST"),
    "progress_source_shipped": (
        "the part of Fashion-MNIST that ships with the code",
        "随代码附带的 Fashion-MNIST 子集",
    ),
    "progress_step": ("Training step", "训练步数"),
    "progress_rate": ("Steps per second", "每秒步数"),
    "progress_left": ("Time left", "剩余时间"),
    "progress_took": ("Time so far", "已用时间"),
    "progress_loss": ("Loss", "损失"),
    "progress_memory": ("Memory in use", "程序内存占用"),
    "progress_device": ("Device", "计算设备"),
    "progress_threads": ("CPU, {threads}", "CPU，{threads}"),
    "progress_plot": ("Loss", "损失"),
    "progress_step_axis": ("step", "步数"),
    "progress_log": ("Logarithmic axis", "对数坐标"),
    "progress_line": (
        "Thin: each batch. Thick: its running average.",
        "细线：每个批次。粗线：滑动平均。",
    ),
    "progress_keep": ("Keep this curve for comparison", "保留这条曲线，以便比较"),
    "progress_current": ("This run", "本次训练"),
    "progress_kept": ("Kept", "已保留"),
    "progress_remove": ("Remove this curve", "移除这条曲线"),
    "progress_of_20": ("{recognised} of 20 recognised", "20 张中认出 {recognised} 张"),
    "progress_units": (
        "These runs differ in {what}, so their losses are not on the same scale. Compare "
        "the shapes, the pictures and how many are recognised, not the heights.",
        "这几次训练的{what}不同，损失不在同一尺度上。请比较曲线的形状、图片和认出的数量，不要比较高低。",
    ),
    "progress_bands": ("Loss by noise level: when do I stop?", "各噪声水平上的损失：何时停止？"),
    "progress_band_0": ("Almost all noise: what the picture shows", "几乎全是噪声：画的是什么"),
    "progress_band_1": ("More noise than picture: its shape", "噪声多于图像：形状"),
    "progress_band_2": ("More picture than noise: its details", "图像多于噪声：细节"),
    "progress_band_3": ("Hardly any noise: its grain", "几乎没有噪声：质感"),
    "progress_bands_about": (
        "The loss as a whole soon looks flat, as most of it is noise that nobody can predict. "
        "Here the same pictures and the same noise are measured each time: stop once the two "
        "middle lines no longer fall, since shapes and details are decided there.",
        "总损失很快就显得平坦，因为其中大部分是谁也无法预测的噪声。这里每次用同样的图片和同样的噪声测量："
        "形状和细节取决于中间两条线，它们不再下降时就可以停止。",
    ),
    "progress_and": (" and ", "和"),
    "progress_label_data": ("training data", "训练数据"),
    "progress_label_schedule": ("noise schedule", "噪声调度"),
    "progress_label_objective": ("prediction target", "预测目标"),
    "progress_label_loss": ("loss function", "损失函数"),
    "is_data": ("{value}", "{value}"),
    "is_preset": ("{value}", "{value}"),
    "is_schedule": ("schedule: {value}", "噪声调度：{value}"),
    "is_T": ("T = {value}", "T = {value}"),
    "is_objective": ("predicts {value}", "预测 {value}"),
    "is_loss": ("{value}", "{value}"),
    "is_block": ("{value}", "{value}"),
    "is_optimizer": ("{value}", "{value}"),
    "is_dim": ("width {value}", "宽度 {value}"),
    "is_steps": ("{value} steps", "{value} 步"),
    "is_batch_size": ("batches of {value}", "批大小 {value}"),
    "is_rate": ("learning rate {value}", "学习率 {value}"),
    "is_seed": ("seed {value}", "种子 {value}"),
    "is_count": ("{value} pictures", "{value} 张图片"),
    "generate_is_steps": ("{value} calls", "{value} 次调用"),
    "is_guidance": ("guidance {value}", "引导强度 {value}"),
    "is_interval": ("guided at t = {low} … {high}", "在 t = {low}～{high} 引导"),
    "is_noise": ("noised to t = {value}", "加噪到 t = {value}"),
    "is_words": ("“{value}”", "“{value}”"),
    "is_words_before": ("from “{value}”", "从“{value}”改起"),
    # the line that settings fold to
    "settings_line_usual": ("Settings: all at their defaults", "设置：全部为默认值"),
    "settings_line_differ": (
        "Settings: {what}; the rest at their defaults",
        "设置：{what}；其余为默认值",
    ),
    "settings_line_none": ("{name}: none", "{name}：无"),
    "is_objective_eps": ("ε", "ε"),
    "is_objective_v": ("v", "v"),
    "is_objective_x0": ("x₀", "x₀"),
}
