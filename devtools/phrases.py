"""Phrases for garments that no template of `ddpm.data.captions` has."""

# The class that each should be seen as
PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "a gown": "Dress", "an evening gown": "Dress", "a summer sundress": "Dress",
        "trainers": "Sneaker", "tennis shoes": "Sneaker", "athletic shoes for the gym": "Sneaker",
        "a purse": "Bag", "a backpack": "Bag", "a leather briefcase": "Bag", "a tote": "Bag",
        "jeans": "Trouser", "leggings": "Trouser", "khakis": "Trouser", "denim": "Trouser",
        "a cardigan": "Pullover", "a sweatshirt": "Pullover", "a woollen turtleneck": "Pullover",
        "a parka": "Coat", "a raincoat": "Coat", "an anorak for the winter": "Coat",
        "a windbreaker": "Coat", "flip-flops": "Sandal", "stilettos": "Sandal",
        "strappy summer shoes": "Sandal", "leather booties": "Ankle boot",
        "wellingtons": "Ankle boot", "galoshes": "Ankle boot", "an undershirt": "T-shirt/top",
        "a printed tshirt": "T-shirt/top", "a tunic with buttons": "Shirt",
    },
    "zh": {
        "晚礼服": "Dress", "一条长裙": "Dress", "旗袍": "Dress", "一件洋装": "Dress",
        "跑鞋": "Sneaker", "一双网球鞋": "Sneaker", "帆布鞋": "Sneaker", "板鞋": "Sneaker",
        "钱包": "Bag", "一个书包": "Bag", "双肩包": "Bag", "挎包": "Bag", "手袋": "Bag",
        "牛仔裤": "Trouser", "西裤": "Trouser", "一条休闲裤": "Trouser", "打底裤": "Trouser",
        "针织衫": "Pullover", "卫衣": "Pullover", "一件羊毛衫": "Pullover",
        "羽绒服": "Coat", "夹克": "Coat", "一件风衣": "Coat", "棉衣": "Coat",
        "人字拖": "Sandal", "高跟鞋": "Sandal", "马丁靴": "Ankle boot", "一双皮靴": "Ankle boot",
        "背心": "T-shirt/top", "女衬衫": "Shirt",
    },
}  # fmt: skip
