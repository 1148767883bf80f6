"""Texts of the Train tab."""

LOSS = (
    r"$\| \epsilon - \epsilon_\theta(\sqrt{\bar\alpha_t}\,x_0"
    r" + \sqrt{1-\bar\alpha_t}\,\epsilon,\ t) \|^2$"
)
VELOCITY = r"$v = \sqrt{\bar\alpha_t}\,\epsilon - \sqrt{1-\bar\alpha_t}\,x_0$"

ANY_RECIPE = (
    "It fills in the fields below. A run ends after 30 minutes and keeps what it has learned.",
    "选定后会自动填写下面各项。训练满 30 分钟即结束，并保留已学到的内容。",
)

TEXTS: dict[str, tuple[str, str]] = {
    "train_tab": ("Train", "训练"),
    "train_intro": (
        "A fresh network learns to find garments, or pictures like your own, in noise. The "
        "pictures below always start from the same noise: what changes is what it has learned.",
        "一个从零开始的网络学习从噪声中分辨出服装，或你自己的图片。下方的图片始终从同一份噪声出发："
        "变的只是网络学到的内容。",
    ),
    "train_data": ("What it learns from", "训练数据"),
    "train_data_fashion": ("Fashion-MNIST", "Fashion-MNIST"),
    "train_data_emoji": ("Emoji, in colour", "彩色表情符号"),
    "train_data_own": ("My own pictures", "我自己的图片"),
    "train_data_own_64": ("My pictures at 64 × 64", "我的图片，64 × 64"),
    "train_data_info": (
        "Your own pictures: 10 to 5,000, also in a zip, each resized to 28 × 28 or 64 × 64.",
        "自己的图片：10 到 5000 张，也可以是 zip 压缩包；每张都会缩放为 28 × 28 或 64 × 64。",
    ),
    "train_own": ("Your pictures", "你的图片"),
    "train_own_none": (
        "Choose {low} to {high} pictures of your own first.",
        "请先选择 {low} 到 {high} 张自己的图片。",
    ),
    "train_own_count": (
        "Pictures chosen: {count}. Choose {low} to {high}.",
        "共 {count} 张图片：请选择 {low} 到 {high} 张。",
    ),
    "train_zip_large": (
        "This zip is too large: at most {most} files and {megabytes} MB unpacked.",
        "这个 zip 压缩包太大：最多 {most} 个文件，解压后不超过 {megabytes} MB。",
    ),
    "train_zip_damaged": (
        "This zip is damaged or encrypted: make it again.",
        "这个 zip 压缩包已损坏或已加密：请重新压缩。",
    ),
    "train_own_refused": (
        "Skipped ({count}): {names}. {why}",
        "已跳过 {count} 个文件：{names}。{why}",
    ),
    "train_own_left": (
        "That leaves {count}; at least {low} are needed.",
        "只剩 {count} 张，至少需要 {low} 张。",
    ),
    "train_own_slow": (
        "After a minute, only {count} pictures had been read. Choose fewer or smaller ones.",
        "一分钟内只读取了 {count} 张。请减少图片数量，或换用更小的图片。",
    ),
    "train_preset": ("Recipe to start from", "训练方案"),
    "train_preset_minute": ("A minute", "一分钟"),
    "train_preset_minute_for": (
        f"To watch a network learn: garments in a minute on two cores. {ANY_RECIPE[0]}",
        f"看网络如何学习：双核 CPU 上一分钟就能画出服装。{ANY_RECIPE[1]}",
    ),
    "train_preset_notebook": ("The notebook's, repaired", "原 notebook（已修正）"),
    "train_preset_notebook_for": (
        "To compare with the text that this page grew from: an hour and a half on two cores. "
        + ANY_RECIPE[0],
        f"与本页所源自的 notebook 对照：双核 CPU 上约需一个半小时。{ANY_RECIPE[1]}",
    ),
    "train_preset_base": ("The pretrained model's", "预训练模型的方案"),
    "train_preset_base_for": (
        f"For the best pictures, with a GPU or patience: hours on two cores. {ANY_RECIPE[0]}",
        f"追求最好的图片，适合有 GPU 或有耐心的人：双核 CPU 上需要几小时。{ANY_RECIPE[1]}",
    ),
    "train_advanced": ("Advanced settings", "高级设置"),
    "train_schedule": ("Noise schedule", "噪声调度"),
    "train_schedule_info": (
        "After a minute of training, Cosine, Shifted cosine and Sigmoid in ᾱ did best in our "
        "measurements; EDM, the best one to draw with in few steps, and Laplace did worst.",
        "我们测得，训练一分钟后，余弦、平移余弦和 ᾱ 的 sigmoid 最好；EDM（步数少时用它采样最好）"
        "和拉普拉斯最差。",
    ),
    "train_T": ("T, the number of noise levels", "扩散总步数 T"),
    "train_objective": ("What the network predicts", "网络预测的目标"),
    "train_objective_eps": ("The noise ε", "噪声 ε"),
    "train_objective_v": ("A mix of both, v", "两者的组合 v"),
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
        "Muon moves each kernel equally far in all directions, and needs fewer steps than AdamW.",
        "Muon 使卷积核在各方向上的更新幅度相同，所需步数比 AdamW 少。",
    ),
    "train_optimizer_adamw": ("AdamW", "AdamW"),
    "train_optimizer_muon": ("Muon", "Muon"),
    "train_dim": ("Width of the network", "网络宽度"),
    "train_steps": ("Training steps", "训练步数"),
    "train_batch_size": ("Batch size", "批大小"),
    "train_rate": ("Learning rate", "学习率"),
    "train_drawn": (
        "The schedule that you drew, with T = {T}: both are under “Advanced settings”.",
        "已采用你手绘的噪声调度，扩散总步数 T = {T}：两项都在“高级设置”中。",
    ),
    "train_drawn_zero": (
        "Its terminal SNR is zero: x_T holds nothing of the picture, so let the network predict v "
        "or x₀, not ε.",
        "它的末端信噪比为零：x_T 不含任何图像信息，所以请让网络预测 v 或 x₀，而不是 ε。",
    ),
    "train_go": ("Start training", "开始训练"),
    "train_continue": ("Continue", "继续训练"),
    "train_again": ("Start again", "重新开始"),
    "train_gone": (
        "This run can no longer be continued: the server has deleted it. Start again.",
        "这次训练无法再继续：服务器已将它删除。请重新开始。",
    ),
    "train_use": ("Use this model in Generate", "在“生成”中使用此模型"),
    "train_download": ("Download the checkpoint", "下载模型（checkpoint）"),
    "train_figure_curves": ("The loss curves", "损失曲线"),
    "train_figure_none": (
        "There is no loss curve yet: start training first.",
        "还没有损失曲线：请先开始训练。",
    ),
    "train_too_large": (
        "This run would take about {needed:.1f} GB of memory; the limit is {limit:.0f} GB. "
        "Use a narrower network or smaller batches.",
        "这次训练约需 {needed:.1f} GB 内存，而单次上限为 {limit:.0f} GB。请减小网络宽度或批大小。",
    ),
    "train_running": (
        "Your run is still under way. Stop it first: what it has learned is kept.",
        "你的训练仍在进行。请先点击“停止”，已学到的内容会保留。",
    ),
    "train_no_room": (
        "Training can't start, because its result couldn't be saved.",
        "无法开始训练：结果将无法保存。",
    ),
    "train_not_saved": (
        "The model couldn't be saved, so there is nothing to download. As long as this page stays "
        "open, you can use it in Generate.",
        "模型未能保存，因此无法下载。只要不关闭此页面，仍可在“生成”中使用它。",
    ),
    "train_diverged": (
        "The loss is no longer finite at step {step}. Training stopped and kept the weights from "
        "before that step. Try a smaller learning rate.",
        "第 {step} 步的损失已发散（不再是有限值）。训练已停止，并保留此前的权重。请减小学习率。",
    ),
    "train_equation": (
        f"The loss: {LOSS}, for a random picture $x_0$, time $t$ and noise $\\epsilon$; or the "
        f"same for {VELOCITY}, or for $x_0$ itself.",
        f"损失：{LOSS}，其中图像 $x_0$、时间步 $t$ 和噪声 $\\epsilon$ 都是随机抽取的；"
        f"也可以改为预测 {VELOCITY} 或 $x_0$ 本身。",
    ),
}
