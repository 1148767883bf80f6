"""The same network, faster on a CPU: compiled by OpenVINO, where that is installed."""

import importlib.util
import threading
import warnings

import torch
from torch import Tensor

from ddpm.diffusion.denoiser import Denoiser
from ddpm.networks.flow_map import FlowMap
from ddpm.networks.network import Given, Network, as_condition


def compiled(model: Denoiser) -> Denoiser:
    """The same model with its network compiled for this CPU, which takes a second or two. Returns
    the model itself if OpenVINO is not installed, if the model is on another device, or if it is a
    flow map: the graph has no input for the time that it goes to.

    Images agree with the model's own to float32 rounding: OpenVINO would choose bfloat16 on some
    processors, and is asked not to. Weights of labels go to the network as it was.
    """
    is_installed = importlib.util.find_spec("openvino") is not None
    is_flow_map = isinstance(model.network, FlowMap)
    if not is_installed or model.schedule.device.type != "cpu" or is_flow_map:
        return model
    return Denoiser(_OpenVINO(model.network), model.schedule, model.objective).eval()


class _OpenVINO(Network):
    """A U-Net's forward, compiled. May be called from several threads at once."""

    def __init__(self, network: Network):
        super().__init__()
        import openvino

        self.network = network
        self.shape, self.num_classes = network.shape, network.num_classes
        self.needs_label = network.needs_label
        example = [torch.zeros(2, *self.shape), torch.zeros(2)]
        if self.num_classes is not None:
            example.append(torch.zeros(2, dtype=torch.int64))
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the tracer's, about checks of shapes
            graph = openvino.convert_model(network, example_input=tuple(example))
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        self.graph = openvino.Core().compile_model(graph, "CPU", settings)
        self.of_thread = threading.local()  # an inference request holds the buffers of one call

    def forward(self, x: Tensor, t: Tensor, condition: Given = None) -> Tensor:
        labels = as_condition(condition).labels
        inputs = [x.contiguous(), t.float()]
        if self.num_classes is not None:
            labels = torch.full((len(x),), self.num_classes) if labels is None else labels
            hidden = self.needs_label and bool((labels == self.num_classes).any())
            if hidden or labels.is_floating_point():  # refused; of another shape than labels
                return self.network(x, t, labels)
            inputs.append(labels)
        if not hasattr(self.of_thread, "request"):
            self.of_thread.request = self.graph.create_infer_request()
        request = self.of_thread.request
        request.infer([part.numpy() for part in inputs], share_inputs=True)
        return torch.from_numpy(request.get_output_tensor(0).data.copy())
