default_scope = "mmlle"

# The seed also decides the order of the data and its augmentation: a run can be repeated and resumed exactly.
randomness = dict(seed=0)

default_hooks = dict(
    timer=dict(type="IterTimerHook"),
    logger=dict(type="LoggerHook", interval=50),
    param_scheduler=dict(type="ParamSchedulerHook"),
    # Ours have the prefix, so that they are found under the default_scope of a config that inherits this one.
    # The newest three checkpoints are kept, and the one with the best PSNR of all validations.
    checkpoint=dict(
        type="mmlle.CheckpointHook", interval=1, max_keep_ckpts=3, save_best="PSNR", rule="greater"
    ),
    mean_loss=dict(type="mmlle.MeanLossHook"),
    nan_guard=dict(type="mmlle.NaNGuardHook"),
    zero_denormals=dict(type="mmlle.ZeroDenormalsHook"),
    sampler_seed=dict(type="DistSamplerSeedHook"),
    grad_norm=dict(type="mmlle.GradNormHook"),
    picture=dict(type="mmlle.PictureHook"),
)

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0),
    dist_cfg=dict(backend="nccl"),
)

# For TensorBoard, add dict(type="TensorboardVisBackend").
visualizer = dict(type="Visualizer", vis_backends=[dict(type="LocalVisBackend")])

log_processor = dict(by_epoch=True)
log_level = "INFO"
load_from = None
resume = False
