"""Repositories with the outward form of the originals, made of this package's own parts."""

from pathlib import Path

LOSSES = """
import torch
from mmlle.models.losses.color_constancy_loss import color_constancy_loss
from mmlle.models.losses.exposure_control_loss import exposure_control_loss
from mmlle.models.losses.illumination_smoothness_loss import illumination_smoothness_loss
from mmlle.models.losses.spatial_consistency_loss import spatial_consistency_loss

def L_color():
    return color_constancy_loss

def L_TV():
    return illumination_smoothness_loss
"""

NETWORK = """
import torch
from mmlle.models import EFENet, ZeroDCENet
from mmlle.models.utils import apply_light_curve

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

class Net(torch.nn.Module):
    def __init__(self, network, renames):
        super().__init__()
        self.network = network.to(DEVICE)
        self.renames = renames

    def state_dict(self):
        state = self.network.state_dict()
        for ours, theirs in self.renames:
            state = {name.replace(ours, theirs): value for name, value in state.items()}
        return state

    def load_state_dict(self, state):
        assert list(state) == list(self.state_dict())
        self.network.load_state_dict(dict(zip(self.network.state_dict(), state.values())))

    def curve(self, image):
        maps = self.network(image)
        return apply_light_curve(image, maps), maps
"""

ZERO_DCE = {
    "Myloss.py": LOSSES
    + """
def L_spa():
    torch.ones(1).cuda()
    return lambda enhanced, image: spatial_consistency_loss(enhanced, image, diagonal_weight=0)

def L_exp(size, target):
    return lambda enhanced: exposure_control_loss(enhanced, target, size)
""",
    "model.py": NETWORK
    + """
class enhance_net_nopool(Net):
    def __init__(self):
        super().__init__(ZeroDCENet(), [("conv", "e_conv")])

    def forward(self, image):
        enhanced, maps = self.curve(image)
        return image, enhanced, maps
""",
}

PAIRLIE = {
    "utils.py": """
from torch.nn.functional import mse_loss
from mmlle.models.losses import retinex_loss

C_loss = mse_loss

def R_loss(illumination, reflectance, image, denoised):
    return retinex_loss(illumination, reflectance, denoised, image)

def P_loss(image, denoised):
    return mse_loss(denoised, image)
""",
    "net/net.py": NETWORK
    + """
from mmlle.models import RetinexDecompositionNet

class net(Net):
    def __init__(self):
        torch.ones(1).cuda()
        renames = [(f"{part}_net.", f"{part.upper()}_net.{part.upper()}_net.") for part in "nlr"]
        renames += [(f".conv{index}.", f".{3 * index - 2}.") for index in range(1, 6)]
        super().__init__(RetinexDecompositionNet(), renames)

    def forward(self, image):
        return self.network(image)
""",
}

SGZ = {
    "option.py": """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--scale_factor", type=int)
parser.add_argument("--conv_type")
args = parser.parse_args()
""",
    "Myloss.py": LOSSES
    + """
def L_spa8():
    return spatial_consistency_loss

def L_exp():
    return exposure_control_loss
""",
    "dataloader.py": """
def lowlight_loader(path):
    raise FileNotFoundError(path)
""",
    "modeling/__init__.py": "",
    "modeling/model.py": NETWORK
    + """
class enhance_net_nopool(Net):
    def __init__(self, scale, conv_type):
        renames = [("conv", "e_conv"), ("depthwise", "depth_conv"), ("pointwise", "point_conv")]
        super().__init__(EFENet(conv_type, scale_factor=scale), renames)

    def forward(self, image):
        return self.curve(image)
""",
    "modeling/fpn.py": """
import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

def resnet50(pretrained):
    if pretrained:
        raise OSError("no network")
    return torch.nn.Sequential(torch.nn.Conv2d(3, 5, 3, 2), torch.nn.BatchNorm2d(5)).to(DEVICE)
""",
    "train.py": """
import os
import torch
import dataloader
import Myloss
from modeling import fpn, model
from mmlle.models.losses.semantic_guidance_loss import semantic_guidance_loss
from option import args

os.environ["CUDA_VISIBLE_DEVICES"] = "0"

class Trainer:
    def __init__(self):
        self.net = model.enhance_net_nopool(args.scale_factor, args.conv_type)
        self.seg = fpn.resnet50(True)
        self.data = dataloader.lowlight_loader("photos/")
        self.L_color, self.L_spa = Myloss.L_color(), Myloss.L_spa8()
        self.L_exp, self.L_TV = Myloss.L_exp(), Myloss.L_TV()
        self.E = 0.6
        self.num_epochs = 100
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-4, weight_decay=1e-4)

    def get_seg_loss(self, enhanced):
        return semantic_guidance_loss(self.seg(enhanced))

    def get_loss(self, maps, enhanced, image, target):
        loss = self.L_spa(enhanced, image) + 5 * self.L_color(enhanced) + 1600 * self.L_TV(maps)
        return loss + 10 * self.L_exp(enhanced, target) + 0.1 * self.get_seg_loss(enhanced)

    def train(self):
        for epoch in range(self.num_epochs):
            for image in self.train_loader:
                enhanced, maps = self.net(image)
                self.optimizer.zero_grad()
                self.get_loss(maps, enhanced, image, self.E).backward()
                torch.nn.utils.clip_grad_norm_(self.net.parameters(), 0.1)
                self.optimizer.step()
""",
}


