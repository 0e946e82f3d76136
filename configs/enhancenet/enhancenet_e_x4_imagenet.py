# Super-resolution measured by recognition, with the protocol of EnhanceNet's paper: the first 1000 validation
# photographs of ImageNet at 224x224, reduced to 56x56, super-resolved and classified by a ResNet-50. It tests
# a checkpoint of any of the variants.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/super_resolution.py",
    "../_base_/models/enhancenet.py",
    "../_base_/schedules/enhancenet_20e.py",
    "../_base_/protocols/sr_recognition.py",
]

resize = dict(type="mmagic.Resize", keys=["gt"], scale=(224, 224), interpolation="lanczos", backend="pillow")
test_pipeline = [_base_.load, resize, _base_.make_low_resolution, _base_.pack]

model = dict(pixel_loss=_base_.pixel_loss)
train_dataloader = dict(batch_size=16)
test_dataloader = dict(
    dataset=dict(data_root="data/ImageNet/val", indices=1000, pipeline=test_pipeline, prepare=None),
)
