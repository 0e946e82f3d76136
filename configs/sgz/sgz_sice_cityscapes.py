# Guided by real semantics: MMSegmentation's Semantic FPN, trained on Cityscapes. The original's head
# is random.
_base_ = ["./sgz_sice.py"]

model = dict(
    semantic_loss=dict(
        # It was trained with MMSegmentation's own way to enlarge.
        segmentor=dict(
            neck=dict(upsample_cfg=dict(_delete_=True, mode="nearest")), decode_head=dict(num_classes=19)
        ),
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        weights="https://download.openmmlab.com/mmsegmentation/v0.5/sem_fpn/"
        "fpn_r50_512x1024_80k_cityscapes/"
        "fpn_r50_512x1024_80k_cityscapes_20200717_021437-94018a0d.pth",
    )
)
