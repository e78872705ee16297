"""The layers under the modules in which PyTorch keeps them: lamina.nn.modules.batchnorm.BatchNorm2d.

Scripts also ask `isinstance(m, nn.modules.batchnorm._BatchNorm)`: such a name stands here for all classes of its family.
"""

import sys as _sys
from types import ModuleType as _ModuleType

from lamina._C import _nn as _C
from lamina.nn.modules import container as container
from lamina.nn.modules import lazy as lazy
from lamina.nn.modules import module as module
from lamina.nn.modules import utils as utils
from lamina.nn.modules.container import Container as Container
from lamina.nn.modules.container import ParameterDict as ParameterDict
from lamina.nn.modules.container import ParameterList as ParameterList

for _name in dir(lazy):
    if _name.startswith("Lazy") and _name != "LazyModuleMixin":
        globals()[_name] = getattr(lazy, _name)
for _name in dir(_C):
    if isinstance(getattr(_C, _name), type):
        globals()[_name] = getattr(_C, _name)


class _Family(type):
    """The type of a class that stands for a family of layers."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, cls.members)

    def __subclasscheck__(cls, other):
        return issubclass(other, cls.members) or cls in other.__mro__


# module: (families, layers)
_CONTENTS = {
    "activation": "Threshold ReLU RReLU Hardtanh ReLU6 Sigmoid Hardsigmoid Tanh SiLU Mish Hardswish ELU CELU SELU GLU GELU"
    " Hardshrink LeakyReLU LogSigmoid Softplus Softshrink MultiheadAttention PReLU Softsign Tanhshrink Softmin Softmax"
    " Softmax2d LogSoftmax",
    "adaptive": "AdaptiveLogSoftmaxWithLoss",
    "batchnorm": "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d",
    "channelshuffle": "ChannelShuffle",
    "conv": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d LazyConv2d LazyConv3d"
    " LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d",
    "distance": "PairwiseDistance CosineSimilarity",
    "dropout": "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout",
    "flatten": "Flatten Unflatten",
    "fold": "Fold Unfold",
    "instancenorm": "InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d"
    " LazyInstanceNorm3d",
    "linear": "Identity Linear NonDynamicallyQuantizableLinear Bilinear LazyLinear",
    "loss": "L1Loss NLLLoss NLLLoss2d PoissonNLLLoss GaussianNLLLoss KLDivLoss MSELoss BCELoss BCEWithLogitsLoss"
    " HingeEmbeddingLoss MultiLabelMarginLoss SmoothL1Loss HuberLoss SoftMarginLoss CrossEntropyLoss"
    " LinearCrossEntropyLoss MultiLabelSoftMarginLoss CosineEmbeddingLoss MarginRankingLoss MultiMarginLoss"
    " TripletMarginLoss TripletMarginWithDistanceLoss CTCLoss",
    "normalization": "LocalResponseNorm CrossMapLRN2d LayerNorm GroupNorm RMSNorm",
    "padding": "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d"
    " ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d",
    "pixelshuffle": "PixelShuffle PixelUnshuffle",
    "pooling": "MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d AvgPool1d AvgPool2d AvgPool3d"
    " FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d LPPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d"
    " AdaptiveMaxPool3d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d",
    "rnn": "RNNBase RNN LSTM GRU RNNCellBase RNNCell LSTMCell GRUCell",
    "sparse": "Embedding EmbeddingBag",
    "transformer": "Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer TransformerDecoderLayer",
    "upsampling": "Upsample UpsamplingNearest2d UpsamplingBilinear2d",
}
_FAMILIES = {
    "batchnorm._BatchNorm": "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm",
    "batchnorm._NormBase": "BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm InstanceNorm1d InstanceNorm2d"
    " InstanceNorm3d",
    "conv._ConvNd": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "conv._ConvTransposeNd": "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "dropout._DropoutNd": "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout",
    "instancenorm._InstanceNorm": "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
    "loss._Loss": _CONTENTS["loss"],
    "loss._WeightedLoss": "NLLLoss BCELoss BCEWithLogitsLoss CrossEntropyLoss MultiLabelSoftMarginLoss MultiMarginLoss",
    "pooling._MaxPoolNd": "MaxPool1d MaxPool2d MaxPool3d",
    "pooling._AvgPoolNd": "AvgPool1d AvgPool2d AvgPool3d",
    "pooling._AdaptiveAvgPoolNd": "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d",
    "pooling._AdaptiveMaxPoolNd": "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d",
    "rnn.RNNBase": "RNN LSTM GRU",
    "rnn.RNNCellBase": "RNNCell LSTMCell GRUCell",
}


def _classes(names):
    return [globals()[name] for name in names.split() if name in globals()]


for _name, _members in _FAMILIES.items():
    _module, _, _name = _name.rpartition(".")
    _doc = f"Stands for {', '.join(_members.split())}: what isinstance and issubclass answer for."
    _family = _Family(_name, (), {"__doc__": _doc, "members": tuple(_classes(_members))})
    if not _name.startswith("_"):
        globals()[_name] = _family
    _CONTENTS[_module] += " " + _name
    globals()[_name] = _family

for _module, _names in _CONTENTS.items():
    _object = _ModuleType(f"{__name__}.{_module}", f"Layers of torch.nn.modules.{_module}.")
    for _class in _classes(_names):
        setattr(_object, _class.__name__, _class)
    _object.__package__ = __name__
    _sys.modules[_object.__name__] = globals()[_module] = _object
linear.LazyLinear = lazy.LazyLinear  # noqa: F821

__all__ = [
    name for name, value in globals().items()
    if isinstance(value, type) and not name.startswith("_")
]