ENLIGHTENGAN = {
    "options/train_options.py": """
import argparse
import os

class TrainOptions:
    def parse(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--checkpoints_dir")
        parser.add_argument("--vgg_choose")
        parser.add_argument("--patchSize", type=int)
        options, _ = parser.parse_known_args()
        print("options", options)
        os.mkdir(options.checkpoints_dir + "/enlightening")
        return options
""",
    "models/__init__.py": "",
    "models/networks.py": """
import torch
from torchvision.models.vgg import cfgs, make_layers
from mmlle.models import EnlightenGANGenerator

class Vgg16(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.features = make_layers(cfgs["D"])

    def forward(self, image):
        for index, layer in enumerate(self.features[:26]):  # to relu5_1
            image = image if index == 23 else layer(image)
        return image

def load_vgg16(folder, gpus):
    raise FileNotFoundError(folder)

class Generator(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.network = EnlightenGANGenerator()

    def state_dict(self):
        state = {}
        for name, value in self.network.state_dict().items():
            part, number, *rest = name.split(".", 2)
            if part == "up":
                name = f"deconv{int(number) + 5}.{rest[0]}"
            elif part in ("down", "merge"):
                level = int(number) + dict(down=1, merge=6)[part]
                name = f"{rest[0][:4].replace('norm', 'bn')}{level}_{rest[0][4:]}"
            state[name.replace("residual", "conv10")] = value
        return state

    def load_state_dict(self, state):
        assert list(state) == list(self.state_dict())
        self.network.load_state_dict(dict(zip(self.network.state_dict(), state.values())))

    def forward(self, image, attention):
        enhanced = self.network((image + 1) / 2)
        return 2 * enhanced - 1, enhanced
""",
    "models/single_model.py": """
import torch
from mmlle.models import PatchGANDiscriminator
from mmlle.models.losses import relativistic_gan_loss, self_feature_preserving_loss
from . import networks

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"

class SingleModel:
    def initialize(self, options):
        assert torch.cuda.is_available()
        self.vgg = networks.load_vgg16("./model", [0])
        parts = networks.Generator(), PatchGANDiscriminator(5), PatchGANDiscriminator(4)
        self.netG_A, self.netD_A, self.netD_P = (torch.nn.DataParallel(x.to(DEVICE), [0]) for x in parts)
        self.optimizers = [torch.optim.Adam(x.parameters(), lr=1e-4, betas=(0.5, 0.999)) for x in parts]

    def set_input(self, images):
        self.images = images

    def forward(self):
        self.real, self.low = self.images["B"], self.images["A"]
        self.fake, _ = self.netG_A(self.images["input_img"], self.images["A_gray"])

    def cut(self, image):
        return image[..., :32, :32]

    def features(self, image):
        bgr = 255 * (image.flip(1) + 1) / 2
        return self.vgg(bgr)

    def judge(self, network, image):
        return network((image + 1) / 2)

    def backward_G(self, epoch):
        real, fake = self.judge(self.netD_A, self.real), self.judge(self.netD_A, self.fake)
        patch = self.judge(self.netD_P, self.cut(self.fake))
        self.loss_G = relativistic_gan_loss(fake, real) + (patch - 1).square().mean()
        for cut in (lambda image: image, self.cut):
            found, wanted = self.features(cut(self.fake)), self.features(cut(self.low))
            self.loss_G = self.loss_G + self_feature_preserving_loss(found, wanted)
        self.loss_G.backward()

    def backward_D_A(self):
        real, fake = self.judge(self.netD_A, self.real), self.judge(self.netD_A, self.fake.detach())
        self.loss_D_A = relativistic_gan_loss(real, fake)
        self.loss_D_A.backward()

    def backward_D_P(self):
        real, fake = (self.judge(self.netD_P, self.cut(x)) for x in (self.real, self.fake.detach()))
        self.loss_D_P = ((real - 1).square().mean() + fake.square().mean()) / 2
        self.loss_D_P.backward()

    def optimize_parameters(self, epoch):
        self.forward()
        for optimizer, steps in zip(self.optimizers, ([lambda: self.backward_G(epoch)], [self.backward_D_A],
                                                      [self.backward_D_P]), strict=True):
            optimizer.zero_grad()
            for step in steps:
                step()
            optimizer.step()
""",
}


#: Files by path, of each method.
FILES = {
    "enhancenet": {"enhancenet.py": "import nnlib\n", "nnlib.py": "import tensorflow as tf\n"},
    "enlightengan": ENLIGHTENGAN,
    "pairlie": PAIRLIE,
    "sgz": SGZ,
    "zero_dce": ZERO_DCE,
}


def write(method: str, folder: Path) -> Path:
    """Write the repository of a method; returns its folder."""
    for name, text in FILES[method].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
