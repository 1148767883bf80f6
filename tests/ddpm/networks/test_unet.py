import math

import pytest
import torch
from einops import rearrange

from ddpm.config import UnetConfig
from ddpm.networks.attention import Attention, LinearAttention
from ddpm.networks.blocks import Block, ConvNextBlock, ResnetBlock
from ddpm.networks.time_embedding import SinusoidalPositionEmbeddings
from ddpm.networks.unet import Unet

close = torch.testing.assert_close
BLOCKS = ["resnet", "convnext"]


def small(**options) -> Unet:
    settings = {"image_size": 8, "dim": 16, "dim_mults": (1, 2, 2), "dim_head": 4, "num_classes": 3}
    return Unet(UnetConfig(**(settings | options))).eval()


@pytest.mark.parametrize("block", BLOCKS)
def test_every_parameter_gets_a_gradient(block):
    network = small(block=block)
    x, t = torch.randn(4, 1, 8, 8), torch.tensor([0, 3, 50, 999])
    (network(x, t, torch.arange(4)) * torch.randn(4, 1, 8, 8)).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        # where the true gradient is zero, rounding leaves about 1e-7
        assert parameter.grad.abs().max() > 1e-5, name
    assert (network.label_emb.weight.grad.abs().amax(1) > 0).all()  # each label, and "no label"


@pytest.mark.parametrize("block", BLOCKS)
def test_every_skip_reaches_the_output(block):
    """Each level passes its state on unchanged, and without it the output changes."""
    network = small(block=block)
    x, t, labels = torch.randn(2, 1, 8, 8), torch.tensor([5, 700]), torch.tensor([0, 2])
    given, taken = [], []
    sources = [network.init_conv, *(level[2] for level in network.downs)]
    users = [*(level[0] for level in network.ups), network.final_block]
    hooks = [m.register_forward_hook(lambda m, i, out: given.append(out)) for m in sources]
    hooks += [m.register_forward_pre_hook(lambda m, args: taken.append(args[0])) for m in users]
    with torch.no_grad():
        whole = network(x, t, labels)
        for hook in hooks:
            hook.remove()
        assert len(given) == len(taken) == 4
        for skip, joined in zip(given, reversed(taken), strict=True):
            assert torch.equal(joined[:, -skip.shape[1] :], skip)

        for user, skip in zip(users, reversed(given), strict=True):
            width = skip.shape[1]

            def without(module, args, width=width):
                joined = args[0].clone()
                joined[:, -width:] = 0
                return joined, *args[1:]

            hook = user.register_forward_pre_hook(without)
            assert (network(x, t, labels) - whole).abs().max() > 1e-3
            hook.remove()
        assert torch.equal(network(x, t, labels), whole)


@pytest.mark.parametrize("block", BLOCKS)
@torch.no_grad()
def test_output_depends_on_t_and_on_the_label(block):
    network = small(block=block)
    x = torch.randn(1, 1, 8, 8)

    def out(t, label=None):
        return network(x, torch.tensor([t]), None if label is None else torch.tensor([label]))

    outputs = [out(0, 0), out(1, 0), out(999, 0), out(0, 1), out(0, 2), out(0)]
    for i, a in enumerate(outputs):
        for b in outputs[:i]:
            assert (a - b).abs().max() > 1e-4
    assert torch.equal(out(0), out(0, 3))  # no labels means the label "none"


@torch.no_grad()
def test_a_fractional_t_lies_between_whole_ones():
    network = small()
    x = torch.randn(1, 1, 8, 8)
    at = {t: network(x, torch.tensor([t])) for t in (40, 40.0, 40.5, 41)}
    assert torch.equal(at[40], network(x, torch.tensor([40.0])))
    gap = (at[41] - at[40]).norm()
    assert 0 < (at[40.5] - at[40]).norm() < gap
    assert 0 < (at[41] - at[40.5]).norm() < gap


