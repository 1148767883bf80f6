"""Texts of the model that draws by words, in the Generate tab."""

X_START = r"$\hat x_0 = (x_t - \sqrt{1-\bar\alpha_t}\,\hat\epsilon) / \sqrt{\bar\alpha_t}$"
GUIDED = r"$\hat\epsilon = \epsilon_\varnothing + g\,(\epsilon_c - \epsilon_\varnothing)$"
HELD = r"$\hat x_0 \leftarrow \max(-s, \min(s, \hat x_0)) / s$"
QUANTILE = r"$s = \max(1, Q_{0.995}(|\hat x_0|))$"

TEXTS: dict[str, tuple[str, str]] = {
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
    "words_example_4": ("a long-sleeved shirt", "浅色长袖衬衫"),
    "words_example_5": ("a bag with a handle", "有提手的黑色包"),
    "generate_thresholding": ("Thresholding", "阈值处理"),
    "generate_thresholding_info": (
        "Strong guidance drives the guess x̂₀ beyond black and white. Static: what lies beyond "
        "is cut off. Dynamic: each picture is scaled back, so that its greys remain.",
        "引导较强时，预测的 x̂₀ 会超出黑与白的范围。静态：直接截断；动态：把每张图片按比例缩回，"
        "从而保留灰度层次。",
    ),
    "generate_thresholding_dynamic": ("Dynamic", "动态"),
    "generate_thresholding_static": ("Static", "静态"),
    # beside the film; stages.js fills in what stands in braces
    "stages_comma": (", ", "、"),
    "stages_beyond_dynamic": (
        "{beyond}% of the pixels of the small stage’s guesses lay beyond black and white. Dynamic "
        "thresholding scaled them back, picture by picture.",
        "在小图阶段的预测中，{beyond}% 的像素超出了黑与白的范围。动态阈值处理已逐张按比例缩回。",
    ),
    "stages_beyond_static": (
        "{beyond}% of the pixels of the small stage’s guesses lay beyond black and white. Static "
        "thresholding cut them off.",
        "在小图阶段的预测中，{beyond}% 的像素超出了黑与白的范围。静态阈值处理已将它们截断。",
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
        "文字太长：编码器认识的词最多 {most} 个。请写得简短一些。",
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
