"""Texts of the models of two stages, the cascade, and the one that draws by words, in the Generate
tab."""

NOISED = r"$z_s = \sqrt{\bar\alpha_s}\,z + \sqrt{1-\bar\alpha_s}\,\epsilon$"
X_START = r"$\hat x_0 = (x_t - \sqrt{1-\bar\alpha_t}\,\hat\epsilon) / \sqrt{\bar\alpha_t}$"
GUIDED = r"$\hat\epsilon = \epsilon_\varnothing + g\,(\epsilon_c - \epsilon_\varnothing)$"
HELD = r"$\hat x_0 \leftarrow \max(-s, \min(s, \hat x_0)) / s$"
QUANTILE = r"$s = \max(1, Q_{0.995}(|\hat x_0|))$"

TEXTS: dict[str, tuple[str, str]] = {
    # beside the film; stages.js fills in what stands in braces
    "stages_first": ("14 × 14", "14 × 14"),
    "stages_second": ("28 × 28", "28 × 28"),
    "stages_small": ("What the small stage drew, 14 × 14", "小图阶段画出的 14 × 14 图片"),
    "stages_given": (
        "What the large stage was given: the same after {aug} of 1,000 steps of noise",
        "大图阶段的输入：同样的小图，加了 {aug} 步噪声（共 1000 步）",
    ),
    "stages_given_plain": (
        "What the large stage was given: the same, without noise",
        "大图阶段的输入：同样的小图，没有加噪",
    ),
    "stages_from_one": (
        "All come from this one small picture, each with different noise: what they share comes "
        "from it; where they differ, the large stage made it up.",
        "所有图片都由同一张小图放大而来，只是噪声不同：相同之处由小图决定，不同之处是大图阶段自己"
        "补的。",
    ),
    "staged_sketch": (
        "This model starts from noise only. To finish a sketch or a photo, choose another model.",
        "这个模型只能从噪声开始。要补全草图或照片，请换一个模型。",
    ),
    "staged_steps": (
        "Steps (network calls) must be 2 or more for this model, not {asked}: it has two stages.",
        "步数（网络调用次数）至少为 2，不能是 {asked}：这个模型有两个阶段。",
    ),
    # the cascade
    "generate_model_cascade": ("Cascade", "级联模型"),
    "generate_model_cascade_for": (
        "How large pictures are made: a small one first, which a second network enlarges.",
        "大图是这样生成的：先画小图，再由第二个网络放大。",
    ),
    "generate_from_one": ("All from one small picture", "全部由一张小图放大"),
    "generate_from_one_info": (
        "The first network draws only one, and the second makes every picture from it, each with "
        "different noise.",
        "第一个网络只画一张小图，所有图片都由第二个网络从它放大而来，各用不同的噪声。",
    ),
    "generate_aug": ("Noise between stages", "两阶段间的噪声"),
    "generate_aug_info": (
        "Added to the small pictures before they are enlarged. Too little, and the second "
        "network copies their flaws; too much, and it can’t see them and makes things up. The "
        "default is the best that we measured.",
        "放大之前加在小图上。太少：第二个网络连小图的毛病也照抄；太多：它看不清小图，只好自己编。"
        "默认值是我们测得效果最好的。",
    ),
    "compare_aug": ("Noise between stages: {value}", "两阶段间的噪声：{value}"),
    "compare_from_one": ("All from one small picture", "全部由一张小图放大"),
    "compare_cascade_axis": (
        "The cascade has its own noise schedules, and only its labels guide it: compare its "
        "noise between stages, sampler, steps, guidance or class.",
        "级联用自己的噪声调度，也只能由类别标签引导：请对比两阶段间的噪声、采样器、步数、引导强度"
        "或类别。",
    ),
    "compare_only_cascade": (
        "Only the cascade has small pictures to add noise to: choose that model, then compare "
        "again.",
        "只有级联有可以加噪的小图：请先选择该模型，再对比。",
    ),
    "compare_look_aug": (
        "<b>Look at</b> what the rows share. The small pictures and all noise are the same. "
        "Without noise on them, the second network takes their every blemish for the truth; with "
        "more, it keeps their layout and draws the rest itself; at 1,000 only the class is left. "
        "Then check “All from one small picture”.",
        "<b>请看</b>各行有哪些相同。小图和所有噪声都一样。不加噪时，第二个网络把小图的每个瑕疵都当真；"
        "多加一些，它只保留布局，其余自己画；加到 1000，就只剩类别了。"
        "再勾选“全部由一张小图放大”试试。",
    ),
    "compare_look_aug_one": (
        "<b>Look at</b> how much the pictures of a row differ. All are enlargements of one small "
        "picture: without noise on it, only in detail; the more noise, the less of it the second "
        "network can see, and the more it invents; at 1,000 only the class is left.",
        "<b>请看</b>同一行的图片差别有多大。它们都由同一张小图放大而来：不加噪时只有细节不同；"
        "噪声越多，第二个网络能看清的就越少，自己补的就越多；到 1000 就只剩类别相同。",
    ),
    "compare_look_model_cascade": (
        "<b>Look at</b> what different networks make of the same request. The cascade starts "
        "from smaller noise, 14 × 14, so it draws different garments; the others start from the "
        "same noise, and what they draw is often alike.",
        "<b>请看</b>不同的网络如何完成同一要求。级联从更小的 14 × 14 噪声开始，所以画出的是另一些"
        "服装；其余模型的起始噪声相同，画出的内容常常相像。",
    ),
    "compare_noise_same_cascade": (
        "the same; the cascade begins with some of its own, 14 × 14",
        "全部相同；级联先用它自己的 14 × 14 噪声",
    ),
    "generate_equation_cascade": (
        "A cascade: the first network draws z at 14 × 14, and s steps of noise are added: "
        f"{NOISED}. The second draws x at 28 × 28 with "
        r"$\epsilon_\theta(x_t, t, y, z_s, s)$: "
        "besides $x_t$ it sees $z_s$, enlarged, and s, so it knows how noisy $z_s$ is. It was "
        "trained with every s, so s can still be chosen now.",
        f"级联：第一个网络画出 14 × 14 的 z，再给它加 s 步噪声：{NOISED}。第二个网络用 "
        r"$\epsilon_\theta(x_t, t, y, z_s, s)$ "
        "画出 28 × 28 的 x：除了 $x_t$，它的输入还有放大后的 $z_s$ 和 s，因此它知道 $z_s$ 中"
        "有多少噪声。训练时 s 取遍各种大小，所以现在仍可任选。",
    ),
    "generate_model_words": ("By words (Imagen’s way)", "按文字生成（Imagen 的方法）"),
    "generate_model_words_for": (
        "Draws what you write, straight from words to pixels.",
        "你写什么就画什么，由文字直接到像素。",
    ),
    "generate_words": ("Words", "文字描述"),
    "generate_words_info": (
        "In English or Chinese, about garments. This model knows words, not classes, and has its "
        "own noise schedule.",
        "用英文或中文描述服装。这个模型只认文字、不用类别，噪声调度也是它自己的。",
    ),
    "words_examples_title": ("Examples", "示例"),
    "words_example_0": ("a dark ankle boot", "深色短靴"),
    "words_example_1": ("white sandals", "白色凉鞋"),
    "words_example_2": ("a slim printed dress", "修身印花连衣裙"),
    "words_example_3": ("a flurb sweater", "咕噜毛衣"),  # a word that the encoder doesn't know
    "words_example_4": ("a light long-sleeved shirt", "浅色长袖衬衫"),
    "words_example_5": ("a black bag with a handle", "有提手的黑色包"),
    "generate_thresholding": ("Thresholding", "阈值处理"),
    "generate_thresholding_info": (
        "Strong guidance drives the guess x̂₀ beyond black and white. Static: what lies beyond "
        "is cut off. Dynamic: each picture is scaled back, so that its greys remain.",
        "引导较强时，对原图的猜测 x̂₀ 会超出黑与白的范围。静态：直接截断；动态：把每张图片按比例缩"
        "回，从而保留灰度层次。",
    ),
    "generate_thresholding_dynamic": ("Dynamic", "动态"),
    "generate_thresholding_static": ("Static", "静态"),
    # beside the film; stages.js fills in what stands in braces
    "stages_comma": (", ", "、"),
    "stages_beyond_dynamic": (
        "{beyond}% of the pixels of the small stage’s guesses lay beyond black and white. Dynamic "
        "thresholding scaled them back, picture by picture.",
        "在小图阶段的猜测中，{beyond}% 的像素超出了黑与白的范围。动态阈值处理已逐张按比例缩回。",
    ),
    "stages_beyond_static": (
        "{beyond}% of the pixels of the small stage’s guesses lay beyond black and white. Static "
        "thresholding cut them off.",
        "在小图阶段的猜测中，{beyond}% 的像素超出了黑与白的范围。静态阈值处理已将它们截断。",
    ),
    "stages_unknown": (
        "The encoder doesn’t know, and passed over: {words}",
        "编码器不认识并略过了：{words}",
    ),
    "stages_untaught": (
        "No caption in training had: {words}",
        "训练用的服装描述里没有出现过：{words}",
    ),
    "words_too_many": (
        "That is too long: at most {most} of the words that the encoder knows. Say it more "
        "briefly.",
        "文字太长：最多只能有 {most} 个编码器认识的词。请写得简短一些。",
    ),
    "stages_empty": (
        "Without words it chose for itself what to draw.",
        "没有文字，所以画什么由它自己决定。",
    ),
    "stages_nothing": (
        "It knows none of these words, so it chose for itself what to draw.",
        "没有它认识的词，所以画什么由它自己决定。",
    ),
    "compare_words": ("“{value}”", "“{value}”"),
    "compare_thresholding_dynamic": ("Dynamic thresholding", "动态阈值处理"),
    "compare_thresholding_static": ("Static thresholding", "静态阈值处理"),
    "compare_words_axis": (
        "The model that draws by words has no classes and no other schedules: compare its "
        "sampler, steps, guidance or thresholding.",
        "按文字生成的模型不用类别，也不能换噪声调度：请对比它的采样器、步数、引导强度或阈值处理。",
    ),
    "compare_only_words": (
        "Only the model that draws by words lets you choose the thresholding: choose that model, "
        "then compare again.",
        "只有按文字生成的模型可以选择阈值处理：请先选择该模型，再对比。",
    ),
    "compare_look_guidance_words": (
        "<b>Look at</b> what is lost. 0 ignores the words; more guidance makes what they say "
        "clearer, then the pictures cruder, with less variety. From column to column, take "
        "thresholding: the stronger the guidance, the more it has to hold back.",
        "<b>请看</b>付出了什么代价。0 表示忽略文字；引导越强，越符合文字描述，再强则图片变粗糙，"
        "多样性也随之降低。再把“逐列改变”设为阈值处理：引导越强，它要限制的就越多。",
    ),
    "compare_look_thresholding": (
        "<b>Look at</b> the greys. The words and the noise are the same; static thresholding cuts "
        "off what strong guidance drives beyond black and white, dynamic scales it back. Then "
        "take guidance from column to column.",
        "<b>请看</b>灰度层次。文字和噪声都相同：强引导会让像素超出黑与白的范围，静态阈值处理直接截断，"
        "动态则按比例缩回。再把“逐列改变”设为引导强度试试。",
    ),
    "generate_equation_words": (
        f"Guidance with words: {GUIDED}, from the network’s answers with words, $\\epsilon_c$, and "
        f"without, $\\epsilon_\\varnothing$. Dynamic thresholding then holds {X_START} in range: "
        f"{HELD} with {QUANTILE} for each picture. Static thresholding is s = 1.",
        f"文字引导：{GUIDED}，其中 $\\epsilon_c$ 和 $\\epsilon_\\varnothing$ 是网络在有文字和没有"
        f"文字时的回答。随后，动态阈值处理把 {X_START} 限制在范围内：{HELD}，对每张图片取 "
        f"{QUANTILE}。静态阈值处理即 s = 1。",
    ),
}
