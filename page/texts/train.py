"""What the Train tab says."""

LOSS = (
    r"$\| \epsilon - \epsilon_\theta(\sqrt{\bar\alpha_t}\,x_0"
    r" + \sqrt{1-\bar\alpha_t}\,\epsilon,\ t) \|^2$"
)
VELOCITY = r"$v = \sqrt{\bar\alpha_t}\,\epsilon - \sqrt{1-\bar\alpha_t}\,x_0$"

TEXTS: dict[str, tuple[str, str]] = {
    "train_tab": ("Train", "训练"),
    "train_intro": (
        "A fresh network learns to tell noise from garments, or from pictures of yours. The "
        "pictures below always start from the same noise: what changes is what it has learned.",
        "一个全新的网络学习区分噪声与服装，或噪声与你自己的图片。下方的图片始终从相同的噪声出发：变化的是它学到的东西。",
    ),
    "train_data": ("What it learns from", "训练数据"),
    "train_data_fashion": ("Fashion-MNIST", "Fashion-MNIST"),
    "train_data_own": ("My own pictures", "我自己的图片"),
    "train_data_info": (
        "Pictures of yours: 10 to 5,000, each of which becomes 28 × 28.",
        "自己的图片：10 到 5000 张，每张都会缩为 28 × 28。",
    ),
    "train_own": ("Your pictures", "你的图片"),
    "train_own_none": (
        "Choose {low} to {high} pictures of your own first.",
        "请先选择 {low} 到 {high} 张自己的图片。",
    ),
    "train_own_count": (
        "These are {count} pictures: choose {low} to {high}.",
        "共 {count} 张图片：请选择 {low} 到 {high} 张。",
    ),
    "train_own_refused": (
        "Left out, because they cannot be read as pictures ({count}): {names}.",
        "以下文件无法作为图片读取，已略去（{count} 个）：{names}。",
    ),
    "train_own_left": (
        "That leaves {count}, and {low} are needed.",
        "只剩 {count} 张，至少需要 {low} 张。",
    ),
    "train_own_slow": (
        "Reading took more than a minute, and only {count} pictures were done. Choose fewer, or "
        "smaller ones.",
        "读取超过一分钟，只完成了 {count} 张。请选择更少或更小的图片。",
    ),
    "train_preset": ("Recipe to start from", "起始配方"),
    "train_preset_info": (
        "Fills in the fields below, which you may then change. On two cores the first takes a "
        "minute, the others half an hour to hours. A run ends after 30 minutes, with what it "
        "learned by then.",
        "自动填写下面各项，之后可以随意修改。在两核 CPU 上，第一个约需一分钟，其余需要"
        "半小时到数小时。训练满 30 分钟会结束，并保留已学到的内容。",
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
    "train_optimizer": ("Optimizer", "优化器"),
    "train_optimizer_info": (
        "Muon moves a kernel in all its directions alike, and needs fewer steps than AdamW.",
        "Muon 让卷积核沿所有方向同样移动，所需步数比 AdamW 更少。",
    ),
    "train_optimizer_adamw": ("AdamW", "AdamW"),
    "train_optimizer_muon": ("Muon", "Muon"),
    "train_dim": ("Width of the network", "网络宽度"),
    "train_steps": ("Training steps", "训练步数"),
    "train_batch_size": ("Batch size", "批大小"),
    "train_rate": ("Learning rate", "学习率"),
    "train_go": ("Start training", "开始训练"),
    "train_use": ("Use this model in Generate", "在“生成”中使用此模型"),
    "train_download": ("Download the checkpoint", "下载检查点"),
    "train_too_large": (
        "This run would take about {needed:.1f} GB of memory, and {limit:.0f} GB is the most for "
        "one. Make the network narrower or the batches smaller.",
        "这次训练约需 {needed:.1f} GB 内存，而单次上限为 {limit:.0f} GB。请减小网络宽度或批大小。",
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
        "Press “Start training”: first shapes after about half a minute.",
        "点击“开始训练”：约半分钟后开始出现形状。",
    ),
    "train_js_phase_data": ("Loading the pictures to learn from …", "正在加载训练图片……"),
    "train_js_phase_waiting": (
        "Others are training: you are number {ahead} in line, about {minutes} min. Stop leaves it.",
        "其他人正在训练：你排在第 {ahead} 位，大约 {minutes} 分钟。点击“停止”可退出排队。",
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
    "train_js_real_own": (
        "What it learns from: the first of your pictures",
        "学习的对象：你的图片（前几张）",
    ),
    "train_js_real_none": ("Choose your pictures first", "请先选择图片"),
    "train_js_samples_own": (
        "Twenty pictures, drawn by the network as it is now",
        "网络目前画出的二十张图片",
    ),
    "train_js_samples": (
        "Two of each class, drawn just now with guidance 2; a classifier recognises "
        "{recognised} of 20",
        "每个类别两张，刚刚以引导强度 2 画出；分类器认出其中 {recognised} / 20",
    ),
    "train_js_data": (
        "Learns from {source}: {count} pictures.",
        "训练数据：{source}，共 {count} 张。",
    ),
    "train_js_source_own": ("your own pictures", "你自己的图片"),
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
    "train_js_label_data": ("pictures to learn from", "训练数据"),
    "train_js_label_schedule": ("noise schedule", "方差表"),
    "train_js_label_objective": ("what is predicted", "预测目标"),
    "train_js_label_loss": ("kind of loss", "损失函数"),
    "train_js_is_data": ("{value}", "{value}"),
    "train_js_is_preset": ("{value}", "{value}"),
    "train_js_is_schedule": ("{value}", "{value}"),
    "train_js_is_T": ("T = {value}", "T = {value}"),
    "train_js_is_objective": ("predicts {value}", "预测 {value}"),
    "train_js_is_loss": ("{value}", "{value}"),
    "train_js_is_block": ("{value}", "{value}"),
    "train_js_is_optimizer": ("{value}", "{value}"),
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
