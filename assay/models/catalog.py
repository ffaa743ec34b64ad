"""Every architecture, by name: what a recipe file may ask for."""

from __future__ import annotations

from assay.models.airbench import Airbench
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.recurrent import Recurrent
from assay.models.resnet import ResNet
from assay.models.shake_shake import ShakeShakeNet

MODELS = (MLP, ConvNet, ResNet, Recurrent, ShakeShakeNet, Airbench)