@torch.no_grad()
def test_each_image_is_processed_alone():
    """No batch statistics: an image gets the same output in a batch and alone."""
    network = small()
    x, t, labels = torch.randn(3, 1, 8, 8), torch.tensor([1, 500, 900]), torch.tensor([0, 1, 3])
    together = network(x, t, labels)
    for k in range(3):
        alone = network(x[k : k + 1], t[k : k + 1], labels[k : k + 1])
        close(alone, together[k : k + 1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    "channels, height, width, mults",
    [(1, 28, 28, (1, 2, 4)), (3, 32, 32, (1, 2, 4)), (1, 8, 12, (1, 2)), (1, 7, 5, (1,))],
)
@torch.no_grad()
def test_sizes_that_the_levels_divide(block, channels, height, width, mults):
    network = small(dim=8, dim_mults=mults, channels=channels, block=block, num_classes=None)
    x = torch.randn(2, channels, height, width)
    assert network(x, torch.tensor([0, 9])).shape == x.shape


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("dim", [28, 5, 12])
@torch.no_grad()
def test_widths_that_eight_does_not_divide(block, dim):
    network = small(dim=dim, dim_mults=(1, 2), block=block)
    out = network(torch.randn(1, 1, 8, 8), torch.tensor([3]), torch.tensor([1]))
    assert out.shape == (1, 1, 8, 8) and out.isfinite().all()


@pytest.mark.parametrize("height, width", [(30, 30), (28, 30), (29, 28), (2, 28)])
def test_sizes_that_the_levels_do_not_divide_are_refused(height, width):
    network = small()
    with pytest.raises(ValueError, match=f"divisible by 4, not {height} x {width}"):
        network(torch.zeros(1, 1, height, width), torch.tensor([0]))


@torch.no_grad()
def test_patches_are_the_channels_of_a_network_without_patches():
    """The same weights see the same patches, whether the network or the test folds them."""
    folding = small(dim=8, dim_mults=(1, 2), channels=1, patch=2)
    plain = small(dim=8, dim_mults=(1, 2), channels=4)
    plain.load_state_dict(folding.state_dict())
    x, t = torch.randn(2, 1, 8, 12), torch.tensor([3, 50])
    patches = rearrange(x, "b 1 (h i) (w j) -> b (i j) h w", i=2, j=2)
    back = rearrange(plain(patches, t), "b (i j) h w -> b 1 (h i) (w j)", i=2, j=2)
    torch.testing.assert_close(folding(x, t), back)
    with pytest.raises(ValueError, match="divisible by 4, not 6 x 8"):
        folding(torch.zeros(1, 1, 6, 8), torch.tensor([0]))


@torch.no_grad()
def test_a_learned_variance_doubles_the_channels():
    network = small(dim=8, dim_mults=(1, 2), channels=3, patch=2, learned_variance=True)
    assert network(torch.zeros(2, 3, 8, 8), torch.tensor([0, 1])).shape == (2, 6, 8, 8)


def test_other_wrong_input_is_refused():
    with pytest.raises(ValueError, match=r"must be \(B, 1, H, W\), not \(1, 3, 8, 8\)"):
        small()(torch.zeros(1, 3, 8, 8), torch.tensor([0]))
    with pytest.raises(ValueError, match=r"not \(1, 8, 8\)"):
        small()(torch.zeros(1, 8, 8), torch.tensor([0]))
    with pytest.raises(ValueError, match="without labels"):
        small(num_classes=None)(torch.zeros(1, 1, 8, 8), torch.tensor([0]), torch.tensor([0]))
    with pytest.raises(ValueError, match="resnet, convnext"):
        small(block="vgg")


def test_the_blocks_are_of_the_chosen_kind():
    for block, kind in (("resnet", ResnetBlock), ("convnext", ConvNextBlock)):
        kinds = {type(m) for m in small(block=block).modules()}
        assert kind in kinds and len(kinds & {ResnetBlock, ConvNextBlock}) == 1


def test_full_attention_is_at_the_bottom_only():
    """Softmax over all pixels costs n²: at the lowest resolution, linear attention above."""
    network = small()
    x = torch.randn(1, 1, 16, 16)
    sizes = {Attention: [], LinearAttention: []}
    for module in network.modules():
        if type(module) in sizes:
            module.register_forward_hook(
                lambda m, args, out: sizes[type(m)].append(args[0].shape[-1])
            )
    network(x, torch.tensor([0]))
    assert sizes[Attention] == [4, 4, 4]  # down, middle, up
    assert sizes[LinearAttention] == [16, 8, 8, 16]
    for attention, found in (("lowest", 3), ("middle", 1)):
        kinds = [type(module) for module in small(attention=attention).modules()]
        assert kinds.count(Attention) == found and LinearAttention not in kinds
    with pytest.raises(ValueError, match="attention must be one of all, lowest, middle"):
        small(attention="none")


def test_norm_groups_divide_the_channels():
    for groups, found in ((8, 8), (1, 1), (5, 1), (12, 4)):  # of 16 and 32 channels
        modules = small(block="resnet", norm_groups=groups).modules()
        blocks = [m for m in modules if isinstance(m, Block)]
        assert {block.norm.num_groups for block in blocks} == {found}


def test_time_embedding_by_its_formula():
    got = SinusoidalPositionEmbeddings(8)(torch.tensor([0.0, 1.0, 250.5]))
    for row, t in zip(got, (0.0, 1.0, 250.5), strict=True):
        angles = [t * 10_000 ** (-i / 3) for i in range(4)]
        expected = [*map(math.sin, angles), *map(math.cos, angles)]
        assert row.tolist() == pytest.approx(expected, abs=1e-4)


def test_weights_of_labels_mix_their_embeddings():
    """A weight of 1 is the label itself, the last column is "no label", and halves are the mean."""
    network = small()
    x, t, labels = torch.randn(4, 1, 8, 8), torch.arange(4), torch.tensor([0, 1, 2, 3])
    one_hot = torch.eye(4)
    close(network(x, t, one_hot), network(x, t, labels))
    close(network(x[:3], t[:3], one_hot[:3, :3]), network(x[:3], t[:3], labels[:3]))
    mixed = network(x[:1], t[:1], torch.tensor([[0.5, 0.0, 0.5]]))
    with torch.no_grad():
        embedding = network.label_emb.weight
        embedding[1] = (embedding[0] + embedding[2]) / 2
    close(mixed, network(x[:1], t[:1], torch.tensor([1])))


@pytest.mark.parametrize("shape", [(4,), (4, 2), (4, 5), (4, 3, 1)])
def test_weights_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"weights of labels must be \(4, 3\), not"):
        small()(torch.randn(4, 1, 8, 8), torch.arange(4), torch.rand(shape))
